import { Fault, type Random, seededRandom } from '../../src/base/index.ts'
import type { ApiRequest, ApiResponse, Transport } from '../../src/object/index.ts'
import { parseEntry } from '../../src/plan/index.ts'
import {
  configMap,
  kustomization,
  NAMESPACE,
  type System,
  startSystem,
} from '../reconcile/system.ts'

const NAMES = ['k0', 'k1', 'k2', 'k3']
const OBJECTS_MAX = 6
const OWNER = 'kustomize.toolkit.fluxcd.io/name'
const KUSTOMIZATION = { group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization' }

/** A whole system under one seed. */
interface World {
  readonly system: System
  readonly random: Random
  /** What the newest commit wants, by Kustomization. */
  wanted: Readonly<Record<string, Readonly<Record<string, string>>>>
  revision: string
  readonly suspended: Set<string>
  isTroubled: boolean
  /** Writes until the next crash. */
  crashAfter: number
}

/**
 * Runs the real reconciler on the embedded server in virtual time: commits, foreign edits, faults
 * and crashes drawn from the seed. Throws when an invariant does not hold, with the seed's number.
 */
export async function simulate(seed: number, steps: number): Promise<void> {
  const random = seededRandom(seed)
  const world: World = {
    random,
    wanted: {},
    revision: '',
    suspended: new Set(),
    isTroubled: false,
    crashAfter: Number.POSITIVE_INFINITY,
    system: await startSystem({
      isIdle: true,
      faults: (transport, end) => troubled(transport, end, () => world),
    }),
  }
  try {
    world.system.start()
    await commit(world)
    for (const [i, name] of NAMES.entries())
      await world.system.apply(
        kustomization(name, i === 0 ? '' : `dependsOn: [{name: ${NAMES[i - 1]}}]`).replace(
          'interval: 1h',
          'interval: 10m\n  retryInterval: 10s',
        ),
      )
    for (let step = 0; step < steps; step += 1) {
      await act(world)
      await world.system.clock.advance(Math.floor(random.next() * 3000))
      await demandTracked(world)
    }
    await demandConvergence(world)
  } catch (error) {
    throw new Error(`seed ${seed}: ${String(error)}`, { cause: error })
  } finally {
    await world.system.close()
  }
}

async function act(world: World): Promise<void> {
  const { random, system } = world
  const draw = random.next()
  if (draw < 0.3) await commit(world)
  else if (draw < 0.5) await editForeign(world)
  else if (draw < 0.65) await toggleSuspend(world)
  else if (draw < 0.8) world.isTroubled = !world.isTroubled
  else if (draw < 0.9) world.crashAfter = Math.floor(random.next() * 10)
  else {
    await system.stop()
    world.crashAfter = Number.POSITIVE_INFINITY
    system.start()
  }
}

async function commit(world: World): Promise<void> {
  const wanted = Object.fromEntries(
    NAMES.map((name) => [name, drawObjects(world.random, name)] as const),
  )
  const files = Object.fromEntries(
    Object.entries(wanted).map(([name, objects]) => [
      `${name}/all.yaml`,
      Object.entries(objects)
        .map(([object, value]) => configMap(object, `a: ${value}`))
        .join('---\n'),
    ]),
  )
  world.wanted = wanted
  world.revision = await world.system.commit(files)
}

/** Never empty: an empty build is asked about. */
function drawObjects(random: Random, name: string): Record<string, string> {
  const objects: Record<string, string> = { [`${name}-stays`]: `v${Math.floor(random.next() * 3)}` }
  for (let i = 0; i < OBJECTS_MAX; i += 1)
    if (random.next() < 0.5) objects[`${name}-o${i}`] = `v${Math.floor(random.next() * 3)}`
  return objects
}

async function editForeign(world: World): Promise<void> {
  const { system, random } = world
  const { items } = await system.cluster.list(
    { group: '', kind: 'ConfigMap' },
    { namespace: NAMESPACE },
  )
  const owned = items.filter(({ metadata }) => metadata.labels?.[OWNER] !== undefined)
  const target = owned[Math.floor(random.next() * owned.length)]
  if (target === undefined) return
  const ref = {
    group: '',
    kind: 'ConfigMap',
    namespace: NAMESPACE,
    name: target.metadata.name ?? '',
  }
  if (random.next() < 0.5) await system.cluster.delete(ref)
  else
    await system.cluster.patch(
      ref,
      { type: 'merge', value: { data: { a: 'foreign' } } },
      { fieldManager: 'foreign' },
    )
}

async function toggleSuspend(world: World): Promise<void> {
  const name = NAMES[Math.floor(world.random.next() * NAMES.length)] ?? 'k0'
  const suspend = !world.suspended.has(name)
  if (suspend) world.suspended.add(name)
  else world.suspended.delete(name)
  await patch(world, name, { spec: { suspend } })
}

async function patch(world: World, name: string, value: object): Promise<void> {
  const ref = { ...KUSTOMIZATION, namespace: NAMESPACE, name }
  await world.system.cluster.patch(ref, { type: 'merge', value: value as never })
}

/** No live object that we made is in no inventory. */
async function demandTracked(world: World): Promise<void> {
  const { system } = world
  const { items } = await system.cluster.list(
    { group: '', kind: 'ConfigMap' },
    { namespace: NAMESPACE },
  )
  for (const { metadata } of items) {
    const owner = metadata.labels?.[OWNER]
    if (owner === undefined) continue
    const entries = (await system.kustomization(owner))?.status?.inventory?.entries ?? []
    if (!entries.some((entry) => parseEntry(entry)?.name === metadata.name))
      throw new Error(`ConfigMap ${metadata.name} is in no inventory`)
  }
}

/** Once the trouble is over, what is wanted is there, and another pass writes nothing but status. */
async function demandConvergence(world: World): Promise<void> {
  const { system } = world
  world.isTroubled = false
  world.crashAfter = Number.POSITIVE_INFINITY
  await system.stop()
  system.start()
  for (const name of world.suspended) await patch(world, name, { spec: { suspend: false } })
  world.suspended.clear()
  await system.until(() => hasConverged(world), 1_800_000)
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

async function hasConverged(world: World): Promise<boolean> {
  const { system, wanted, revision } = world
  for (const name of NAMES) {
    const status = (await system.kustomization(name))?.status
    if (status?.lastAppliedRevision !== revision || !(await system.ready(name))) return false
  }
  const { items } = await system.cluster.list(
    { group: '', kind: 'ConfigMap' },
    { namespace: NAMESPACE },
  )
  const live = items
    .filter(({ metadata }) => metadata.labels?.[OWNER] !== undefined)
    .map((item) => `${item.metadata.name} ${(item['data'] as Record<string, string>)['a']}`)
  const all = Object.values(wanted).flatMap((objects) =>
    Object.entries(objects).map(([object, value]) => `${object} ${value}`),
  )
  return live.sort().join() === all.sort().join()
}

/** Answers that go wrong now and then, and a connection that is dead after a crash. */
function troubled(transport: Transport, end: AbortSignal, world: () => World): Transport {
  let isDead = false
  return {
    request: async (request) => {
      if (isDead || end.aborted) throw unreachable()
      const state = world()
      const isWrite = request.method !== 'GET' && !request.path.includes('dryRun')
      if (isWrite) {
        state.crashAfter -= 1
        if (state.crashAfter === -1) {
          isDead = true
          void restart(state)
          throw unreachable()
        }
      }
      const fault = state.isTroubled ? drawFault(state.random, request) : undefined
      if (fault === 'drop') throw unreachable()
      return fault ?? transport.request(request)
    },
  }
}

async function restart(world: World): Promise<void> {
  world.crashAfter = Number.POSITIVE_INFINITY
  await world.system.stop()
  world.system.start()
}

function drawFault(random: Random, request: ApiRequest): ApiResponse | 'drop' | undefined {
  const draw = random.next()
  if (request.path.includes('watch=true')) return undefined
  if (draw < 0.05) return 'drop'
  if (draw < 0.1) return answer(500, 'InternalError')
  if (draw < 0.15) return answer(429, 'TooManyRequests')
  return draw < 0.2 && request.method === 'PATCH' ? answer(409, 'Conflict') : undefined
}

function unreachable(): Fault {
  return new Fault({ code: 'UNREACHABLE', message: 'connection refused' })
}

function answer(status: number, reason: string): ApiResponse {
  const body = {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    reason,
    message: reason,
    code: status,
  }
  return {
    status,
    headers: { 'content-type': 'application/json', 'retry-after': '1' },
    text: () => Promise.resolve(JSON.stringify(body)),
    lines: async function* () {
      yield JSON.stringify(body)
    },
  }
}
