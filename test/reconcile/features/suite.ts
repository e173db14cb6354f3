import type { Condition, Kustomization } from '../../../src/api/index.ts'
import { seededRandom } from '../../../src/base/index.ts'
import { createCluster } from '../../../src/cluster/index.ts'
import type { KubeObject } from '../../../src/object/index.ts'
import type { KustomizationOptions } from '../../../src/reconcile/index.ts'
import {
  installCrds,
  type System,
  startSystem,
  type TestClock,
  type TestServer,
} from '../system.ts'

/** A system in a namespace of its own, with the words that the suites of the features need. */
export interface FeatureSystem extends System<TestClock> {
  /** Makes Kustomizations of the source `repo`: name to the rest of the spec, as inline YAML. */
  kustomize(specs: Readonly<Record<string, string>>): Promise<void>
  /** Waits until a Kustomization has decided about its newest spec, and answers what it says. */
  decided(name: string): Promise<Condition>
  /** Waits until a Kustomization says so, as `reason: message`. */
  says(name: string, words: string): Promise<void>
  /** Asks for a run and waits until it is over. */
  request(name: string): Promise<Kustomization>
  patch(kind: string, name: string, value: object, manager?: string): Promise<void>
  /** `data` of a ConfigMap; undefined when there is none. */
  data(name: string): Promise<unknown>
  inventory(name: string): Promise<readonly string[]>
  live(kind: string, name: string): Promise<KubeObject>
}

/** Starts systems on one kind of server. */
export interface Suite {
  start(options?: Partial<KustomizationOptions>): Promise<FeatureSystem>
}

/** What a feature's file exports: it registers its tests. */
export type Feature = (suite: Suite) => void

const GROUPS: Readonly<Record<string, string>> = {
  Kustomization: 'kustomize.toolkit.fluxcd.io',
  Deployment: 'apps',
  Role: 'rbac.authorization.k8s.io',
}
const DECIDED_WITHIN_MS = 45_000

/** A suite on a server: each system has a namespace of its own there. */
export function suiteOn(server: TestServer): Suite & { closeAll(): Promise<void> } {
  const open: System<TestClock>[] = []
  let count = 0
  return {
    start: async (options = {}) => {
      if (count === 0) {
        const { transport, clock } = server
        await installCrds(createCluster({ transport, clock, random: seededRandom(1) }), clock)
      }
      count += 1
      const namespace = `feature-${process.pid}-${count}`
      const system = await startSystem({ ...options, namespace, server })
      open.push(system)
      return withWords(system)
    },
    closeAll: async () => {
      for (const system of open.splice(0)) {
        await system.stop()
        await forgetAll(system)
      }
    },
  }
}

/** Takes the Kustomizations of a system away, so that the next controller has none of them. */
async function forgetAll({ cluster, namespace }: System<TestClock>): Promise<void> {
  const kind = { group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization' }
  for (const { metadata } of (await cluster.list(kind, { namespace })).items) {
    const ref = { ...kind, namespace, name: metadata.name ?? '' }
    await cluster.patch(ref, { type: 'merge', value: { metadata: { finalizers: null } } }, {})
    await cluster.delete(ref, {})
  }
}

function withWords(system: System<TestClock>): FeatureSystem {
  const { cluster, namespace } = system
  const self: FeatureSystem = {
    ...system,
    kustomize: async (specs) => {
      for (const [name, spec] of Object.entries(specs)) await system.apply(manifest(name, spec))
    },
    decided: async (name) => {
      await system.until(async () => isDecided(await system.kustomization(name)), DECIDED_WITHIN_MS)
      const ready = readyOf(await system.kustomization(name))
      if (ready === undefined) throw new Error(`${name} has no Ready condition`)
      return ready
    },
    says: async (name, words) => {
      const said = async (): Promise<string> => {
        const ready = readyOf(await system.kustomization(name))
        return `${ready?.reason}: ${ready?.message}`
      }
      try {
        await system.until(async () => (await said()).includes(words), DECIDED_WITHIN_MS)
      } catch (error) {
        throw new Error(`${name} says ${await said()}`, { cause: error })
      }
    },
    request: async (name) => {
      const at = `at-${Math.round(system.clock.now())}`
      const annotations = { 'reconcile.fluxcd.io/requestedAt': at }
      await self.patch('Kustomization', name, { metadata: { annotations } })
      const handled = async (): Promise<boolean> =>
        (await system.kustomization(name))?.status?.lastHandledReconcileAt === at
      await system.until(handled, DECIDED_WITHIN_MS)
      return (await system.kustomization(name)) as Kustomization
    },
    patch: async (kind, name, value, manager = 'test') => {
      const ref = { group: GROUPS[kind] ?? '', kind, namespace, name }
      await cluster.patch(ref, { type: 'merge', value: value as never }, { fieldManager: manager })
    },
    data: async (name) => (await system.get('ConfigMap', name))?.['data'],
    inventory: async (name) =>
      ((await system.kustomization(name))?.status?.inventory?.entries ?? []).map(
        ({ id, v }) => `${id.replaceAll(namespace, 'ns')} ${v}`,
      ),
    live: async (kind, name) => {
      const found = await system.get(kind, name)
      if (found === undefined) throw new Error(`no ${kind}/${name}`)
      return found
    },
  }
  return self
}

function manifest(name: string, spec: string): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${name}}
spec: {${[
    'interval: 1h',
    ...(/\bprune:/.test(spec) ? [] : ['prune: true']),
    ...(/\bpath:/.test(spec) ? [] : ['path: ./']),
    ...(/\bsourceRef:/.test(spec) ? [] : ['sourceRef: {kind: GitRepository, name: repo}']),
    ...(spec === '' ? [] : [spec]),
  ].join(', ')}}`
}

function readyOf(object: Kustomization | undefined): Condition | undefined {
  return object?.status?.conditions?.find(({ type }) => type === 'Ready')
}

function isDecided(object: Kustomization | undefined): boolean {
  const ready = readyOf(object)
  return (
    ready !== undefined &&
    ready.status !== 'Unknown' &&
    ready.observedGeneration === object?.metadata.generation
  )
}

/** A ConfigMap as text, in the namespace of a system. */
export function settings(system: FeatureSystem, name: string, data = 'a: "1"', meta = ''): string {
  const more = meta === '' ? '' : `, ${meta}`
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: ${system.namespace}${more}}\ndata: {${data}}\n`
}
