import type { AnyCommand } from './command.ts';

/** A word of the command line: it has words below it, an action, or both (`update backend`, `update backend state`). */
export interface CommandNode {
  readonly name: string;
  readonly aliases: readonly string[];
  /** The same text as the command's own; here so that help lists it without loading the command. A test compares. */
  readonly summary: string;
  readonly hidden?: true;
  readonly children: readonly CommandNode[];
  readonly load?: () => Promise<{ readonly command: AnyCommand }>;
}

type Load = NonNullable<CommandNode['load']>;

const leaf = (name: string, aliases: readonly string[], summary: string, load: Load): CommandNode => ({
  name,
  aliases,
  summary,
  children: [],
  load,
});
const verb = (name: string, summary: string, children: readonly CommandNode[]): CommandNode => ({
  name,
  aliases: [],
  summary,
  children,
});

/** What talks to a simulator that runs. */
const simulatorWords: readonly CommandNode[] = [
  {
    ...leaf('clock', [], 'Show the clock of a running simulator', () => import('../commands/simulator/clock.ts')),
    children: [
      leaf(
        'advance',
        [],
        'Move the clock of a running simulator forward',
        () => import('../commands/simulator/clock/advance.ts'),
      ),
      leaf('run', [], 'Let the clock of a running simulator run', () => import('../commands/simulator/clock/run.ts')),
      leaf(
        'set',
        [],
        'Let the clock of a running simulator stand at a later instant',
        () => import('../commands/simulator/clock/set.ts'),
      ),
    ],
  },
  leaf('dump', [], 'Print the whole state of a running simulator', () => import('../commands/simulator/dump.ts')),
  {
    ...leaf(
      'faults',
      ['fault'],
      'Show the faults of a running simulator and how often they struck',
      () => import('../commands/simulator/faults.ts'),
    ),
    children: [
      leaf('add', [], 'Add faults to a running simulator', () => import('../commands/simulator/faults/add.ts')),
      leaf(
        'remove',
        ['rm'],
        'Remove faults of a running simulator',
        () => import('../commands/simulator/faults/remove.ts'),
      ),
    ],
  },
  leaf(
    'finish',
    [],
    'End a job of a running simulator that is stalled, paused or not yet done',
    () => import('../commands/simulator/finish.ts'),
  ),
  {
    ...leaf(
      'requests',
      ['request'],
      'Show the requests that a running simulator was sent',
      () => import('../commands/simulator/requests.ts'),
    ),
    children: [
      leaf(
        'clear',
        [],
        'Forget the requests that a running simulator was sent',
        () => import('../commands/simulator/requests/clear.ts'),
      ),
    ],
  },
  leaf(
    'restore',
    [],
    'Put a running simulator into a state that was dumped',
    () => import('../commands/simulator/restore.ts'),
  ),
  verb('set', 'Change what the REST API of a running simulator does not', [
    leaf(
      'aggregate',
      [],
      'Fill or enlarge an aggregate of a running simulator',
      () => import('../commands/simulator/set/aggregate.ts'),
    ),
    leaf(
      'interface',
      ['lif'],
      'Take a network interface of a running simulator down, or up again',
      () => import('../commands/simulator/set/interface.ts'),
    ),
    leaf(
      'node',
      [],
      'Take a node of a running simulator down, up again, or over',
      () => import('../commands/simulator/set/node.ts'),
    ),
    leaf(
      'volume',
      ['v'],
      'Let a volume of a running simulator hold data',
      () => import('../commands/simulator/set/volume.ts'),
    ),
  ]),
  leaf(
    'verify',
    [],
    'Check that the state of a running simulator holds together',
    () => import('../commands/simulator/verify.ts'),
  ),
];

/** Every command, in the order help lists them. */
export const commandTree: CommandNode = verb('tridentctl', 'Manage storage through Trident, NetApp’s or its own', [
  verb('create', 'Add a resource to Trident', [
    leaf('backend', ['b'], 'Add a storage backend', () => import('../commands/create/backend.ts')),
    leaf(
      'clone',
      [],
      'Create a volume from another volume or from a snapshot',
      () => import('../commands/create/clone.ts'),
    ),
    leaf(
      'groupsnapshot',
      ['gs', 'gsnap'],
      'Create snapshots of several volumes at one instant',
      () => import('../commands/create/groupsnapshot.ts'),
    ),
    leaf('node', ['n'], 'Register a node', () => import('../commands/create/node.ts')),
    leaf('snapshot', ['s', 'snap'], 'Create a snapshot of a volume', () => import('../commands/create/snapshot.ts')),
    leaf('storageclass', ['sc'], 'Add a storage class', () => import('../commands/create/storageclass.ts')),
    leaf('volume', ['v'], 'Create a volume', () => import('../commands/create/volume.ts')),
    leaf(
      'volume-move',
      ['tvm'],
      'Move a volume to another pool of its backend, while nodes use it',
      () => import('../commands/create/volume-move.ts'),
    ),
  ]),
  verb('get', 'Show one or more resources', [
    leaf(
      'autogrowpolicy',
      ['agp', 'autogrowpolicies'],
      'Show autogrow policies',
      () => import('../commands/get/autogrowpolicy.ts'),
    ),
    leaf('backend', ['b', 'backends'], 'Show storage backends', () => import('../commands/get/backend.ts')),
    leaf(
      'groupsnapshot',
      ['gs', 'gsnap', 'groupsnapshots'],
      'Show group snapshots',
      () => import('../commands/get/groupsnapshot.ts'),
    ),
    leaf('logconfig', ['lc'], 'Show the logging settings of the server', () => import('../commands/get/logconfig.ts')),
    leaf('node', ['n', 'nodes'], 'Show nodes', () => import('../commands/get/node.ts')),
    leaf(
      'operation',
      ['op', 'operations'],
      'Show the journal: operations that run, ended or were interrupted',
      () => import('../commands/get/operation.ts'),
    ),
    leaf(
      'publication',
      ['p', 'pub', 'vp', 'vpub'],
      'Show which volumes are published to which nodes',
      () => import('../commands/get/publication.ts'),
    ),
    leaf('snapshot', ['s', 'snap', 'snapshots'], 'Show snapshots', () => import('../commands/get/snapshot.ts')),
    leaf(
      'storageclass',
      ['sc', 'storageclasses'],
      'Show storage classes',
      () => import('../commands/get/storageclass.ts'),
    ),
    leaf('volume', ['v', 'volumes'], 'Show volumes', () => import('../commands/get/volume.ts')),
  ]),
  verb('update', 'Change a resource', [
    {
      ...leaf(
        'backend',
        ['b'],
        'Replace the configuration of a backend',
        () => import('../commands/update/backend.ts'),
      ),
      children: [
        leaf('state', ['s'], 'Suspend or resume a backend', () => import('../commands/update/backend-state.ts')),
      ],
    },
    leaf(
      'logconfig',
      ['lc'],
      'Change the logging settings of the server',
      () => import('../commands/update/logconfig.ts'),
    ),
    leaf('node', ['n'], 'Change what is known of the readiness of a node', () => import('../commands/update/node.ts')),
    leaf(
      'volume',
      ['v'],
      'Change the size or the snapshot directory of a volume',
      () => import('../commands/update/volume.ts'),
    ),
  ]),
  verb('delete', 'Remove one or more resources', [
    leaf('backend', ['b', 'backends'], 'Remove backends', () => import('../commands/delete/backend.ts')),
    leaf(
      'groupsnapshot',
      ['gs', 'gsnap', 'groupsnapshots'],
      'Delete group snapshots',
      () => import('../commands/delete/groupsnapshot.ts'),
    ),
    leaf('node', ['n', 'nodes'], 'Remove nodes', () => import('../commands/delete/node.ts')),
    leaf('snapshot', ['s', 'snap', 'snapshots'], 'Delete snapshots', () => import('../commands/delete/snapshot.ts')),
    leaf(
      'storageclass',
      ['sc', 'storageclasses'],
      'Remove storage classes',
      () => import('../commands/delete/storageclass.ts'),
    ),
    leaf('volume', ['v', 'volumes'], 'Delete volumes', () => import('../commands/delete/volume.ts')),
  ]),
  verb('import', 'Take over what already exists on the storage', [
    leaf('volume', ['v'], 'Import an existing volume', () => import('../commands/import/volume.ts')),
  ]),
  verb('publish', 'Give a node access', [
    leaf('volume', ['v'], 'Publish a volume to a node', () => import('../commands/publish/volume.ts')),
  ]),
  verb('unpublish', 'Take access away from a node', [
    leaf('volume', ['v'], 'Unpublish a volume from a node', () => import('../commands/unpublish/volume.ts')),
  ]),
  verb('restore', 'Bring back an earlier state', [
    leaf(
      'snapshot',
      ['s', 'snap'],
      'Set a volume back to one of its snapshots',
      () => import('../commands/restore/snapshot.ts'),
    ),
  ]),
  verb('mirror', 'Keep copies of volumes on another array', [
    leaf(
      'establish',
      [],
      'Make a volume the mirror of one on another array',
      () => import('../commands/mirror/establish.ts'),
    ),
    leaf('promote', [], 'Make a mirror a volume of its own', () => import('../commands/mirror/promote.ts')),
    leaf('reestablish', [], 'Make a promoted volume a mirror again', () => import('../commands/mirror/reestablish.ts')),
    leaf('release', [], 'Forget the mirrors of a volume', () => import('../commands/mirror/release.ts')),
    leaf('status', [], 'Show how mirrors stand, as the array tells', () => import('../commands/mirror/status.ts')),
    leaf('update', [], 'Bring a mirror up to date', () => import('../commands/mirror/update.ts')),
  ]),
  verb('repair', 'Put right what has drifted', [
    leaf(
      'access',
      [],
      'Bring access rules on the storage in line with what is published',
      () => import('../commands/repair/access.ts'),
    ),
  ]),
  leaf('recover', [], 'Finish or undo operations that were interrupted', () => import('../commands/recover.ts')),
  leaf('serve', [], 'Answer the REST API from the engine in this program', () => import('../commands/serve.ts')),
  {
    ...leaf('simulator', ['sim'], 'Run a simulated ONTAP cluster', () => import('../commands/simulator.ts')),
    children: simulatorWords,
  },
  leaf('version', [], 'Show the version of Trident', () => import('../commands/version.ts')),
  verb('completion', 'Print a script that completes commands in your shell', [
    leaf('bash', [], 'Completion for bash', () => import('../commands/completion/bash.ts')),
    leaf('fish', [], 'Completion for fish', () => import('../commands/completion/fish.ts')),
    leaf('powershell', [], 'Completion for PowerShell', () => import('../commands/completion/powershell.ts')),
    leaf('zsh', [], 'Completion for zsh', () => import('../commands/completion/zsh.ts')),
  ]),
]);
