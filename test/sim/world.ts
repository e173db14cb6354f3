import type { Clock, Random } from '../../src/base/index.ts'
import { configMap, kustomization, NAMESPACE, type System } from '../reconcile/system.ts'

/** The Kustomizations of a simulation; each depends on the one before it. */
export const NAMES: readonly string[] = ['k0', 'k1', 'k2', 'k3']
const OBJECTS_MAX = 6
export const OWNER = 'kustomize.toolkit.fluxcd.io/name'

/** The objects of one Kustomization in one commit: ConfigMaps by name, and their value. */
export type Wanted = Readonly<Record<string, string>>

/** A commit, and when it was made. */
export interface Commit {
  readonly revision: string
  readonly atMs: number
  readonly wanted: Readonly<Record<string, Wanted>>
}

/** A whole system under one seed. */
export interface World {
  readonly system: System
  readonly random: Random
  readonly commits: Commit[]
  /** Suspended Kustomizations, and since when. */
  readonly suspended: Map<string, number>
  /** When each Kustomization's deletion was asked for last. */
  readonly deleted: Map<string, number>
  /** Which revisions each Kustomization has applied so far. */
  readonly applied: Map<string, Set<string>>
  /** What went wrong, found out where it happened. */
  readonly broken: string[]
  /** Answers go wrong now and then. */
  isTroubled: boolean
  /** Watches tell nothing, and do not end. */
  isSilent: boolean
  /** When they began to tell again. */
  heardMs: number
  /** Artifacts take their time. */
  isSlow: boolean
  /** How far the controller's clock is off. */
  skewMs: number
  /** Writes until the next crash. */
  crashAfter: number
  /** The process is dead and not started again yet. */
  isCrashed: boolean
}

/** A clock that is off by what the world says, as that of a machine whose time is set. */
export function skewed(clock: Clock, world: () => World): Clock {
  return {
    now: () => clock.now() + world().skewMs,
    after: (ms, fn) => clock.after(ms, fn),
    sleep: (ms, signal) => clock.sleep(ms, signal),
  }
}

export function drawInt(random: Random, below: number): number {
  return Math.floor(random.next() * below)
}

export function drawName(random: Random): string {
  return NAMES[drawInt(random, NAMES.length)] ?? 'k0'
}

/** What the newest commit wants. */
export function newest(world: World): Commit {
  const commit = world.commits.at(-1)
  if (commit === undefined) throw new Error('there is no commit yet')
  return commit
}

/** Commits new objects for each Kustomization: some stay, some change, some go, some come back. */
export async function commit(world: World): Promise<void> {
  const { system, random } = world
  const wanted = Object.fromEntries(NAMES.map((name) => [name, drawObjects(random, name)] as const))
  const files = Object.fromEntries(
    Object.entries(wanted).map(([name, objects]) => [
      `${name}/all.yaml`,
      Object.entries(objects)
        .map(([object, value]) => configMap(object, `a: ${value}`))
        .join('---\n'),
    ]),
  )
  const revision = await system.commit(files)
  world.commits.push({ revision, wanted, atMs: system.clock.now() })
}

/** Never empty: an empty build is asked about. */
function drawObjects(random: Random, name: string): Wanted {
  const objects: Record<string, string> = { [`${name}-stays`]: `v${drawInt(random, 3)}` }
  for (let i = 0; i < OBJECTS_MAX; i += 1)
    if (random.next() < 0.5) objects[`${name}-o${i}`] = `v${drawInt(random, 3)}`
  return objects
}

/** Creates a Kustomization; every other one waits for health. */
export async function createKustomization(world: World, name: string): Promise<void> {
  const i = NAMES.indexOf(name)
  const more = [
    ...(i === 0 ? [] : [`dependsOn: [{name: ${NAMES[i - 1]}}]`]),
    ...(i % 2 === 1 ? ['wait: true', 'timeout: 1m'] : []),
  ]
  await world.system.apply(
    kustomization(name, more.join('\n')).replace(
      'interval: 1h',
      'interval: 10m\n  retryInterval: 10s',
    ),
  )
}

/** Live ConfigMaps that say that they are a Kustomization's: name, owner, value. */
export async function owned(
  world: World,
): Promise<readonly { readonly name: string; readonly owner: string; readonly value: string }[]> {
  const { items } = await world.system.cluster.list(
    { group: '', kind: 'ConfigMap' },
    { namespace: NAMESPACE },
  )
  return items.flatMap(({ metadata, ...rest }) => {
    const owner = metadata.labels?.[OWNER]
    const data = rest['data'] as Readonly<Record<string, string>> | undefined
    if (owner === undefined) return []
    return [{ name: metadata.name ?? '', owner, value: data?.['a'] ?? '' }]
  })
}
