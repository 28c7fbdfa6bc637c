import type { Resource } from '../core/declaration.ts';
import { text, type Entry } from '../core/entry.ts';
import { isHeld } from '../core/job-time.ts';
import { JOB } from '../core/jobs.ts';
import { invalidValue, Refusal } from '../core/refusal.ts';
import { readOnly, uuidField } from './common.ts';
import { goOnMoving } from './volume-movement-steering.ts';

const ACTIONS = ['cancel', 'pause', 'resume'];

/** No simulated job can be cancelled or paused; one that a fault or the pause of a move has paused can be resumed. */
const checkAction = (entry: Entry, action: string) => {
  if (!ACTIONS.includes(action)) throw invalidValue(action, 'action', ACTIONS.join('|'));
  const state = text(entry, 'state');
  if (state === 'success' || state === 'failure')
    throw new Refusal(409, 458762, 'The job has reached its end.', 'action');
  if (action === 'cancel') throw new Refusal(409, 458784, 'The job cannot be cancelled.', 'action');
  if (action === 'pause') throw new Refusal(409, 458783, 'The job cannot be paused.', 'action');
  if (state === 'running') throw new Refusal(409, 458771, 'The job is running.', 'action');
  if (state !== 'paused') throw new Refusal(409, 458776, 'The job is not running.', 'action');
};

/** `/cluster/jobs`: what `core/jobs.ts` keeps. */
export const job: Resource = {
  kind: JOB,
  path: '/cluster/jobs',
  keys: ['uuid'],
  fields: {
    uuid: uuidField,
    description: readOnly('string'),
    state: readOnly('enum', { values: ['queued', 'running', 'paused', 'success', 'failure'] }),
    message: readOnly('string'),
    code: readOnly('integer'),
    'error.message': readOnly('string'),
    'error.code': readOnly('string'),
    start_time: readOnly('time'),
    end_time: readOnly('time'),
    node: { kind: 'ref', to: 'node', children: ['name'], write: 'never' },
    svm: { kind: 'ref', to: 'svm', write: 'never' },
  },
  parameters: { modify: ['action'] },
  modify: {
    asynchronous: false,
    mayBeEmpty: ({ parameters }) => parameters['action'] !== undefined,
    prepare: (_changes, before, { parameters }) => {
      const { action } = parameters;
      if (action !== undefined) checkAction(before, action);
      return {};
    },
    effects: (after, _before, { world, parameters }) => {
      if (parameters['action'] === undefined) return;
      if (isHeld(after)) goOnMoving(after, world);
      else world.jobs.takeUp(after.$id);
    },
  },
  beforeRead: (entry, world) => world.jobs.read(entry),
  reactions: [
    {
      to: 'svm',
      removed: (svm, { world }) => {
        for (const each of world.store.all(JOB)) {
          if (each['svm'] === svm.$id) world.store.change(JOB, each.$id, { svm: undefined });
        }
      },
    },
  ],
};
