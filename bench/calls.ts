import { emptyNode } from './nodes.ts';
import { anyClass, openArray, openLab, patient } from './lab.ts';
import { say, table } from './report.ts';

/** Array calls of each operation on its success path, with a backend that is open already. */
export const run = async (): Promise<void> => {
  say('array calls per operation, ontap-nas with autoExportPolicy (stock as measured on 26.06)');
  const { simulator, config } = await openArray(0);
  try {
    await using lab = await openLab();
    const { orchestrator: o } = lab;
    const rows: (string | number)[][] = [];
    const measure = async (name: string, stock: number | string, work: () => Promise<unknown>) => {
      simulator.requests.reset();
      await work();
      const calls = simulator.requests.count();
      rows.push([name, calls, stock]);
    };
    const create = (name: string) =>
      o.volumes.create({ name, size: '1Gi', storageClass: 'any', volumeMode: 'Filesystem' }, patient());
    const publish = (node: string) =>
      o.publications.publish({ volume: 'v1', node, readOnly: false, accessMode: 0 }, patient());

    await measure('opening a backend', 8, () => o.backends.add(config, patient()));
    await o.storageClasses.add(anyClass);
    await create('warm');
    await measure('create', 15, () => create('v1'));
    for (const [index, name] of ['n1', 'n2'].entries())
      await o.nodes.register(emptyNode(name, `10.0.0.${index + 1}`), patient());
    await measure('publish, first node', 12, () => publish('n1'));
    await measure('publish, another node', 10, () => publish('n2'));
    await measure('publish again', 8, () => publish('n1'));
    await measure('unpublish, others remain', 11, () => o.publications.unpublish('v1', 'n2', patient()));
    await measure('unpublish, last node', 17, () => o.publications.unpublish('v1', 'n1', patient()));
    await measure('snapshot', 11, () => o.snapshots.create({ volume: 'v1', name: 's1', version: '1' }, patient()));
    await measure('clone from a snapshot', 21, () =>
      o.volumes.clone(
        {
          name: 'c1',
          source: 'v1',
          snapshot: 's1',
          size: '',
          storageClass: '',
          readOnly: false,
          splitOnClone: '',
          overrides: {},
        },
        patient(),
      ),
    );
    await measure('resize', 8, () => o.volumes.resize('v1', '2Gi', patient()));
    await measure('delete a clone', 9, () => o.volumes.remove('c1', patient()));
    await measure('delete a snapshot', 8, () => o.snapshots.remove('v1', 's1', patient()));
    await measure('delete', 9, () => o.volumes.remove('v1', patient()));
    await simulator.call('POST', '/storage/volumes?return_timeout=15', {
      name: 'legacy',
      size: 1024 ** 3,
      svm: { name: 'svm0' },
      aggregates: [{ name: 'aggr1_n1' }],
      nas: { path: '/legacy' },
    });
    await measure('import, managed', 18, () =>
      o.volumes.import(
        {
          backend: 'nas1',
          originalName: 'legacy',
          name: 'imported',
          noManage: false,
          noRename: false,
          size: '',
          storageClass: 'any',
          accessMode: '',
          volumeMode: 'Filesystem',
          protocol: '',
          overrides: {},
        },
        patient(),
      ),
    );
    table(['operation', 'calls', 'stock'], rows);
  } finally {
    await simulator.stop();
  }
};
