import { moveExternal } from '../../client/wire/move.ts';
import type { MoveView } from '../orchestrator/orchestrator.ts';
import { callOptions, type HandlerContext, type HandlersFor } from './handler.ts';

const toWire = (view: MoveView) => ({ volumeMove: moveExternal.write(view) });

export const moveHandlers = (context: HandlerContext): HandlersFor<'getVolumeMove' | 'moveVolume'> => ({
  getVolumeMove: async (call) => toWire(await context.orchestrator().moves.get(call.params.volume, callOptions(call))),
  moveVolume: async (call) => {
    const { targetPool = '', sourcePool = '', targetNode = '', sourceNode = '' } = call.body();
    const wish = { targetPool, sourcePool, targetNode, sourceNode };
    return toWire(await context.orchestrator().moves.move(call.params.volume, wish, callOptions(call)));
  },
});
