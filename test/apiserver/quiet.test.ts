import { expect, test } from 'vitest'
import type { Controller } from '../../src/apiserver/controllers/hands.ts'
import { runControllers } from '../../src/apiserver/controllers/runner.ts'
import type { Core } from '../../src/apiserver/core.ts'
import { createApiServer } from '../../src/apiserver/index.ts'
import { Registry } from '../../src/apiserver/registry.ts'
import { Store } from '../../src/apiserver/store/store.ts'
import { seededRandom, silentLog, VirtualClock } from '../../src/base/index.ts'
import type { KubeObject } from '../../src/object/index.ts'
import { ask, pathOf } from '../kit/controller-requests.ts'

const labels = { app: 'web' }
const template = {
  metadata: { labels },
  spec: { containers: [{ name: 'c', image: 'web:1', resources: { requests: { cpu: '1m' } } }] },
}
const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'x' }

/** One of each kind that a controller looks after; all but the last two come to rest well. */
const OBJECTS: Readonly<Record<string, readonly [apiVersion: string, rest: object]>> = {
  Deployment: ['apps/v1', { spec: { replicas: 2, selector: { matchLabels: labels }, template } }],
  StatefulSet: ['apps/v1', { spec: { selector: { matchLabels: labels }, template } }],
  DaemonSet: ['apps/v1', { spec: { selector: { matchLabels: labels }, template } }],
  Service: ['v1', { spec: { selector: labels, ports: [{ port: 80 }] } }],
  PersistentVolumeClaim: ['v1', { spec: claim }],
  ResourceQuota: ['v1', { spec: { hard: { pods: '50' } } }],
  PodDisruptionBudget: [
    'policy/v1',
    { spec: { minAvailable: 1, selector: { matchLabels: labels } } },
  ],
  HorizontalPodAutoscaler: ['autoscaling/v2', { spec: { maxReplicas: 3, scaleTargetRef } }],
  Endpoints: ['v1', { subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 80 }] }] }],
}

test('a cluster in which nothing happens writes nothing', async () => {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1))
  const server = createApiServer({ clock, random: seededRandom(3) })
  for (const [kind, [apiVersion, rest]] of Object.entries(OBJECTS)) {
    const name = kind === 'Endpoints' ? 'alone' : 'x'
    const body = { apiVersion, kind, metadata: { name }, ...rest }
    await ask({ transport: server }, 'POST', pathOf(kind, 'default'), body)
  }
  const revision = async (): Promise<string> => {
    const response = await server.request({ method: 'GET', path: '/api/v1/pods?limit=1' })
    const { metadata } = JSON.parse(await response.text()) as KubeObject
    return metadata.resourceVersion ?? ''
  }
  await clock.advance(60_000)
  const before = await revision()
  await clock.advance(600_000)
  expect(await revision()).toBe(before)
  server.close()
})

const RESTLESS: Readonly<
  Record<string, { readonly sync: (store: Store) => number | undefined; readonly most: number }>
> = {
  'asks for the next look at once': { sync: () => 0, most: 100 },
  'asks for it after a fraction of a millisecond': { sync: () => 0.01, most: 100 },
  'changes what it looks at each time': {
    sync: (store) => {
      const had = store.get('configmaps', 'a/b')
      const count = Number(had?.metadata.generation ?? 0) + 1
      store.put('configmaps', 'a/b', object(count))
      return undefined
    },
    most: 100_000,
  },
}

function object(generation: number): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b', generation } }
}

test.each(Object.entries(RESTLESS))(
  'a controller that %s does not stop the clock',
  async (_, of) => {
    const clock = new VirtualClock(0)
    const store = new Store()
    const registry = new Registry()
    const random = seededRandom(1)
    const core: Core = { clock, random, log: silentLog, store, registry, admit: (each) => each }
    let looks = 0
    const controller: Controller = {
      name: 'restless',
      concerns: ({ key }) => [key],
      sync: () => {
        looks += 1
        return of.sync(store)
      },
    }
    store.put('configmaps', 'a/b', object(0))
    const stop = runControllers(core, [controller])
    await clock.advance(5000)
    stop()
    expect(looks).toBeGreaterThan(3)
    expect(looks).toBeLessThan(of.most)
  },
)
