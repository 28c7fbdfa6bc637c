import { mirrorExternal } from '../../client/wire/mirror.ts';
import type { MirrorView } from '../orchestrator/orchestrator.ts';
import { callOptions, type HandlerContext, type HandlersFor } from './handler.ts';

type Names =
  | 'getMirror'
  | 'establishMirror'
  | 'reestablishMirror'
  | 'promoteMirror'
  | 'updateMirror'
  | 'releaseMirrors';

const toWire = ({ local, remote, transfer, ...view }: MirrorView) => ({
  mirror: mirrorExternal.write({
    ...view,
    localVolume: local,
    remoteVolume: remote,
    transferState: transfer.state,
    transferEnded: transfer.ended,
  }),
});

export const mirrorHandlers = (context: HandlerContext): HandlersFor<Names> => ({
  getMirror: async (call) => toWire(await context.orchestrator().mirrors.get(call.params.volume, callOptions(call))),
  establishMirror: async (call) => {
    const { remoteVolume: remote = '', policy = '', schedule = '' } = call.body();
    const request = { remote, policy, schedule };
    return toWire(await context.orchestrator().mirrors.establish(call.params.volume, request, callOptions(call)));
  },
  reestablishMirror: async (call) => {
    const { remoteVolume: remote = '', policy = '', schedule = '' } = call.body();
    const request = { remote, policy, schedule };
    return toWire(await context.orchestrator().mirrors.reestablish(call.params.volume, request, callOptions(call)));
  },
  promoteMirror: async (call) => {
    const { remoteVolume: remote = '', snapshot = '' } = call.body();
    const request = { remote, snapshot };
    return toWire(await context.orchestrator().mirrors.promote(call.params.volume, request, callOptions(call)));
  },
  updateMirror: async (call) => {
    const { snapshot = '' } = call.body();
    return toWire(await context.orchestrator().mirrors.update(call.params.volume, snapshot, callOptions(call)));
  },
  releaseMirrors: async (call) => {
    const { remoteVolume = '' } = call.body();
    return {
      released: await context.orchestrator().mirrors.release(call.params.volume, remoteVolume, callOptions(call)),
    };
  },
});
