import { Problem } from '../problem.ts';

/** What is logged: level, workflows, layers. Kept for the process, told to nodes when they register (rest-api.md §4.20). */
export interface LogSettings {
  level(): string;
  /** @throws Problem for a word that is no level */
  setLevel(level: string): void;
  workflows(): string;
  /** Takes `core=init:volume=create,delete`; refuses as a whole. */
  setWorkflows(text: string): void;
  layers(): string;
  /** Takes `core,rest_frontend`; a leading `+` adds layers to the workflows instead of narrowing them. */
  setLayers(text: string): void;
}

const levels = ['trace', 'debug', 'info', 'warning', 'error', 'fatal', 'panic'];

/** Operations of each category, as stock lists them (logging/workflow.go). */
const workflowTable: Readonly<Record<string, readonly string[]>> = {
  backend: ['create', 'delete', 'get', 'list', 'update'],
  controller_server: ['get_capabilities', 'publish', 'unpublish'],
  core: ['bootstrap', 'init', 'node_reconcile', 'version'],
  cr: ['reconcile'],
  crd_controller: ['create'],
  grpc: ['trace'],
  k8s_client: ['trace_api', 'trace_factory'],
  node: ['create', 'delete', 'get', 'get_capabilities', 'get_info', 'get_response', 'list', 'update'],
  node_server: ['publish', 'stage', 'unpublish', 'unstage'],
  plugin: ['activate', 'create', 'deactivate', 'get', 'list'],
  snapshot: ['clone_from', 'create', 'delete', 'get', 'list', 'update'],
  storage_class: ['create', 'delete', 'get', 'list', 'update'],
  storage_client: ['create'],
  trident_rest: ['logger'],
  volume: [
    'clone',
    'create',
    'delete',
    'get',
    'get_capabilities',
    'get_path',
    'get_stats',
    'import',
    'list',
    'mount',
    'resize',
    'unmount',
    'update',
    'upgrade',
  ],
};

/** As stock lists them (logging/layer.go). */
export const availableLayers: readonly string[] = [
  'all',
  'autogrow',
  'azure-netapp-files',
  'core',
  'crd_frontend',
  'csi_frontend',
  'docker_frontend',
  'fake',
  'ontap-nas',
  'ontap-nas-economy',
  'ontap-nas-flexgroup',
  'ontap-san',
  'ontap-san-economy',
  'persistent_store',
  'rest_frontend',
  'solidfire-san',
];

export const availableWorkflows: readonly string[] = Object.entries(workflowTable).map(
  ([category, names]) => `${category}=${names.join(',')}`,
);

const refuse = (message: string, hint: string): Problem =>
  new Problem('logging.setting', 'invalid', message, { hint, nothingDone: true });

const readCategory = (text: string): readonly [category: string, names: readonly string[]] => {
  const [category = '', list] = text.split('=');
  if (list === undefined)
    throw refuse(
      `workflow string: ${text} did not contain a "=" character`,
      'write category=operation,operation:category=operation',
    );
  const known = workflowTable[category];
  if (known === undefined)
    throw refuse(
      `provided workflow category: ${category} is not a valid workflow category`,
      `categories: ${Object.keys(workflowTable).join(', ')}`,
    );
  const names = list.split(',');
  const unknown = names.find((name) => name !== 'all' && !known.includes(name));
  if (unknown !== undefined)
    throw refuse(
      `provided workflow operation: ${unknown} is not a valid operation for category: ${category}`,
      `operations of ${category}: ${known.join(', ')}, all`,
    );
  return [category, names];
};

/** `core=init:volume=create,delete`: categories and operations sorted, each once. */
const canonicalWorkflows = (text: string): string => {
  const selected = new Map<string, Set<string>>();
  if (text !== '')
    for (const [category, names] of text.split(':').map(readCategory)) {
      const set = selected.get(category) ?? new Set<string>();
      for (const name of names) set.add(name);
      selected.set(category, set);
    }
  return [...selected]
    .map(([category, set]) => `${category}=${set.has('all') ? 'all' : [...set].sort().join(',')}`)
    .sort()
    .join(':');
};

const canonicalLayers = (text: string): readonly string[] => {
  const names = text === '' ? [] : text.split(',');
  const unknown = names.find((name) => name !== 'none' && !availableLayers.includes(name));
  if (unknown !== undefined)
    throw refuse(`provided log layer: ${unknown} is not a valid log layer`, `layers: ${availableLayers.join(', ')}`);
  return names.includes('all') ? ['all'] : [...new Set(names)].sort();
};

/** Settings as a process starts with them: level info, nothing selected. */
export const createLogSettings = (): LogSettings => {
  let level = 'info';
  let workflows = '';
  let layers: readonly string[] = [];
  let additive = false;
  return {
    level: () => level,
    setLevel: (text) => {
      const word = text.toLowerCase() === 'warn' ? 'warning' : text.toLowerCase();
      if (!levels.includes(word))
        throw refuse(`Provided log level: ${text} not a valid log level!`, `levels: ${levels.join(', ')}`);
      level = word;
    },
    workflows: () => workflows,
    setWorkflows: (text) => {
      workflows = canonicalWorkflows(text);
    },
    layers: () => `${additive && layers.length > 0 ? '+' : ''}${layers.join(',')}`,
    setLayers: (text) => {
      const adds = text.startsWith('+');
      layers = canonicalLayers(adds ? text.slice(1) : text);
      // Clearing the selection keeps the mode, as in stock.
      if (text !== '') additive = adds;
    },
  };
};
