import { setImmediate } from 'node:timers/promises';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { startSimulatorPair } from '../../src/simulator/simulator-pair.ts';

/** Writes a line for each thing that goes wrong: what it was, why, and what is left of it: timers and open doors. */

/** Those that were just closed are gone after a turn of the loop. */
const live = async () => {
  await setImmediate();
  return process.getActiveResourcesInfo().filter((each) => each === 'Timeout' || each === 'TCPServerWrap').length;
};

const holder = await startSimulator({});
const { port } = holder;
// Its snapshot policy makes timers.
const volume = { name: 'a', size: '1GB', svm: { name: 'svm0' }, aggregates: [{ name: 'aggr1_n1' }] };
await holder.call('POST', '/storage/volumes?return_timeout=15', volume);
const state = holder.dump();
// Found only when all is there.
const broken = state.replace('"name":"a"', '"$held":7,"name":"a"');

const cases: Readonly<Record<string, () => unknown>> = {
  'a port is taken': () => startSimulator({ state, port }),
  'the port of the control plane is taken': () => startSimulator({ state, controlPort: port }),
  'a state to start with is broken': () => startSimulator({ state: broken }),
  'the port of the second of two is taken': () => startSimulatorPair({ first: { state }, second: { port } }),
  'an SVM of two is not there': () => startSimulatorPair({ peers: [{ first: 'svm0', second: 'gone' }] }),
  'a state to take up is broken': () => holder.restore(broken),
  'a release is none': () => holder.reconfigure({ version: 'new' }),
};
for (const [name, work] of Object.entries(cases)) {
  const before = await live();
  let message = 'nothing';
  try {
    await work();
  } catch (error) {
    message = String(error);
  }
  process.stdout.write(`${JSON.stringify({ name, message, left: (await live()) - before })}\n`);
}
await holder.stop();
