import { setMaxListeners } from 'node:events'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import type { ShareFollower, Shares } from '../../src/api/index.ts'
import { createApiServer } from '../../src/apiserver/index.ts'
import { type Random, seededRandom, silentLog, VirtualClock } from '../../src/base/index.ts'
import {
  acquireLease,
  createCluster,
  divideShares,
  type HeldLease,
  ownerOf,
  SHARD_GROUP,
  SHARD_MEMBERS,
} from '../../src/cluster/index.ts'
import type { Transport } from '../../src/object/index.ts'
import { type Machine, machine } from '../kit/machine.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

const IDS = Array.from({ length: 40 }, (_, i) => `Kustomization/team-${i % 7}/app-${i}`)
const members = fc.uniqueArray(fc.stringMatching(/^[a-z0-9-]{1,12}$/), {
  minLength: 1,
  maxLength: 8,
})

describe('rendezvous hashing', () => {
  test('the owner is a member, whatever the order in which they are named', () => {
    fc.assert(
      fc.property(members, fc.string(), (names, id) => {
        const owner = ownerOf(names, id)
        expect(names).toContain(owner)
        expect(ownerOf([...names].reverse(), id)).toBe(owner)
      }),
    )
  })

  test('who comes takes only for itself, who goes leaves only its own', () => {
    fc.assert(
      fc.property(members, fc.stringMatching(/^[A-Z]{1,8}$/), (names, fresh) => {
        for (const id of IDS) {
          const [before, after] = [ownerOf(names, id), ownerOf([...names, fresh], id)]
          expect([before, fresh]).toContain(after)
        }
      }),
    )
  })

  test('each has its part, and of N + 1 the last takes one part of N + 1', () => {
    const ids = Array.from({ length: 1_500 }, (_, i) => `Kustomization/ns-${i % 50}/app-${i}`)
    for (const count of [2, 3, 5]) {
      const names = Array.from({ length: count }, (_, i) => `tidegate-7d9c-${i}`)
      const parts = names.map((name) => ids.filter((id) => ownerOf(names, id) === name).length)
      const fair = ids.length / count
      for (const part of parts) expect(Math.abs(part - fair) / fair).toBeLessThan(0.25)
      const grown = [...names, 'tidegate-7d9c-new']
      const moved = ids.filter((id) => ownerOf(grown, id) !== ownerOf(names, id)).length
      const share = ids.length / (count + 1)
      expect(Math.abs(moved - share) / share).toBeLessThan(0.25)
    }
  })
})

/** Writes of one run of one object by one replica: the first and the last moment. */
interface Span {
  readonly id: string
  readonly who: string
  from: number
  to: number
}

interface Replica extends Machine {
  readonly name: string
  lease: HeldLease | undefined
  shares: Shares | undefined
  readonly working: Map<string, Promise<void>>
  /** Ends as SIGTERM has it: stops its work, then gives its Lease back. */
  leave(): Promise<void>
}

const TIMING = { leaseDurationMs: 35_000, renewDeadlineMs: 30_000, retryPeriodMs: 5_000 }

interface World {
  readonly clock: VirtualClock
  readonly spans: Span[]
  readonly replica: (name: string) => Replica
}

function createWorld(seed: number): World {
  const clock = new VirtualClock()
  const api = createApiServer({ clock, random: seededRandom(1) })
  closers.push(() => api.close())
  const spans: Span[] = []
  return {
    clock,
    spans,
    replica: (name) => startReplica({ clock, api, spans, random: seededRandom(seed) }, name),
  }
}

function startReplica(
  world: { clock: VirtualClock; api: Transport; spans: Span[]; random: Random },
  name: string,
): Replica {
  const here = machine(world.clock, world.api)
  const { clock, transport } = here
  const cluster = createCluster({ transport, clock, random: world.random })
  const stop = new AbortController()
  setMaxListeners(0, stop.signal)
  const working = new Map<string, Promise<void>>()
  const replica: Replica = Object.assign(here, {
    name,
    lease: undefined as HeldLease | undefined,
    shares: undefined as Shares | undefined,
    working,
    leave: async () => {
      stop.abort(new Error('left'))
      await Promise.all(working.values())
      await replica.lease?.release()
    },
  })
  closers.push(() => stop.abort(new Error('test over')))
  const begin = (id: string): void => {
    if (working.has(id) || stop.signal.aborted || !replica.shares?.owns(id)) return
    const run = runOnce(replica, id, world.spans, world.random).then(() => {
      working.delete(id)
      const pause = clock.sleep(1_000 + world.random.next() * 9_000, stop.signal)
      pause.then(
        () => begin(id),
        () => undefined,
      )
    })
    working.set(id, run)
  }
  const follower: ShareFollower = {
    stop: async (keeps) => {
      await Promise.all([...working].filter(([id]) => !keeps(id)).map(([, run]) => run))
    },
    catchUp: async () => undefined,
    begin: (isNew) => {
      for (const id of IDS) if (isNew(id)) begin(id)
    },
  }
  const join = async (): Promise<void> => {
    const lease = await acquireLease(
      { cluster, clock, random: world.random, log: silentLog },
      {
        ...TIMING,
        namespace: 'default',
        name,
        identity: name,
        releaseOnCancel: true,
        isOwn: true,
        metadata: { labels: { [SHARD_GROUP]: 'g' }, annotations: { [SHARD_MEMBERS]: '' } },
      },
      stop.signal,
    )
    replica.lease = lease
    lease.lost.addEventListener('abort', () => stop.abort(new Error('lost')), { once: true })
    const { shares } = divideShares(
      { cluster, clock, log: silentLog, lease },
      { namespace: 'default', group: 'g', self: name, ...TIMING },
      stop.signal,
    )
    replica.shares = shares
    shares.follow(follower)
  }
  join().catch(() => undefined)
  return replica
}

/** One run: some writes over some seconds, each held back by the fence. */
async function runOnce(replica: Replica, id: string, spans: Span[], random: Random): Promise<void> {
  const span: Span = { id, who: replica.name, from: Number.NaN, to: Number.NaN }
  for (let writes = 1 + random.next() * 5; writes > 0; writes -= 1) {
    await replica.clock.sleep(random.next() * 2_000)
    if (replica.lease?.isYoung() !== true) return
    const now = replica.clock.now()
    if (Number.isNaN(span.from)) {
      span.from = now
      spans.push(span)
    }
    span.to = now
  }
}

/** Pairs of runs of one object by two replicas that lay in each other's time. */
function overlaps(spans: readonly Span[]): string[] {
  return IDS.flatMap((id) => {
    const own = spans.filter((span) => span.id === id).sort((a, b) => a.from - b.from)
    return own.flatMap((span, i) =>
      own
        .slice(i + 1)
        .filter((other) => other.who !== span.who && other.from <= span.to)
        .map((other) => `${id}: ${span.who} until ${span.to}, ${other.who} from ${other.from}`),
    )
  })
}

const workers = (spans: readonly Span[], sinceMs: number): Map<string, string> =>
  new Map(spans.filter(({ to }) => to >= sinceMs).map(({ id, who }) => [id, who]))

test('three replicas divide the work; one that comes or goes moves its own part', async () => {
  const { clock, spans, replica } = createWorld(1)
  const [a, b] = ['a', 'b'].map(replica)
  await clock.advance(60_000)
  const two = workers(spans, clock.now() - 20_000)
  expect(two.size).toBe(IDS.length)
  expect(new Set(two.values())).toEqual(new Set(['a', 'b']))
  const c = replica('c')
  await clock.advance(60_000)
  const three = workers(spans, clock.now() - 20_000)
  const moved = IDS.filter((id) => two.get(id) !== three.get(id))
  expect(moved.map((id) => three.get(id))).toEqual(moved.map(() => 'c'))
  expect(moved.length).toBeGreaterThan(4)
  expect(moved.length).toBeLessThan(24)
  // A regular end: the others have it all within seconds.
  const gone = b?.leave()
  await clock.advance(20_000)
  await gone
  await clock.advance(20_000)
  expect(new Set(workers(spans, clock.now() - 20_000).values())).toEqual(new Set(['a', 'c']))
  expect(workers(spans, clock.now() - 20_000).size).toBe(IDS.length)
  // And a frozen one is followed when its Lease has run out; it writes nothing when it wakes.
  a?.freeze()
  await clock.advance(60_000)
  expect(workers(spans, clock.now() - 15_000).size).toBe(IDS.length)
  const before = spans.filter(({ who }) => who === 'a').length
  a?.thaw()
  await clock.advance(60_000)
  expect(spans.filter(({ who }) => who === 'a').length).toBe(before)
  expect(a?.lease?.lost.aborted).toBe(true)
  expect(c?.lease?.isYoung()).toBe(true)
  expect(overlaps(spans)).toEqual([])
})

describe('never two writers, whatever happens to four replicas', () => {
  test.each([1, 5, 6])('seed %i', async (seed) => {
    const random = seededRandom(seed)
    const { clock, spans, replica } = createWorld(seed)
    let made = 0
    const fresh = (): Replica => {
      made += 1
      return replica(`r${made}`)
    }
    const replicas = [fresh(), fresh(), fresh(), fresh()]
    const leaving: Promise<void>[] = []
    for (let step = 0; step < 30; step += 1) {
      const at = Math.floor(random.next() * replicas.length)
      const one = replicas[at]
      const act = Math.floor(random.next() * 8)
      if (one?.lease?.lost.aborted || act === 0) {
        if (act === 0 && one !== undefined) leaving.push(one.leave())
        replicas[at] = fresh()
      } else if (act === 1) one?.freeze()
      else if (act === 2) one?.cutOff(true)
      else {
        one?.thaw()
        one?.cutOff(false)
      }
      await clock.advance(random.next() * 20_000)
    }
    for (const one of replicas) {
      one.thaw()
      one.cutOff(false)
    }
    await clock.advance(120_000)
    expect(overlaps(spans)).toEqual([])
    // And in the end everything is worked on by those that are left.
    const alive = replicas.filter(({ lease }) => lease?.isYoung())
    if (alive.length === 0) replicas.push(fresh())
    await clock.advance(60_000)
    expect(workers(spans, clock.now() - 30_000).size).toBe(IDS.length)
    expect(spans.length).toBeGreaterThan(300)
  })
})
