interface Difference {
  /** What our core answers. */
  readonly status: number;
  readonly why: string;
}

/** The same difference in several cases. */
const same = (names: readonly string[], status: number, why: string): Record<string, Difference> =>
  Object.fromEntries(names.map((name) => [name, { status, why }]));

/** Where our core answers otherwise than the recorded stock core, on purpose or because it cannot do it yet. */
export const differences: Readonly<Record<string, Difference>> = {
  ...same(
    ['notready-layers', 'notready-set-level', 'notready-workflows'],
    200,
    'logging answers and obeys while the core starts: that is when it is wanted most',
  ),
  'notready-put-node': {
    status: 503,
    why: 'nodes need no CSI front end here, so the core is asked, and it is not ready',
  },

  ...same(['raw-backend-empty', 'raw-backend-null', 'raw-backend-update-null'], 400, 'stock breaks the connection'),
  'raw-backend-userstate-unknown-driver': { status: 400, why: 'stock breaks the connection' },
  'raw-backend-version-string': { status: 400, why: 'the text names the key and what it must be' },
  'raw-backend-update-badjson': { status: 400, why: 'the text of another YAML parser' },
  'raw-backend-get-uf': { status: 404, why: 'a backend whose driver could not start is not kept' },
  'raw-backend-list': { status: 200, why: 'a backend whose driver could not start is not kept' },
  'raw-backend-userstate-initfail': {
    status: 400,
    why: 'a valid userState does not turn a failed start into a success',
  },
  ...same(
    ['raw-backend-get-cased', 'raw-backend-get-nopools'],
    200,
    'a fake backend without a protocol is a file backend, and says so',
  ),

  'raw-state-get-failed': { status: 200, why: 'a failed backend satisfies no storage class' },
  'raw-backend-get-deleting': { status: 200, why: 'the configuration is shown as it was given last' },

  'raw-sc-noname': { status: 400, why: 'a storage class without a name could be neither read nor deleted' },
  ...same(
    ['raw-vol-slash-name', 'raw-snap-slash'],
    400,
    'a volume or snapshot with a slash in its name could be neither read nor deleted',
  ),
  'raw-vol-sc-none': { status: 400, why: 'there is no storage class without a name' },
  'raw-sc-array': { status: 400, why: 'the decoder names its own type' },
  'raw-sc-attr-not-string': { status: 400, why: 'the decoder names the key' },
  'raw-sc-autogrow-unknown': { status: 201, why: 'the class was made, so the answer says so (as with concurrency)' },

  ...same(
    ['raw-vol-size-bad', 'raw-vol-size-decimal', 'raw-vol-size-neg'],
    400,
    'a size is checked once, before any pool is asked, and the text says what is wrong with it',
  ),
  'raw-vol-size-overflow': { status: 400, why: 'stock wraps around and makes a volume of the default size' },
  ...same(
    ['raw-vol-list', 'raw-vol-list-otherparam'],
    200,
    'the volumes without a class and of a size beyond all bounds were not made; no volume shares another',
  ),
  'raw-vol-protocol-bad': { status: 400, why: 'the same in proper spelling' },
  'raw-vol-get-v_clone': { status: 200, why: 'a volume that is no clone does not say that it is one' },
  ...same(
    ['raw-vol-sub', 'raw-vol-sub-unknown-src', 'raw-vol-sub-bigger', 'raw-vol-sub-units', 'raw-snap-sub'],
    400,
    'volumes that share another are not in this release',
  ),
  ...same(
    ['raw-vol-get-v_sub', 'raw-luks-sub', 'raw-del-vol-sub'],
    404,
    'volumes that share another are not in this release',
  ),
  ...same(
    ['raw-vol-list-both', 'raw-vol-list-subof', 'raw-vol-list-subof-empty'],
    200,
    'volumes that share another are not in this release',
  ),
  ...same(
    ['raw-luks-empty-list', 'raw-luks-null', 'raw-luks-get-after'],
    200,
    'stock forgets the effective autogrow policy when passphrase names are set',
  ),

  'raw-snap-get-extra': { status: 200, why: 'what only the core may decide is not taken from the request' },
  'raw-snap-list-group': { status: 404, why: 'a request cannot put a snapshot into a group' },

  'raw-get-unknown-node_n_publication': { status: 200, why: 'publications need no CSI front end here' },
  'raw-put-node-standalone': { status: 201, why: 'nodes need no CSI front end here' },
  'raw-node-list-after': { status: 200, why: 'nodes need no CSI front end here' },

  'raw-workflows-get-after-bogus-all': { status: 200, why: 'an unknown category is refused, also with all' },
  ...same(
    [
      'raw-workflows-get-after-noequal',
      'raw-workflows-get-after-badop',
      'raw-workflows-get-after-partial',
      'raw-workflows-get-after-trailing',
      'raw-layers-get-after-partial',
      'raw-layers-get-after-spaces',
    ],
    200,
    'a selection that is refused leaves the old one alone',
  ),
};
