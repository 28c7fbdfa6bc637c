import * as v from 'valibot';
import { topologyEntries } from './input.ts';

/** A lab file: a topology in which only what matters is written, and the rest follows from it. */

export const text = v.pipe(v.string(), v.minLength(1, 'must not be empty'));
export const UNITS = { '': 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4, PiB: 1024 ** 5 };

/** Bytes, or a text such as `10TiB`. */
const size = v.union(
  [
    v.pipe(v.number(), v.integer(), v.minValue(1)),
    v.pipe(
      v.string(),
      v.regex(/^[1-9]\d{0,9}(?:[KMGTP]iB)?$/),
      v.transform((written) => {
        const [, digits = '', unit = ''] = /^(\d+)(.*)$/.exec(written) ?? [];
        return Number(digits) * (Object.entries(UNITS).find(([name]) => name === unit)?.[1] ?? 1);
      }),
    ),
  ],
  'a size is a number of bytes or a text such as 10TiB',
);

const clusterEntries = topologyEntries.cluster.entries;
const nodeEntries = topologyEntries.nodes.item.entries;
const svmEntries = topologyEntries.svms.item.entries;
const lifEntries = svmEntries.interfaces.item.entries;
const userEntries = topologyEntries.users.item.entries;

/** The whole file, or one of the two clusters of a pair. */
export const labFile = v.strictObject({
  cluster: v.exactOptional(
    v.strictObject({
      name: v.exactOptional(clusterEntries.name),
      version: v.exactOptional(clusterEntries.version),
      personality: v.exactOptional(clusterEntries.personality),
      managementAddress: v.exactOptional(clusterEntries.managementAddress),
      location: v.exactOptional(clusterEntries.location),
      contact: v.exactOptional(clusterEntries.contact),
      timeZone: v.exactOptional(clusterEntries.timeZone),
      precluster: clusterEntries.precluster,
    }),
  ),
  nodes: v.exactOptional(
    v.pipe(
      v.array(
        v.strictObject({
          name: text,
          model: v.exactOptional(nodeEntries.model),
          serialNumber: v.exactOptional(nodeEntries.serialNumber),
          managementAddress: v.exactOptional(nodeEntries.managementAddress),
        }),
      ),
      v.minLength(1, 'a cluster has at least one node'),
    ),
  ),
  aggregates: v.exactOptional(
    v.pipe(
      v.array(
        v.strictObject({
          name: text,
          node: v.exactOptional(text),
          size: v.exactOptional(size),
          sizeBytes: v.exactOptional(size),
          storageType: v.exactOptional(topologyEntries.aggregates.item.entries.storageType),
        }),
      ),
      v.minLength(1, 'a cluster has at least one aggregate'),
    ),
  ),
  licences: v.exactOptional(topologyEntries.licences),
  svms: v.exactOptional(
    v.array(
      v.strictObject({
        name: svmEntries.name,
        aggregates: v.exactOptional(svmEntries.aggregates),
        protocols: v.exactOptional(svmEntries.protocols),
        state: v.exactOptional(svmEntries.state),
        defaultExportClients: v.exactOptional(svmEntries.defaultExportClients),
        interfaces: v.exactOptional(
          v.array(
            v.strictObject({
              name: text,
              address: lifEntries.address,
              node: v.exactOptional(text),
              services: lifEntries.services,
              enabled: v.exactOptional(lifEntries.enabled),
            }),
          ),
        ),
      }),
    ),
  ),
  peers: v.exactOptional(
    v.array(v.strictObject({ svm: text, peer: text, applications: v.exactOptional(v.array(text)) })),
  ),
  users: v.exactOptional(
    v.array(
      v.strictObject({
        name: text,
        password: v.exactOptional(text),
        token: v.exactOptional(userEntries.token),
        locked: v.exactOptional(userEntries.locked),
        role: v.exactOptional(userEntries.role),
        svm: v.exactOptional(text),
      }),
    ),
  ),
});

export type Lab = v.InferOutput<typeof labFile>;
