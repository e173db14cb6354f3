import { seededRandom } from '../../src/base/index.ts'
import { NAMESPACE, startSystem } from '../reconcile/system.ts'
import { troubled } from './faults.ts'
import { demandInvariants, hasConverged } from './invariants.ts'
import {
  commit,
  createKustomization,
  drawInt,
  drawName,
  NAMES,
  owned,
  skewed,
  type World,
} from './world.ts'

const KUSTOMIZATION = { group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization' }
const STEP_MS_MAX = 3_000
const SLOW_MS_MAX = 20_000
const SKEW_MS_MAX = 2 * 3_600_000
const CONVERGENCE_MS_MAX = 1_800_000

/**
 * Runs the real reconciler on the embedded server in virtual time: commits, foreign edits, faults
 * and crashes drawn from the seed. Throws when an invariant does not hold, with the seed's number.
 */
export async function simulate(seed: number, steps: number): Promise<void> {
  const random = seededRandom(seed)
  const world: World = {
    random,
    commits: [],
    suspended: new Map(),
    deleted: new Map(),
    applied: new Map(),
    broken: [],
    isTroubled: false,
    isSilent: false,
    heardMs: 0,
    isSlow: false,
    skewMs: 0,
    crashAfter: Number.POSITIVE_INFINITY,
    isCrashed: false,
    system: await startSystem({
      isIdle: true,
      faults: (transport, end) => troubled(transport, end, () => world),
      controllerClock: (clock) => skewed(clock, () => world),
      beforeArtifact: async () => {
        if (world.isSlow) await world.system.clock.sleep(drawInt(random, SLOW_MS_MAX))
      },
    }),
  }
  try {
    world.system.start()
    await commit(world)
    for (const name of NAMES) await createKustomization(world, name)
    for (let step = 0; step < steps; step += 1) {
      await act(world)
      await world.system.clock.advance(drawInt(random, STEP_MS_MAX))
      await demandInvariants(world)
      if (world.isCrashed) await restart(world)
    }
    await demandConvergence(world)
    await demandInvariants(world)
  } catch (error) {
    throw new Error(`seed ${seed}: ${String(error)}`, { cause: error })
  } finally {
    await world.system.close()
  }
}

/** What may happen, and how often. */
const ACTS: readonly (readonly [weight: number, act: (world: World) => Promise<void> | void])[] = [
  [30, commit],
  [20, editForeign],
  [12, toggleSuspend],
  [12, (world) => void (world.isTroubled = !world.isTroubled)],
  [5, toggleSilence],
  [5, (world) => void (world.isSlow = !world.isSlow)],
  [4, (world) => void (world.skewMs = drawInt(world.random, SKEW_MS_MAX) - SKEW_MS_MAX / 2)],
  [12, (world) => void (world.crashAfter = drawInt(world.random, 10))],
  [5, restart],
  [5, removeOrRestore],
  [5, (world) => world.system.clock.advance(drawInt(world.random, 120_000))],
]
const WEIGHTS = ACTS.reduce((sum, [weight]) => sum + weight, 0)

async function act(world: World): Promise<void> {
  let draw = world.random.next() * WEIGHTS
  for (const [weight, work] of ACTS) {
    draw -= weight
    if (draw < 0) return work(world)
  }
}

function toggleSilence(world: World): void {
  world.isSilent = !world.isSilent
  world.heardMs = world.system.clock.now()
}

async function restart(world: World): Promise<void> {
  world.crashAfter = Number.POSITIVE_INFINITY
  await world.system.stop()
  world.isCrashed = false
  world.system.start()
}

async function editForeign(world: World): Promise<void> {
  const { system, random } = world
  const all = await owned(world)
  const target = all[drawInt(random, all.length)]
  if (target === undefined) return
  const ref = { group: '', kind: 'ConfigMap', namespace: NAMESPACE, name: target.name }
  const manager = random.next() < 0.5 ? 'foreign' : 'kubectl-edit'
  if (random.next() < 0.5) await system.cluster.delete(ref)
  else
    await system.cluster.patch(
      ref,
      { type: 'merge', value: { data: { a: 'foreign' } } },
      { fieldManager: manager },
    )
}

async function toggleSuspend(world: World): Promise<void> {
  const name = drawName(world.random)
  if (world.deleted.get(name) === Number.POSITIVE_INFINITY) return
  const suspend = !world.suspended.has(name)
  if (!suspend) world.suspended.delete(name)
  await patch(world, name, { spec: { suspend } })
  if (suspend) world.suspended.set(name, world.system.clock.now())
}

/** Deletes a Kustomization, or makes those anew that are gone. */
async function removeOrRestore(world: World): Promise<void> {
  const { system } = world
  for (const name of NAMES)
    if ((await system.kustomization(name)) === undefined) return restore(world)
  const name = drawName(world.random)
  // One that is suspended leaves its objects to nobody.
  if (world.suspended.has(name)) return
  world.deleted.set(name, Number.POSITIVE_INFINITY)
  await system.cluster.delete({ ...KUSTOMIZATION, namespace: NAMESPACE, name })
}

/** Makes the Kustomizations anew that are gone. */
async function restore(world: World): Promise<void> {
  for (const name of NAMES)
    if ((await world.system.kustomization(name)) === undefined) {
      await createKustomization(world, name)
      world.suspended.delete(name)
      world.deleted.set(name, world.system.clock.now())
    }
}

async function patch(world: World, name: string, value: object): Promise<void> {
  if ((await world.system.kustomization(name)) === undefined) return
  const ref = { ...KUSTOMIZATION, namespace: NAMESPACE, name }
  await world.system.cluster.patch(ref, { type: 'merge', value: value as never })
}

/** Once the trouble is over, what is wanted is there, and another pass writes nothing but status. */
async function demandConvergence(world: World): Promise<void> {
  const { system } = world
  Object.assign(world, { isTroubled: false, isSilent: false, isSlow: false })
  await restart(world)
  for (const name of world.suspended.keys()) await patch(world, name, { spec: { suspend: false } })
  world.suspended.clear()
  await system.clock.advance(120_000)
  await restore(world)
  await system.until(() => hasConverged(world), CONVERGENCE_MS_MAX)
  await system.clock.advance(120_000)
  if (!(await hasConverged(world))) throw new Error('it does not stay converged')
  system.requests()
  for (const name of NAMES)
    await patch(world, name, {
      metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': 'last' } },
    })
  await system.clock.advance(10_000)
  const writes = system
    .requests()
    .filter((each) => !each.startsWith('GET') && !/\/events|\/status|dryRun/.test(each))
  if (writes.length > 0) throw new Error(`a pass without a change writes: ${writes.join(', ')}`)
}
