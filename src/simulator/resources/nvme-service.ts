import type { Resource } from '../core/declaration.ts';
import { flag, text, texts, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { requiredSvm, unmeasured } from './common.ts';

const SERVICE = 'nvme_service';

/** The flag of the SVM follows the service. */
const mirror = (service: Entry, enabled: boolean, world: World) => {
  const svm = text(service, 'svm');
  if (world.store.find('svm', svm)) world.store.change('svm', svm, { 'nvme.enabled': enabled });
};

/** Interfaces of the SVM that carry NVMe. */
export const nvmeInterfaces = (svm: string, world: World): readonly Entry[] =>
  world.store.by('ip_interface', 'svm', svm).filter((lif) => texts(lif, 'services').includes('data_nvme_tcp'));

const checkPossible = (svm: Entry, world: World) => {
  const name = text(svm, 'name');
  if (!world.topology.licences.includes('nvme_of'))
    throw new Refusal(400, 1115127, 'The cluster lacks a valid NVMe license.');
  if (!flag(svm, 'nvme.allowed')) throw new Refusal(400, 2621507, `NVMe is not allowed for the SVM "${name}".`, 'svm');
  if (text(svm, 'state') !== 'running')
    throw new Refusal(
      400,
      5374893,
      `The SVM "${name}" is stopped. The SVM must be running to create an NVMe service.`,
      'svm',
    );
};

const checkUnused = (service: Entry, world: World) => {
  const svm = text(service, 'svm');
  if (flag(service, 'enabled'))
    throw new Refusal(
      409,
      72090028,
      'The NVMe service is enabled. The NVMe service must be disabled before it can be deleted.',
    );
  if (world.store.by('nvme_subsystem', 'svm', svm).length > 0)
    throw new Refusal(409, 72089653, 'There are subsystems associated with the NVMe service SVM.');
  if (nvmeInterfaces(svm, world).length > 0)
    throw new Refusal(409, 72089654, 'There are NVMe-oF LIFs associated with the NVMe service SVM.');
};

/** `/protocols/nvme/services`: at most one per SVM, addressed by the SVM. */
export const nvmeService: Resource = {
  kind: SERVICE,
  path: '/protocols/nvme/services',
  keys: ['svm.uuid'],
  order: ['svm'],
  fields: {
    svm: requiredSvm,
    enabled: { kind: 'boolean', default: true },
    ...unmeasured,
  },
  indexes: ['svm'],
  unique: [
    {
      fields: ['svm'],
      refusal: () => new Refusal(409, 72089650, 'An NVMe service already exists for the specified SVM.', 'svm'),
    },
  ],
  absent: () => new Refusal(404, 72089651, 'The SVM does not have an NVMe service.'),
  identify: (draft) => text(draft, 'svm'),
  create: {
    asynchronous: false,
    prepare: (draft, { world }) => {
      checkPossible(world.store.get('svm', text(draft, 'svm')), world);
      return draft;
    },
    effects: (entry, { world }) => mirror(entry, flag(entry, 'enabled'), world),
  },
  modify: { asynchronous: false, effects: (entry, _before, { world }) => mirror(entry, flag(entry, 'enabled'), world) },
  remove: {
    asynchronous: false,
    check: (entry, { world }) => checkUnused(entry, world),
    effects: (entry, { world }) => mirror(entry, false, world),
  },
  reactions: [
    {
      to: 'svm',
      created: (svm, { world }) => {
        if (flag(svm, 'nvme.enabled')) world.store.put(SERVICE, { $id: svm.$id, svm: svm.$id, enabled: true });
      },
      removed: (svm, { world }) => {
        if (world.store.find(SERVICE, svm.$id)) world.store.remove(SERVICE, svm.$id);
      },
    },
  ],
  seed: ({ svms }, world) =>
    svms
      .filter((svm) => svm.protocols.includes('nvme'))
      .flatMap(({ name }) => {
        const svm = world.store.by('svm', 'name', name)[0];
        return svm ? [{ $id: svm.$id, svm: svm.$id, enabled: true }] : [];
      }),
};
