import { afterEach, describe, expect, test } from 'vitest'
import { createApiServer } from '../../src/apiserver/index.ts'
import { seededRandom, silentLog, VirtualClock } from '../../src/base/index.ts'
import {
  acquireLease,
  createCluster,
  fencedTransport,
  type HeldLease,
  leaseName,
} from '../../src/cluster/index.ts'
import type { KubeObject, Transport } from '../../src/object/index.ts'
import { type Machine, machine } from '../kit/machine.ts'

const NAME = 'kustomize-controller-leader-election'
const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

interface Replica extends Machine {
  lease: HeldLease | undefined
  readonly stop: () => void
  readonly ended: Promise<unknown>
}

function world(): {
  readonly clock: VirtualClock
  readonly api: Transport
  readonly replica: (identity: string) => Replica
  readonly lease: () => Promise<KubeObject>
} {
  const clock = new VirtualClock()
  const api = createApiServer({ clock, random: seededRandom(1) })
  closers.push(() => api.close())
  const admin = createCluster({ transport: api, clock, random: seededRandom(2) })
  const ref = { group: 'coordination.k8s.io', kind: 'Lease', namespace: 'default', name: NAME }
  return {
    clock,
    api,
    lease: () => admin.get(ref),
    replica: (identity) => {
      const here = machine(clock, api)
      const stop = new AbortController()
      const random = seededRandom(identity.length)
      const cluster = createCluster({ transport: here.transport, clock: here.clock, random })
      const state: { lease: HeldLease | undefined } = { lease: undefined }
      const ended = acquireLease(
        { cluster, clock: here.clock, random, log: silentLog },
        {
          namespace: 'default',
          name: NAME,
          identity,
          leaseDurationMs: 35_000,
          renewDeadlineMs: 30_000,
          retryPeriodMs: 5_000,
          releaseOnCancel: true,
        },
        stop.signal,
      ).then(
        (lease) => {
          state.lease = lease
        },
        (error: unknown) => error,
      )
      closers.push(() => stop.abort(new Error('test over')))
      return Object.assign(state, here, { stop: () => stop.abort(new Error('stopped')), ended })
    },
  }
}

test('one takes it, in the form that Flux has, and keeps it', async () => {
  const { clock, replica, lease } = world()
  const a = replica('a')
  await clock.advance(100)
  const b = replica('bb')
  await clock.advance(300_000)
  expect([a.lease?.isYoung(), b.lease]).toEqual([true, undefined])
  expect((await lease())['spec']).toMatchObject({
    holderIdentity: 'a',
    leaseDurationSeconds: 35,
    leaseTransitions: 0,
    renewTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]+\.\d{6}Z$/),
  })
})

test('a release hands over in less than two seconds', async () => {
  const { clock, replica, lease } = world()
  const a = replica('a')
  await clock.advance(100)
  const b = replica('bb')
  await clock.advance(60_000)
  await a.lease?.release()
  await clock.advance(1_900)
  expect(b.lease?.isYoung()).toBe(true)
  expect((await lease())['spec']).toMatchObject({ holderIdentity: 'bb', leaseTransitions: 1 })
})

test('a holder that is gone is followed when its lease has run out, not before', async () => {
  const { clock, replica } = world()
  const a = replica('a')
  await clock.advance(100)
  const b = replica('bb')
  await clock.advance(20_000)
  a.freeze()
  await clock.advance(34_000)
  expect(b.lease).toBeUndefined()
  await clock.advance(10_000)
  expect(b.lease?.isYoung()).toBe(true)
})

test('a holder that is cut off loses it before another can have it', async () => {
  const { clock, replica } = world()
  const a = replica('a')
  await clock.advance(100)
  const b = replica('bb')
  await clock.advance(20_000)
  a.cutOff(true)
  let both = 0
  for (let s = 0; s < 60; s += 1) {
    await clock.advance(1_000)
    if (a.lease?.isYoung() && b.lease?.isYoung()) both += 1
  }
  expect(both).toBe(0)
  expect(a.lease?.lost.aborted).toBe(true)
  expect(b.lease?.isYoung()).toBe(true)
})

test('a renewal that hangs is given up in time for another', async () => {
  const { clock, replica } = world()
  const a = replica('a')
  await clock.advance(100)
  const b = replica('bb')
  await clock.advance(20_000)
  a.cutOff(true)
  await clock.advance(8_000)
  a.cutOff(false)
  await clock.advance(60_000)
  expect([a.lease?.isYoung(), b.lease]).toEqual([true, undefined])
})

test('a holder that was frozen for 40 s and wakes writes nothing beside its successor', async () => {
  const { clock, replica, api } = world()
  const a = replica('a')
  await clock.advance(100)
  const b = replica('bb')
  await clock.advance(12_000)
  const fenced = createCluster({
    transport: fencedTransport(a.transport, () => a.lease?.isYoung() ?? false),
    clock: a.clock,
    random: seededRandom(3),
  })
  const write = (name: string): Promise<KubeObject> =>
    fenced.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'default' },
    })
  await write('before')
  a.freeze()
  await clock.advance(50_000)
  expect(b.lease?.isYoung()).toBe(true)
  a.thaw()
  await expect(write('after')).rejects.toThrow(/held back/)
  await clock.advance(10_000)
  expect(a.lease?.lost.aborted).toBe(true)
  await expect(write('later')).rejects.toThrow(/held back/)
  const admin = createCluster({ transport: api, clock, random: seededRandom(4) })
  const { items } = await admin.list({ group: '', kind: 'ConfigMap' }, { namespace: 'default' })
  expect(items.map((item) => item.metadata.name)).toContain('before')
  expect(items.filter((item) => ['after', 'later'].includes(item.metadata.name ?? ''))).toEqual([])
})

test('whoever waits can be stopped', async () => {
  const { clock, replica } = world()
  replica('a')
  await clock.advance(100)
  const b = replica('bb')
  await clock.advance(1_000)
  b.stop()
  await clock.advance(10)
  expect(await b.ended).toEqual(new Error('stopped'))
})

describe('never two at a time, whatever happens to three replicas', () => {
  test.each([1, 2, 3, 4, 5, 6])('seed %i', async (seed) => {
    const random = seededRandom(seed)
    const { clock, replica } = world()
    const replicas = ['a', 'bb', 'ccc'].map(replica)
    let led = 0
    for (let step = 0; step < 60; step += 1) {
      const one = replicas[Math.floor(random.next() * replicas.length)]
      const act = Math.floor(random.next() * 6)
      if (act === 0) one?.freeze()
      else if (act === 1) one?.cutOff(true)
      else {
        one?.thaw()
        one?.cutOff(false)
      }
      await clock.advance(random.next() * 15_000)
      const young = replicas.filter((each) => each.lease?.isYoung())
      expect(young.length).toBeLessThanOrEqual(1)
      led += young.length
    }
    expect(led).toBeGreaterThan(0)
  })
})

test("names of Flux's leases", () => {
  expect(leaseName('source', '')).toBe('source-controller-leader-election')
  expect(leaseName('kustomize', 'sharding.fluxcd.io/key=shard1')).toMatch(
    /^kustomize-controller-leader-election-[0-9a-f]{8}$/,
  )
})
