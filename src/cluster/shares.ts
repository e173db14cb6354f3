import type { ShareFollower, Shares } from '../api/index.ts'
import { type Clock, compareText, type Log, messageOf } from '../base/index.ts'
import {
  type Cluster,
  idOf,
  isApiFault,
  type Json,
  type KubeObject,
  valueAt,
} from '../object/index.ts'
import type { HeldLease } from './lease-hold.ts'
import { ownership } from './rendezvous.ts'

/** Label of the Leases of replicas that divide their work; its value names the group. */
export const SHARD_GROUP = 'tidegate.dev/shard-group'
/** Annotation of such a Lease: the members among whom its holder divides the work now. */
export const SHARD_MEMBERS = 'tidegate.dev/shard-members'

/** What a division needs. */
export interface SharesDeps {
  readonly cluster: Cluster
  /** A clock that nobody sets. */
  readonly clock: Clock
  readonly log: Log
  /** This replica's own Lease, which carries the label. */
  readonly lease: Pick<HeldLease, 'note'>
  /** Told of the Leases of the group whenever they were read. */
  readonly onMembers?: (leases: readonly KubeObject[]) => void
}

/** Whose division it is. */
export interface SharesOptions {
  readonly namespace: string
  readonly group: string
  /** Name of this replica's Lease. */
  readonly self: string
  /** A Lease that was not renewed for so long belongs to nobody any more. */
  readonly leaseDurationMs: number
  /** How often the others are looked at when nothing is heard of them. */
  readonly retryPeriodMs: number
}

/** A member of the division, as its Lease tells. */
interface Member {
  readonly name: string
  /** Among whom it divides. */
  readonly view: string
  readonly lease: KubeObject
}

interface State {
  readonly deps: SharesDeps
  readonly options: SharesOptions
  readonly signal: AbortSignal
  readonly followers: Set<ShareFollower>
  /** When each Lease was last seen to change, by our own clock. */
  readonly seen: Map<string, { readonly record: string; readonly atMs: number }>
  /** What everybody's Lease said when `owns` was made. */
  known: string
  view: string
  owns: (id: string) => boolean
  /** While work is being given up: what is kept. */
  keeps: ((id: string) => boolean) | undefined
}

/**
 * Divides objects among the replicas whose Leases exist. Each replica writes into its own Lease among
 * whom it divides, and so what it lays claim to; it begins an object only after its claim stands there
 * and no other Lease, read after that, lays claim to it; it withdraws a claim only when it has stopped
 * the work. Of two that claim the same, the one that reads later sees the other: never do both begin.
 * A replica that is gone is followed when its Lease has run out, by deleting it in the version that was
 * seen; its fence holds its writes back before that. Resolves when the signal ends it.
 */
export function divideShares(
  deps: SharesDeps,
  options: SharesOptions,
  signal: AbortSignal,
): { readonly shares: Shares; readonly done: Promise<void> } {
  const state: State = {
    deps,
    options,
    signal,
    followers: new Set(),
    seen: new Map(),
    known: '',
    view: '',
    owns: () => false,
    keeps: undefined,
  }
  const shares: Shares = {
    owns: (id) => state.owns(id) && (state.keeps?.(id) ?? true),
    follow: (follower) => {
      state.followers.add(follower)
      return () => state.followers.delete(follower)
    },
  }
  return { shares, done: divide(state) }
}

async function divide(state: State): Promise<void> {
  const { deps, options, signal } = state
  const bell = listen(state)
  while (!signal.aborted) {
    try {
      await round(state)
    } catch (error) {
      if (signal.aborted) break
      deps.log.error('unable to divide the work', { group: options.group, error: messageOf(error) })
    }
    await bell.wait(options.retryPeriodMs)
  }
}

/** Looks at the Leases, gives up what others are to have, claims, looks again, begins. */
async function round(state: State): Promise<void> {
  const { deps, options, signal } = state
  let members = await reap(state, await look(state))
  const view = members.map(({ name }) => name).join(',')
  // Without a Lease of our own there is nothing to divide: its keeper will say that it is lost.
  if (!members.some(({ name }) => name === options.self)) return
  if (view !== state.view) {
    const next = ownership(view.split(','))
    // What an earlier round stopped, and did not come to claim anew, is still stopped.
    const kept = keptOf(state)
    state.keeps = (id) => kept(id) && next(id) === options.self
    await Promise.all([...state.followers].map((follower) => follower.stop(keptOf(state))))
    signal.throwIfAborted()
    await deps.lease.note({ [SHARD_MEMBERS]: view })
    deps.log.info('dividing the work anew', { group: options.group, members: view })
    state.view = view
    members = await look(state)
  }
  await claim(state, members)
}

function keptOf({ keeps }: State): (id: string) => boolean {
  return keeps ?? (() => true)
}

/** Takes up what is ours and claimed by nobody else. */
async function claim(state: State, members: readonly Member[]): Promise<void> {
  const { self } = state.options
  const known = members.map(({ name, view }) => `${name}=${view}`).join(';')
  if (known === state.known && state.keeps === undefined) return
  const before = state.owns
  const kept = keptOf(state)
  const ownerBy = new Map<string, (id: string) => string | undefined>()
  for (const view of [state.view, ...members.map((member) => member.view)])
    if (!ownerBy.has(view)) ownerBy.set(view, ownership(view === '' ? [] : view.split(',')))
  const own = ownerBy.get(state.view)
  const others = members.filter(({ name }) => name !== self)
  const owns = (id: string): boolean =>
    own?.(id) === self && others.every(({ name, view }) => ownerBy.get(view)?.(id) !== name)
  // Our claim stands already: whoever claims the same from now on sees it, and waits.
  await Promise.all([...state.followers].map((follower) => follower.catchUp()))
  state.owns = owns
  state.known = known
  state.keeps = undefined
  const isNew = (id: string): boolean => owns(id) && !(before(id) && kept(id))
  for (const follower of state.followers) follower.begin(isNew)
}

/** The members, by name. Read from the server anew, so that it is no older than our own last write. */
async function look(state: State): Promise<Member[]> {
  const { deps, options } = state
  const { items } = await bounded(state, (signal) =>
    deps.cluster.list(
      { group: 'coordination.k8s.io', kind: 'Lease' },
      { namespace: options.namespace, labelSelector: `${SHARD_GROUP}=${options.group}`, signal },
    ),
  )
  deps.onMembers?.(items)
  const members = items.map((lease) => ({
    name: lease.metadata.name ?? '',
    view: lease.metadata.annotations?.[SHARD_MEMBERS] ?? '',
    lease,
  }))
  return members.sort((a, b) => compareText(a.name, b.name))
}

/** Deletes Leases that have run out; answers the members that are left. */
async function reap(state: State, members: readonly Member[]): Promise<Member[]> {
  const { deps, options, seen } = state
  const nowMs = deps.clock.now()
  const alive: Member[] = []
  for (const member of members) {
    const { resourceVersion: record = '' } = member.lease.metadata
    const before = seen.get(member.name)
    if (before?.record !== record) seen.set(member.name, { record, atMs: nowMs })
    const since = nowMs - (seen.get(member.name)?.atMs ?? nowMs)
    const isDead = member.name !== options.self && since >= durationMs(state, member.lease)
    if (!isDead || !(await remove(state, member))) alive.push(member)
  }
  const names = new Set(alive.map(({ name }) => name))
  for (const name of seen.keys()) if (!names.has(name)) seen.delete(name)
  return alive
}

/** A request that hangs is given up, so that the next look is not late. */
async function bounded<T>(state: State, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { deps, options, signal } = state
  const hung = new AbortController()
  const takeBack = deps.clock.after(options.retryPeriodMs, () => hung.abort(new Error('no answer')))
  try {
    return await ask(AbortSignal.any([signal, hung.signal]))
  } finally {
    takeBack()
  }
}

function durationMs(state: State, lease: KubeObject): number {
  const seconds = valueAt(lease['spec'] as Json, 'leaseDurationSeconds')
  return typeof seconds === 'number' ? seconds * 1000 : state.options.leaseDurationMs
}

/** Deletes the Lease as it was seen; says whether it is gone. A renewal in between saves it. */
async function remove(state: State, member: Member): Promise<boolean> {
  const { deps } = state
  const { resourceVersion } = member.lease.metadata
  try {
    const guard = resourceVersion === undefined ? {} : { resourceVersion }
    await bounded(state, (signal) => deps.cluster.delete(idOf(member.lease), { ...guard, signal }))
    deps.log.info('a replica is gone', { lease: member.name })
    return true
  } catch (error) {
    if (isApiFault(error, 'CONFLICT')) return false
    if (isApiFault(error, 'NOT_FOUND')) return true
    throw error
  }
}

/** Rings when a Lease of the group comes, goes, or divides among others. */
function listen(state: State): { readonly wait: (ms: number) => Promise<void> } {
  const { deps, options, signal } = state
  const views = new Map<string, string>()
  let rung = false
  let ring: () => void = () => undefined
  const hear = async (): Promise<void> => {
    const events = deps.cluster.watch(
      { group: 'coordination.k8s.io', kind: 'Lease' },
      { namespace: options.namespace, labelSelector: `${SHARD_GROUP}=${options.group}`, signal },
    )
    for await (const event of events) {
      if (event.type === 'synced') continue
      const { name = '', annotations } = event.object.metadata
      const view = event.type === 'delete' ? undefined : (annotations?.[SHARD_MEMBERS] ?? '')
      if (views.get(name) === view) continue
      if (view === undefined) views.delete(name)
      else views.set(name, view)
      rung = true
      ring()
    }
  }
  // Without the right to watch, the next look finds out.
  hear().catch(() => undefined)
  return {
    wait: async (ms) => {
      const woken = new AbortController()
      ring = () => woken.abort(new Error('rung'))
      if (!rung)
        await deps.clock.sleep(ms, AbortSignal.any([woken.signal, signal])).catch(() => undefined)
      rung = false
    },
  }
}
