import { describe, expect, test } from 'vitest'
import { seededRandom, VirtualClock } from '../../src/base/index.ts'
import { createCluster } from '../../src/cluster/index.ts'
import type { Cluster } from '../../src/object/index.ts'
import { discovery, failure, fakeTransport, type Scripted } from './fake.ts'

function clusterOf(answer: (path: string) => Scripted | undefined): {
  cluster: Cluster
  clock: VirtualClock
  paths: () => string[]
} {
  const transport = fakeTransport(
    (_, path) => answer(path) ?? { status: 404, text: '404 page not found\n' },
  )
  const clock = new VirtualClock()
  const cluster = createCluster({ transport, clock, random: seededRandom(1) })
  return { cluster, clock, paths: transport.paths }
}

const WIDGET = { group: 'example.com', kind: 'Widget', version: 'v1' }

test('two requests find every kind, once', async () => {
  const { cluster, paths } = clusterOf(discovery)
  const [a, b] = await Promise.all([
    cluster.resource({ group: '', kind: 'ConfigMap' }),
    cluster.resource({ group: 'apps', kind: 'Deployment', version: 'v1' }),
  ])
  expect(a).toEqual({
    group: '',
    version: 'v1',
    kind: 'ConfigMap',
    plural: 'configmaps',
    namespaced: true,
  })
  expect(b.plural).toBe('deployments')
  expect(paths()).toEqual(['GET /api', 'GET /apis'])
})

test('a server without aggregated discovery is asked group by group', async () => {
  const { cluster } = clusterOf((path) => {
    const resources = (name: string, kind: string): Scripted => ({
      body: {
        kind: 'APIResourceList',
        resources: [
          { name, kind, namespaced: true },
          { name: `${name}/status`, kind, namespaced: true },
        ],
      },
    })
    if (path === '/api') return { body: { kind: 'APIVersions', versions: ['v1'] } }
    if (path === '/api/v1') return resources('configmaps', 'ConfigMap')
    if (path === '/apis')
      return {
        body: {
          kind: 'APIGroupList',
          groups: [
            {
              name: 'example.com',
              versions: [
                { groupVersion: 'example.com/v1beta1' },
                { groupVersion: 'example.com/v1' },
              ],
              preferredVersion: { groupVersion: 'example.com/v1' },
            },
          ],
        },
      }
    return path.startsWith('/apis/example.com/') ? resources('widgets', 'Widget') : undefined
  })
  expect((await cluster.resource({ group: 'example.com', kind: 'Widget' })).version).toBe('v1')
  expect((await cluster.resource({ ...WIDGET, version: 'v1beta1' })).version).toBe('v1beta1')
  expect((await cluster.resource({ group: '', kind: 'ConfigMap' })).plural).toBe('configmaps')
})

test('a kind that appears later is found: its group version is asked for before it is given up', async () => {
  let served = false
  const { cluster, paths } = clusterOf((path) =>
    path === '/apis/example.com/v1' && served
      ? { body: { resources: [{ name: 'widgets', kind: 'Widget', namespaced: false }] } }
      : discovery(path),
  )
  await expect(cluster.resource(WIDGET)).rejects.toMatchObject({
    code: 'NO_MATCH',
    message: 'no matches for kind "Widget" in version "example.com/v1"',
  })
  served = true
  expect(await cluster.resource(WIDGET)).toMatchObject({ plural: 'widgets', namespaced: false })
  const asked = paths().length
  await cluster.resource(WIDGET)
  expect(paths()).toHaveLength(asked)
})

test('asking for a kind that is not there is bounded: a storm is answered from what is known', async () => {
  const { cluster, clock, paths } = clusterOf(discovery)
  await cluster.resource({ group: '', kind: 'ConfigMap' })
  for (let i = 0; i < 500; i += 1)
    await expect(cluster.resource(WIDGET)).rejects.toMatchObject({ code: 'NO_MATCH' })
  const during = paths().length
  expect(during).toBeLessThan(30)
  await clock.advance(1_000)
  for (let i = 0; i < 500; i += 1)
    await expect(cluster.resource(WIDGET)).rejects.toMatchObject({ code: 'NO_MATCH' })
  expect(paths().length - during).toBeGreaterThan(0)
  expect(paths().length - during).toBeLessThan(10)
})

test('many that miss the same kind at once ask once', async () => {
  const { cluster, paths } = clusterOf(discovery)
  await cluster.resource({ group: '', kind: 'ConfigMap' })
  await Promise.allSettled(Array.from({ length: 50 }, () => cluster.resource(WIDGET)))
  expect(paths()).toEqual(['GET /api', 'GET /apis', 'GET /apis/example.com/v1'])
})

describe('an aggregated API whose server is down', () => {
  const BROKEN = { group: 'metrics.example', kind: 'Metric' }

  test('is no reason to call its kinds gone', async () => {
    const { cluster } = clusterOf((path) => {
      if (path === '/apis')
        return {
          body: {
            kind: 'APIGroupDiscoveryList',
            items: [
              {
                metadata: { name: 'metrics.example' },
                versions: [{ version: 'v1', freshness: 'Stale', resources: [] }],
              },
            ],
          },
        }
      return path === '/apis/metrics.example/v1'
        ? failure(503, 'ServiceUnavailable')
        : discovery(path)
    })
    await expect(cluster.resource(BROKEN)).rejects.toMatchObject({ code: 'SERVER_ERROR' })
    await expect(cluster.resource({ ...BROKEN, version: 'v1' })).rejects.toMatchObject({
      code: 'SERVER_ERROR',
    })
    expect((await cluster.resource({ group: '', kind: 'ConfigMap' })).plural).toBe('configmaps')
  })

  test('takes no other kind with it on a server without aggregated discovery', async () => {
    const { cluster } = clusterOf((path) => {
      if (path === '/api') return { body: { kind: 'APIVersions', versions: ['v1'] } }
      if (path === '/api/v1')
        return {
          body: { resources: [{ name: 'configmaps', kind: 'ConfigMap', namespaced: true }] },
        }
      if (path === '/apis')
        return {
          body: {
            kind: 'APIGroupList',
            groups: [
              { name: 'metrics.example', versions: [{ groupVersion: 'metrics.example/v1' }] },
            ],
          },
        }
      return failure(503, 'ServiceUnavailable')
    })
    expect((await cluster.resource({ group: '', kind: 'ConfigMap' })).plural).toBe('configmaps')
    await expect(cluster.resource(BROKEN)).rejects.toMatchObject({ code: 'SERVER_ERROR' })
  })
})
