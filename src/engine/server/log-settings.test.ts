import { describe, expect, it } from 'vitest';
import { availableWorkflows, createLogSettings } from './log-settings.ts';

describe('log settings', () => {
  it('begin with level info and nothing selected', () => {
    const settings = createLogSettings();
    expect([settings.level(), settings.workflows(), settings.layers()]).toEqual(['info', '', '']);
  });

  it.each([
    ['WARN', 'warning'],
    ['Warning', 'warning'],
    ['trace', 'trace'],
  ])('take level %s', (given, shown) => {
    const settings = createLogSettings();
    settings.setLevel(given);
    expect(settings.level()).toBe(shown);
  });

  it('refuse an unknown level and keep the old one', () => {
    const settings = createLogSettings();
    expect(() => settings.setLevel('loud')).toThrow('Provided log level: loud not a valid log level!');
    expect(settings.level()).toBe('info');
  });

  it.each([
    ['volume=delete,create:core=init', 'core=init:volume=create,delete'],
    ['volume=create:volume=delete', 'volume=create,delete'],
    ['volume=create,all', 'volume=all'],
    ['', ''],
  ])('show workflows %j sorted', (given, shown) => {
    const settings = createLogSettings();
    settings.setWorkflows(given);
    expect(settings.workflows()).toBe(shown);
  });

  it.each([
    ['volume', 'workflow string: volume did not contain a "=" character'],
    ['volume = create', 'provided workflow category: volume  is not a valid workflow category'],
    ['bogus=all', 'provided workflow category: bogus is not a valid workflow category'],
    ['core=init:volume=fly', 'provided workflow operation: fly is not a valid operation for category: volume'],
  ])('refuse workflows %j as a whole', (given, message) => {
    const settings = createLogSettings();
    settings.setWorkflows('core=init');
    expect(() => settings.setWorkflows(given)).toThrow(message);
    expect(settings.workflows()).toBe('core=init');
  });

  it('list every category', () => {
    expect(availableWorkflows).toHaveLength(15);
  });

  it('keep the additive mode of layers until another selection', () => {
    const settings = createLogSettings();
    settings.setLayers('+core');
    expect(settings.layers()).toBe('+core');
    settings.setLayers('');
    expect(settings.layers()).toBe('');
    settings.setLayers('rest_frontend,core');
    expect(settings.layers()).toBe('core,rest_frontend');
    expect(() => settings.setLayers('core,+fake')).toThrow('provided log layer: +fake is not a valid log layer');
    expect(settings.layers()).toBe('core,rest_frontend');
  });
});
