const emptyDocument = 'an empty document is refused; stock sends null, and its core drops the connection';
const yamlText = 'the place is named with file, line and column, and the complaint is that of another YAML library';
const transport = 'the way to the server failed; the words are those of Node.js, not of Go';
const crash = 'stock crashes here';
const implementation = 'the client says which program it is under a key of its own, `implementation`';
const unknownWord = 'an unknown word is an error; stock prints help and exits 0';
const publicationColumns = 'stock has a heading DIRTY without a column under it, so that all after it are shifted';
const bareDelete = 'without names and without --all nothing is deleted; stock deletes every snapshot there is';
const exactName = 'names are escaped whole, so that the object of that name is asked for; stock asks for another';
const noSlash = 'names with a slash are refused before a request is made; stock asks for another path';
const allOfTheClass = 'what was set of the storage class is shown, beyond the five keys that stock knows here';
const laterCommand = 'the command that stock suggests is not in this release';

/** Recorded runs that ours differs from on purpose, each with its reason. */
export const differences: Readonly<Record<string, string>> = {
  'empty-create-backend-empty-file': emptyDocument,
  'empty-create-backend-stdin-empty': emptyDocument,
  'empty-create-backend-invalid-yaml': yamlText,
  'empty-create-backend-stdin-invalid': yamlText,
  'empty-import-volume-badyaml': yamlText,
  'empty-delete-node-unknown': 'a node is called a node; stock says that it could not delete a volume',
  'empty-delete-snapshot-noargs': bareDelete,
  'life-delete-snapshot-bare-all-gone': bareDelete,
  'empty-get-publication-wide': publicationColumns,
  'stub-publication-volume': publicationColumns,
  'stub-publication-wide': publicationColumns,
  'empty-update-logconfig-badlayer': 'the layers are quoted; stock quotes the workflows',
  'empty-version-client-json': implementation,
  'empty-version-json': implementation,
  'empty-version-yaml': implementation,
  'stub-version-acp-yaml': implementation,
  'stub-version-old-json': implementation,
  'stub-version-rev-json': implementation,
  'stub-version-stable-json': implementation,
  'stub-version-v-json': implementation,
  'parse-server-env-version': implementation,
  'life-get-snapshot-threeparts': noSlash,
  'parse-name-with-slash': noSlash,
  'parse-name-hash': exactName,
  'parse-name-percent': exactName,
  'parse-filter-space': exactName,
  'stub-backend-html-chars-yaml': 'U+0085 is escaped; as stock prints it, a reader takes it for a blank',
  'stub-err-redirect': 'redirects are not followed: no core of Trident sends one for a path that we ask for',
  'stub-err-connection-closed': transport,
  'parse-server-ipv6': transport,
  'parse-server-noport': transport,
  'parse-server-unreachable': transport,
  'parse-server-unreachable-create': transport,
  'parse-server-scheme': 'a URL is understood as one; stock takes its scheme for the name of a host',
  'stub-groupsnapshot-vanished': 'the groups are read together, so one more is asked for before the failure is known',
  'stub-storageclass-json': allOfTheClass,
  'stub-storageclass-yaml': allOfTheClass,
  'stub-import-ok-wide': 'the backend is asked for its name; stock shows `unknown`',
  'stub-node-null': crash,
  'stub-publication-both-null': crash,
  'stub-update-volume-null': crash,
  'stub-volume-noconfig': crash,
  'stub-volume-ansi': 'control characters are shown, not sent to the terminal',
  'parse-alias-be': unknownWord,
  'parse-completion-bogus': unknownWord,
  'parse-completion-unknown-sub': unknownWord,
  'parse-create-unknown-sub': unknownWord,
  'parse-delete-unknown-sub': unknownWord,
  'parse-get-unknown-sub': unknownWord,
  'parse-help-unknown': unknownWord,
  'parse-import-unknown-sub': unknownWord,
  'parse-update-unknown-sub': unknownWord,
  'parse-debug-json': 'standard output holds data only; stock mixes its debug lines into it',
  'parse-unknown-command': laterCommand,
  'parse-unknown-command-close2': laterCommand,
};
