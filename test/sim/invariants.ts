import type { Kustomization } from '../../src/api/index.ts'
import type { ApiRequest } from '../../src/object/index.ts'
import { parseEntry } from '../../src/plan/index.ts'
import { type Commit, NAMES, newest, owned, type World } from './world.ts'

/** A run that had begun before something was asked for may still write for so long. */
const LATE_MS = 60_000

/** Looks at a write that the server is about to make. */
export function noteWrite(world: World, request: ApiRequest): void {
  const [, kustomization] = /\/kustomizations\/(k\d)\/status/.exec(request.path) ?? []
  if (kustomization !== undefined) noteStatus(world, kustomization, String(request.body ?? ''))
  const [, owner, rest] = /\/configmaps\/(k\d)-([^?/]+)/.exec(request.path) ?? []
  if (owner !== undefined && rest !== undefined) noteObject(world, request, { owner, rest })
}

/** A revision is applied after those that it depends on have applied it. */
function noteStatus(world: World, name: string, body: string): void {
  const [, revision] = /"lastAppliedRevision":"([^"]+)"/.exec(body) ?? []
  if (revision === undefined) return
  world.applied.set(name, (world.applied.get(name) ?? new Set()).add(revision))
  const before = NAMES[NAMES.indexOf(name) - 1]
  if (before !== undefined && world.applied.get(before)?.has(revision) !== true)
    world.broken.push(`${name} has applied ${revision}, ${before} has not`)
}

function noteObject(
  world: World,
  request: ApiRequest,
  { owner, rest }: { readonly owner: string; readonly rest: string },
): void {
  const nowMs = world.system.clock.now()
  const suspendedMs = world.suspended.get(owner)
  const knownMs = Math.max(suspendedMs ?? nowMs, world.isSilent ? nowMs : world.heardMs)
  if (nowMs - knownMs > LATE_MS)
    world.broken.push(`${owner} is suspended, and writes ${request.method} ${rest}`)
  if (request.method !== 'DELETE') return
  const isGoing = nowMs - (world.deleted.get(owner) ?? -Infinity) <= LATE_MS
  const isDesired = recent(world).every(({ wanted }) => `${owner}-${rest}` in (wanted[owner] ?? {}))
  if (isDesired && !isGoing) world.broken.push(`${owner}-${rest} is wanted, and is deleted`)
}

/** The commits that a run under way may be about: the newest, and what was that a moment ago. */
function recent(world: World): readonly Commit[] {
  const nowMs = world.system.clock.now()
  return world.commits.filter(
    (_, i, all) => (all[i + 1]?.atMs ?? Number.POSITIVE_INFINITY) > nowMs - LATE_MS,
  )
}

/** Looks at the whole; throws when something does not hold. */
export async function demandInvariants(world: World): Promise<void> {
  if (world.broken.length > 0) throw new Error(world.broken.join('; '))
  const objects = new Map<string, Kustomization>()
  for (const name of NAMES) {
    const object = await world.system.kustomization(name)
    if (object !== undefined) objects.set(name, object)
  }
  for (const { name, owner } of await owned(world)) {
    const entries = objects.get(owner)?.status?.inventory?.entries ?? []
    if (!entries.some((entry) => parseEntry(entry)?.name === name))
      throw new Error(`ConfigMap ${name} is in no inventory`)
  }
  for (const [name, object] of objects) demandStatus(name, object)
}

function demandStatus(name: string, { metadata, status }: Kustomization): void {
  const conditions = status?.conditions ?? []
  const types = conditions.map(({ type }) => type)
  if (new Set(types).size !== types.length) throw new Error(`${name} has a condition twice`)
  const is = (type: string): boolean =>
    conditions.some((each) => each.type === type && each.status === 'True')
  if (is('Ready') && (is('Stalled') || is('Reconciling')))
    throw new Error(`${name} is Ready and not done`)
  if (is('Stalled') && is('Reconciling')) throw new Error(`${name} is Stalled and works`)
  if ((status?.observedGeneration ?? 0) > (metadata.generation ?? 0))
    throw new Error(`${name} has observed what is not there yet`)
}

/** Says whether the cluster holds what the newest commit wants, and all is Ready. */
export async function hasConverged(world: World): Promise<boolean> {
  const { system } = world
  const { revision, wanted } = newest(world)
  for (const name of NAMES) {
    const status = (await system.kustomization(name))?.status
    if (status?.lastAppliedRevision !== revision || !(await system.ready(name))) return false
  }
  const live = (await owned(world)).map(({ name, value }) => `${name} ${value}`)
  const all = Object.values(wanted).flatMap((objects) =>
    Object.entries(objects).map(([object, value]) => `${object} ${value}`),
  )
  return live.sort().join() === all.sort().join()
}
