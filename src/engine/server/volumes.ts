import type { VolumeRecord } from '../orchestrator/model.ts';
import type { Orchestrator } from '../orchestrator/orchestrator.ts';
import { Problem } from '../problem.ts';
import { cloneRequestOf, importRequestOf, volumeRequestOf } from './from-wire.ts';
import { callOptions, FailedAnswer, listening, mandatory, type HandlerContext, type HandlersFor } from './handler.ts';
import { volumeToWire } from './volume-to-wire.ts';

type Names =
  | 'addVolume'
  | 'getVolume'
  | 'listVolumes'
  | 'listVolumeDetails'
  | 'deleteVolume'
  | 'updateVolumeLUKSPassphraseNames'
  | 'updateVolume'
  | 'importVolume'
  | 'cloneVolume'
  | 'resizeVolume'
  | 'getCHAP';

const notFound = (message: string): Problem =>
  new Problem('volume.not-found', 'notFound', message, { nothingDone: true });

const isSubordinate = (volume: VolumeRecord): boolean => volume.config.shareSourceVolume !== '';

/** The volumes a query asks for: those that share a source, or the source of one that does (rest-api.md §4.7). */
const selectVolumes = async (
  orchestrator: Orchestrator,
  query: Readonly<Record<string, string>>,
): Promise<readonly VolumeRecord[]> => {
  const volumes = await orchestrator.volumes.list();
  const source = query['subordinateOf'];
  if (source !== undefined) {
    if (source !== '' && !volumes.some((volume) => volume.config.name === source && !isSubordinate(volume)))
      throw notFound(`source volume ${source} not found`);
    return volumes.filter(
      (volume) => isSubordinate(volume) && (source === '' || volume.config.shareSourceVolume === source),
    );
  }
  const child = query['parentOfSubordinate'];
  if (child === undefined) return volumes;
  const parent = volumes.find((volume) => volume.config.name === child && isSubordinate(volume))?.config
    .shareSourceVolume;
  if (parent === undefined) throw notFound(`subordinate volume ${child} not found`);
  return volumes.filter((volume) => volume.config.name === parent);
};

const settingHandlers = (
  context: HandlerContext,
): HandlersFor<'updateVolumeLUKSPassphraseNames' | 'updateVolume' | 'getCHAP'> => ({
  updateVolumeLUKSPassphraseNames: async (call) => {
    const { volumes } = context.orchestrator();
    const { volume: name } = call.params;
    // Looked up before the body is read, and told as it is before the change.
    const volume = volumeToWire(await volumes.get(name));
    const names = call.body();
    try {
      return { volume: volumeToWire(await volumes.setPassphraseNames(name, names, callOptions(call))) };
    } catch (error) {
      if (!Problem.is(error)) throw error;
      const text = `failed to update LUKS passphrase names for volume ${name}: ${error.message}`;
      throw new FailedAnswer(new Problem(error.code, error.kind, text, { cause: error }), { volume });
    }
  },
  updateVolume: async (call) => {
    const { volumes } = context.orchestrator();
    const { snapshotDirectory = '', poolLevel = false } = call.body() ?? {};
    const request = { snapshotDirectory, poolLevel };
    return { volume: volumeToWire(await volumes.update(call.params.volume, request, callOptions(call))) };
  },
  getCHAP: async (call) => {
    // The node makes no difference: what is asked of initiators is asked of all.
    const credentials = await context.orchestrator().volumes.chap(call.params.volume);
    return { chap: { useCHAP: credentials !== undefined, ...credentials } };
  },
});

export const volumeHandlers = (context: HandlerContext): HandlersFor<Names> => ({
  ...settingHandlers(context),
  addVolume: async (call) => {
    const request = volumeRequestOf(call.body());
    const volume = await context.orchestrator().volumes.create(request, callOptions(call));
    return { backend: volume.backendUUID };
  },
  getVolume: async (call) => ({ volume: volumeToWire(await context.orchestrator().volumes.get(call.params.volume)) }),
  listVolumes: async (call) => {
    const orchestrator = context.orchestrator();
    const isFiltered = 'subordinateOf' in call.query || 'parentOfSubordinate' in call.query;
    const volumes = isFiltered
      ? (await selectVolumes(orchestrator, call.query)).map((volume) => volume.config.name)
      : await orchestrator.volumes.names();
    return { volumes, details: '/details/volume' };
  },
  listVolumeDetails: async (call) => ({
    volumes: (await selectVolumes(context.orchestrator(), call.query)).map(volumeToWire),
  }),
  deleteVolume: async (call) => {
    const { warn, warnings } = listening();
    await context.orchestrator().volumes.remove(call.params.volume, { ...callOptions(call), warn });
    return warnings();
  },
  importVolume: async (call) => {
    const request = importRequestOf(call.body());
    return { volume: volumeToWire(await context.orchestrator().volumes.import(request, callOptions(call))) };
  },
  cloneVolume: async (call) => {
    const request = cloneRequestOf(call.params.volume, call.body());
    return { volume: volumeToWire(await context.orchestrator().volumes.clone(request, callOptions(call))) };
  },
  resizeVolume: async (call) => {
    const { size = '' } = call.body();
    if (size === '') throw mandatory('the following field for a resize is mandatory: size', ['size']);
    const volume = await context.orchestrator().volumes.resize(call.params.volume, size, callOptions(call));
    return { volume: volumeToWire(volume) };
  },
});
