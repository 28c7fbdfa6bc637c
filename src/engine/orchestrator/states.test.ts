import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveProtocol } from './protocols.ts';
import {
  backendStates,
  nextPublicationState,
  publicationStates,
  requireBackend,
  transition,
  volumeStates,
} from './states.ts';

describe('transition', () => {
  it('takes the steps of the table and stays where it is', () => {
    expect(transition(backendStates, 'b', 'online', 'offline')).toBe('offline');
    expect(transition(volumeStates, 'v', 'deleting', 'deleting')).toBe('deleting');
  });
  it.each(['online', 'offline', 'failed'] as const)('never lets a deleting backend become %s', (to) => {
    expect(() => transition(backendStates, 'b', 'deleting', to)).toThrow(`backend b cannot go from deleting to ${to}`);
  });
});

describe('requireBackend', () => {
  const backend = (state: 'online' | 'offline' | 'failed' | 'deleting') => ({ name: 'b', state, stateReason: '' });
  it('provisions only on an online backend', () => {
    expect(() => requireBackend(backend('deleting'), 'provision')).toThrow('backend b is not Online');
  });
  it('releases on an offline one, since offline is a hint', () => {
    requireBackend(backend('offline'), 'release');
    expect(() => requireBackend(backend('failed'), 'release')).toThrow('backend b is not Online or Deleting');
    expect(() => requireBackend(backend('offline'), 'publish')).toThrow('backend b is not Online or Deleting');
  });
});

describe('nextPublicationState', () => {
  const flag = fc.constantFrom(undefined, true, false);
  const flags = fc.record({ o: flag, a: flag, p: flag }).map(({ o, a, p }) => ({
    ...(o === undefined ? {} : { orchestratorReady: o }),
    ...(a === undefined ? {} : { administratorReady: a }),
    ...(p === undefined ? {} : { provisionerReady: p }),
  }));
  const state = fc.constantFrom('clean', 'cleanable', 'dirty');

  it('only takes steps of the table, and never from dirty to clean', () => {
    fc.assert(
      fc.property(state, flags, (from, given) => {
        const to = nextPublicationState(from, given);
        expect(() => transition(publicationStates, 'n', from, to)).not.toThrow();
        expect([from, to]).not.toEqual(['dirty', 'clean']);
      }),
    );
  });
  it('follows the rows', () => {
    const down = { orchestratorReady: false, administratorReady: false };
    const up = { orchestratorReady: true, administratorReady: true };
    expect(nextPublicationState('clean', down)).toBe('dirty');
    expect(nextPublicationState('dirty', { ...up, provisionerReady: true })).toBe('cleanable');
    expect(nextPublicationState('cleanable', up)).toBe('cleanable');
    expect(nextPublicationState('cleanable', { ...up, provisionerReady: true })).toBe('clean');
    expect(nextPublicationState('cleanable', down)).toBe('dirty');
    expect(nextPublicationState('clean', { orchestratorReady: false })).toBe('clean');
  });
});

describe('resolveProtocol', () => {
  it.each([
    ['Filesystem', '', '', ''],
    ['Filesystem', 'ReadWriteOnce', 'block', 'block'],
    ['Filesystem', 'ReadWriteMany', '', 'file'],
    ['Block', 'ReadWriteMany', '', 'block'],
    ['Block', '', 'block', 'block'],
  ])('%s, %j, %j gives %j', (mode, access, protocol, expected) => {
    expect(resolveProtocol(mode, access, protocol)).toBe(expected);
  });
  it.each([
    [
      'Filesystem',
      'ReadWriteMany',
      'block',
      'incompatible volume mode (Filesystem), access mode (ReadWriteMany) and protocol (block)',
    ],
    [
      'Block',
      'ReadWriteOnce',
      'file',
      'incompatible volume mode (Block), access mode (ReadWriteOnce) and protocol (file)',
    ],
    ['', '', '', 'invalid volume mode (), access mode () or protocol ()'],
    ['Filesystem', 'Sometimes', '', 'invalid volume mode (Filesystem), access mode (Sometimes) or protocol ()'],
  ])('%s, %j, %j is refused', (mode, access, protocol, text) => {
    expect(() => resolveProtocol(mode, access, protocol)).toThrow(text);
  });
});
