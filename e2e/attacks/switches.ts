import { expect } from 'vitest'
import { type Attack, absent, both, condition, configMap, fails } from './attack.ts'

const KS = 'kustomize.toolkit.fluxcd.io'
const FORBIDDEN = /cannot|forbidden/
const inB = (kind: string, name: string, annotations: string): string =>
  `apiVersion: v1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: tenant-b, annotations: {${annotations}}}\n`

/** Two attacks that may not be told apart: the object of another tenant is there, or it is not. */
function alike(name: string, does: string, annotations: string, kind = 'Secret'): Attack[] {
  return ['victim', 'nobody'].map(
    (target): Attack => ({
      name: `${name}-${target}`,
      does: target === 'victim' ? does : '',
      files: { 'a.yaml': inB(kind, target, annotations) },
      spec: 'retryInterval: 1h\n  targetNamespace: tenant-b',
      want: async ({ world, object }) => {
        const other = target === 'victim' ? 'nobody' : 'victim'
        const twin = await world.get('Kustomization', 'tenant-a', `${name}-${other}`)
        const told = (from: typeof object, which: string): unknown => {
          const { status, message = '' } = condition(from) ?? {}
          return [status, message.replaceAll(which, '*')]
        }
        expect(told(object, target)).toEqual(told(twin, other))
        await absent(kind, 'tenant-b', 'nobody')({ world } as never)
      },
    }),
  )
}

/** An object of a sibling, a Kustomization of the same tenant, which may not be lost by a trick. */
function sibling(name: string): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}-kept, namespace: tenant-a, labels: {${KS}/name: somebody, ${KS}/namespace: tenant-a}}\n`
}

function forged(
  name: string,
  does: string,
  entries: readonly string[],
  more: Partial<Attack> = {},
): Attack {
  return {
    name,
    does,
    files: { 'a.yaml': configMap(name, 'data: {a: b}\n') },
    objects: () => sibling(name),
    status: `inventory: {entries: [${entries.map((id) => `{id: "${id}", v: v1}`).join(', ')}]}`,
    want: both(
      async ({ world }) =>
        expect(await world.get('ConfigMap', 'tenant-a', `${name}-kept`)).toBeDefined(),
      async ({ world }) =>
        expect(await world.get('ServiceAccount', 'tenant-a', 'gitops')).toBeDefined(),
      ({ world }) => expect(world.isRunning()).toBe(true),
    ),
    ...more,
  }
}

/** Annotations that switch behaviour, and inventories that name what is not its own. */
export const SWITCHES: readonly Attack[] = [
  ...alike(
    'switch-present',
    'learns by ssa: IfNotPresent what Secrets another tenant has',
    `${KS}/ssa: IfNotPresent`,
  ),
  ...alike('switch-ignore', 'learns by ssa: Ignore what another tenant has', `${KS}/ssa: Ignore`),
  ...alike('switch-merge', 'learns by ssa: Merge what another tenant has', `${KS}/ssa: Merge`),
  ...alike(
    'switch-reconcile',
    'learns by reconcile: disabled what another tenant has',
    `${KS}/reconcile: disabled`,
  ),
  ...alike(
    'switch-force',
    'learns by force: enabled what another tenant has',
    `${KS}/force: enabled`,
    'ConfigMap',
  ),
  {
    name: 'switch-prune-foreign',
    does: "keeps another tenant's object from being pruned",
    files: { 'a.yaml': inB('ConfigMap', 'from-git', `${KS}/prune: disabled`) },
    spec: 'retryInterval: 1h\n  targetNamespace: tenant-b\n  force: true',
    want: fails(FORBIDDEN),
  },
  {
    name: 'switch-all',
    does: 'lays every annotation of the controller on one object',
    files: {
      'a.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: switch-all, annotations: {${['prune', 'ssa', 'reconcile', 'force', 'decrypt', 'substitute'].map((key) => `${KS}/${key}: "enabled\\n${key}"`).join(', ')}}}\n`,
    },
    want: ({ object, world }) => {
      expect(condition(object)).toBeDefined()
      expect(world.isRunning()).toBe(true)
    },
  },
  {
    name: 'switch-gate',
    does: 'opens what only the operator opens, by annotations and labels on its Kustomization',
    files: { 'a.yaml': configMap('switch-gate', 'data: {a: b}\n') },
    objects: () =>
      `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: switch-gated\n  namespace: tenant-a\n  annotations: {tidegate.dev/cross-namespace: enabled, tidegate.dev/remote-bases: enabled, tidegate.dev/prune-all: enabled, tidegate.dev/sops-verify: "x\\ny"}\n  labels: {${KS}/name: victim, ${KS}/namespace: tenant-b, sharding.fluxcd.io/key: other}\nspec: {interval: 1h, prune: true, sourceRef: {kind: GitRepository, name: victim, namespace: tenant-b}}\n`,
    want: async ({ world }) => {
      const made = await world.get('Kustomization', 'tenant-a', 'switch-gated')
      expect(condition(made)?.reason ?? 'AccessDenied').toBe('AccessDenied')
      expect(await world.get('ConfigMap', 'tenant-a', 'from-git')).toBeUndefined()
    },
  },
  forged('switch-sibling', 'prunes what another Kustomization of its own namespace owns', [
    'tenant-a_switch-sibling-kept__ConfigMap',
  ]),
  forged('switch-sibling-again', 'names the same object in another spelling', [
    'tenant-a_switch-sibling-again-kept__ConfigMap',
    'tenant-a_switch-sibling-again-kept_ _ConfigMap',
    'tenant-a_switch-sibling-again-kept_v1_ConfigMap',
  ]),
  forged('switch-account', 'prunes the service account that it acts as', [
    'tenant-a_gitops__ServiceAccount',
  ]),
  forged('switch-namespace', 'prunes its own namespace', ['_tenant-a__Namespace']),
  forged('switch-self', 'prunes itself', [
    'tenant-a_switch-self_kustomize.toolkit.fluxcd.io_Kustomization',
  ]),
  forged('switch-version', 'names a version of ten kilobytes', [], {
    status: `inventory: {entries: [{id: tenant-a_switch-version-kept__ConfigMap, v: "${'v'.repeat(10_000)}"}]}`,
  }),
  forged(
    'switch-wide',
    'has an inventory of twenty thousand',
    Array.from({ length: 20_000 }, (_, i) => `tenant-a_n${i}__ConfigMap`),
  ),
  {
    name: 'switch-cycle',
    does: 'waits for itself',
    files: { 'a.yaml': configMap('switch-cycle') },
    spec: 'retryInterval: 1h\n  dependsOn: [{name: switch-cycle}]',
    want: fails(/cycle|depend/),
  },
  {
    name: 'switch-cycle-foreign',
    does: "makes a ring of its Kustomization and another tenant's",
    files: { 'a.yaml': configMap('switch-cycle-foreign') },
    spec: 'retryInterval: 1h\n  dependsOn: [{name: victim, namespace: tenant-b}, {name: switch-cycle-foreign}]',
    want: both(fails(/./), async ({ world }) => {
      const victim = await world.get('Kustomization', 'tenant-b', 'victim')
      expect(condition(victim)?.status).toBe('True')
    }),
  },
]
