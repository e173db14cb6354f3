import { expect, test } from 'vitest'
import type { KubeObject } from '../../src/object/index.ts'
import { reportOf } from '../../src/telemetry/index.ts'

function kustomization(
  name: string,
  ready: string | undefined,
  spec: Record<string, boolean> = {},
): KubeObject {
  const conditions = ready === undefined ? [] : [{ type: 'Ready', status: ready }]
  return {
    apiVersion: 'x/v1',
    kind: 'Kustomization',
    metadata: { name },
    spec,
    status: { conditions },
  }
}

test('objects are counted by state, sources with what they hold', () => {
  const source = (size: number): KubeObject => ({
    apiVersion: 's/v1',
    kind: 'GitRepository',
    metadata: { name: `s-${size}` },
    status: { artifact: { size }, conditions: [{ type: 'Ready', status: 'True' }] },
  })
  const report = reportOf({
    objects: new Map([
      [
        'Kustomization',
        {
          apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
          items: [
            kustomization('well', 'True'),
            kustomization('new', undefined),
            kustomization('at-work', 'Unknown'),
            kustomization('broken', 'False'),
            kustomization('put-aside', 'False', { suspend: true }),
          ],
        },
      ],
      [
        'GitRepository',
        { apiVersion: 'source.toolkit.fluxcd.io/v1', items: [source(10), source(32)] },
      ],
      ['Bucket', { apiVersion: 'source.toolkit.fluxcd.io/v1', items: [] }],
    ]),
    version: '0.1.0',
    kubernetes: 'v1.36.3',
    platform: 'linux/amd64',
    controllers: ['source', 'kustomize'],
    replicas: 3,
  })
  expect(report).toMatchObject({
    cluster: { serverVersion: 'v1.36.3', platform: 'linux/amd64' },
    operator: { version: 'v0.1.0', replicas: 3 },
    components: [{ name: 'source-controller' }, { name: 'kustomize-controller' }],
    reconcilers: [
      { kind: 'Bucket', stats: { running: 0, failing: 0, suspended: 0 } },
      { kind: 'GitRepository', stats: { running: 2, failing: 0, suspended: 0, totalSize: 42 } },
      { kind: 'Kustomization', stats: { running: 3, failing: 1, suspended: 1 } },
    ],
  })
})
