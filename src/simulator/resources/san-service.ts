import type { Fields, Resource } from '../core/declaration.ts';
import { flag, text, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { requiredSvm, unmeasured } from './common.ts';
import { onePerSvm } from './each-svm.ts';

/** What tells the iSCSI and the FC service apart. */
export interface SanProtocol {
  readonly kind: string;
  readonly path: string;
  readonly name: 'iSCSI' | 'Fibre Channel Protocol';
  /** As licences and the flags of an SVM have it. */
  readonly flag: 'iscsi' | 'fcp';
  readonly existsCode: number;
  readonly absentCode: number;
  /** The target's own fields. */
  readonly targetFields: Fields;
  /** The target of a new service. */
  readonly target: (svm: Entry, draft: Entry | undefined, world: World) => Readonly<Record<string, string>>;
  /** What else is there from the moment that the service is. */
  readonly furnish?: (svm: Entry, world: World) => void;
}

/** The flag of the SVM follows the service. */
const mirror = (service: Entry, protocol: SanProtocol, enabled: boolean, world: World) => {
  const svm = text(service, 'svm');
  if (world.store.find('svm', svm)) world.store.change('svm', svm, { [`${protocol.flag}.enabled`]: enabled });
};

const checkPossible = (svm: Entry, protocol: SanProtocol, world: World) => {
  const name = text(svm, 'name');
  if (!world.store.all('licence').some((licence) => licence['name'] === protocol.flag)) {
    throw new Refusal(400, 1115127, `The cluster lacks a valid ${protocol.name} license.`);
  }
  if (!flag(svm, `${protocol.flag}.allowed`))
    throw new Refusal(400, 2621507, `${protocol.name} is not allowed for the SVM "${name}".`, 'svm');
  if (text(svm, 'state') !== 'running') {
    throw new Refusal(
      400,
      5374893,
      `The SVM "${name}" is stopped. It must be running to create a ${protocol.name} service.`,
      'svm',
    );
  }
};

const establish = (svm: Entry, protocol: SanProtocol, world: World): Entry => {
  const service: Entry = { $id: svm.$id, svm: svm.$id, enabled: true, ...protocol.target(svm, undefined, world) };
  world.store.put(protocol.kind, service);
  protocol.furnish?.(svm, world);
  return service;
};

/** A SAN service: at most one per SVM and protocol, addressed by the SVM. */
export const sanService = (protocol: SanProtocol): Resource => ({
  kind: protocol.kind,
  path: protocol.path,
  keys: ['svm.uuid'],
  order: ['svm'],
  fields: { svm: requiredSvm, enabled: { kind: 'boolean', default: true }, ...protocol.targetFields, ...unmeasured },
  ...onePerSvm(() => new Refusal(409, protocol.existsCode, `The SVM has a ${protocol.name} service already.`, 'svm')),
  absent: () => new Refusal(404, protocol.absentCode, `The SVM has no ${protocol.name} service.`),
  reactions: [
    {
      to: 'svm',
      // An SVM that is made with the protocol switched on has the service.
      created: (svm, { world }) => {
        if (flag(svm, `${protocol.flag}.enabled`)) establish(svm, protocol, world);
      },
    },
  ],
  create: {
    asynchronous: false,
    prepare: (draft, { world }) => {
      const svm = world.store.get('svm', text(draft, 'svm'));
      checkPossible(svm, protocol, world);
      return { ...draft, ...protocol.target(svm, draft, world) };
    },
    effects: (entry, { world }) => {
      mirror(entry, protocol, flag(entry, 'enabled'), world);
      protocol.furnish?.(world.store.get('svm', text(entry, 'svm')), world);
    },
  },
  modify: {
    asynchronous: false,
    effects: (entry, _before, { world }) => mirror(entry, protocol, flag(entry, 'enabled'), world),
  },
  remove: {
    asynchronous: false,
    check: (entry) => {
      if (flag(entry, 'enabled')) {
        throw new Refusal(
          409,
          5373960,
          `The ${protocol.name} service is enabled. It must be disabled before it can be deleted.`,
        );
      }
    },
    effects: (entry, { world }) => mirror(entry, protocol, false, world),
  },
  seed: ({ svms }, world) =>
    svms
      .filter((svm) => svm.protocols.includes(protocol.flag))
      .flatMap(({ name }) => {
        const svm = world.store.by('svm', 'name', name)[0];
        if (!svm) return [];
        return [establish(svm, protocol, world)];
      }),
});
