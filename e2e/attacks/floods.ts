import { expect } from 'vitest'
import { isApiFault } from '../../src/object/index.ts'
import { type Attack, both, configMap, ends } from './attack.ts'
import type { World } from './world.ts'

const KUSTOMIZATIONS = { group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization' }
/** Letters that move a terminal, end a line, or turn its direction. */
const ODD = '\\u001b[2J\\u001b]0;owned\\u0007\\r\\n\\u2028\\u202e\\u0000'

function named(name: string, does: string, spec: string, objects?: Attack['objects']): Attack {
  return {
    name,
    does: `writes letters that move a terminal into the log, by ${does}`,
    files: { 'a.yaml': configMap(name) },
    ...(objects === undefined ? {} : { objects }),
    spec: `retryInterval: 1h\n  ${spec}`,
    want: isReadable,
  }
}

/** Each line of the log is an object of JSON, and no letter in it does more than stand there. */
const isReadable: Attack['want'] = ({ world }) => {
  const lines = world.logs().split('\n').slice(0, -1)
  expect(lines.length).toBeGreaterThan(10)
  const odd = lines.filter((line) => {
    if (line.split('').some((letter) => letter < ' ' || letter === '\u007f')) return true
    try {
      return typeof JSON.parse(line) !== 'object'
    } catch {
      return true
    }
  })
  expect(odd).toEqual([])
}

/** Kustomizations that come and go leave nothing in the metrics. */
async function churn(world: World): Promise<void> {
  const names = Array.from({ length: 40 }, (_, i) => `flood-churn-${i}`)
  const ref = (name: string): Parameters<World['mallory']['delete']>[0] => ({
    ...KUSTOMIZATIONS,
    version: 'v1',
    namespace: 'tenant-a',
    name,
  })
  for (const name of names) {
    await world.mallory.delete(ref(name)).catch((error: unknown) => {
      if (!isApiFault(error)) throw error
    })
  }
  await expect
    .poll(
      async () => (await (await fetch(world.metricsUrl)).text()).match(/flood-churn-\d+/g) ?? [],
      {
        timeout: 30_000,
        interval: 500,
      },
    )
    .toEqual([])
}

/** What fills logs, Events and metrics, or makes them say what is not so. */
export const FLOODS: readonly Attack[] = [
  { ...named('flood-path', 'a path', 'force: false'), path: `"${ODD}"` },
  named('flood-component', 'a component', `components: ["${ODD}"]`),
  named(
    'flood-name',
    'a health check',
    `healthChecks: [{apiVersion: v1, kind: ConfigMap, name: "${ODD}"}]\n  timeout: 5s`,
  ),
  named(
    'flood-expression',
    'a health expression',
    `wait: true\n  timeout: 5s\n  healthCheckExprs: [{apiVersion: v1, kind: ConfigMap, current: "'${ODD}"}]`,
  ),
  named('flood-account', 'a service account', `serviceAccountName: "${ODD}"`),
  named('flood-patch', 'a patch', `patches: [{patch: "${ODD}: {", target: {kind: ConfigMap}}]`),
  named('flood-variable', 'a value', `postBuild: {substitute: {v: "${ODD}"}}`),
  named('flood-image', 'an image', `images: [{name: "${ODD}", newTag: "${ODD}"}]`),
  named('flood-ignore', 'a pointer', `ignore: [{paths: ["/${ODD}"]}]`),
  named(
    'flood-url',
    'the address of a Git host',
    'dependsOn: [{name: flood-url}]',
    () =>
      `apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: flood-url, namespace: tenant-a}\nspec: {interval: 1h, timeout: 20s, url: "http://127.0.0.1:1/${ODD}.git"}\n`,
  ),
  named(
    'flood-branch',
    'a branch',
    'dependsOn: [{name: flood-branch}]',
    ({ git }) =>
      `apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: flood-branch, namespace: tenant-a}\nspec: {interval: 1h, timeout: 20s, url: '${git.url}/plain/tenant.git', ref: {branch: "${ODD}"}}\n`,
  ),
  {
    name: 'flood-files',
    does: 'writes letters that move a terminal into the log, by names of files and objects',
    files: {
      'kustomization.yaml': `resources: ["a\\u001b[2J.yaml", "b\\r\\n.yaml"]\nnamePrefix: "${ODD}"\n`,
      'a.yaml': configMap('flood-files'),
    },
    spec: 'retryInterval: 1h',
    want: both(ends, isReadable),
  },
  {
    name: 'flood-churn',
    does: 'fills the metrics with Kustomizations that come and go',
    files: { 'a.yaml': configMap('flood-churn') },
    objects: () =>
      Array.from(
        { length: 40 },
        (_, i) =>
          `---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: flood-churn-${i}, namespace: tenant-a}\nspec: {interval: 1h, prune: true, path: flood-churn, sourceRef: {kind: GitRepository, name: nobody-${i}}}\n`,
      ).join(''),
    want: ({ world }) => churn(world),
  },
  {
    name: 'flood-requests',
    does: 'asks two hundred times to be reconciled, and fills the Events',
    files: { 'a.yaml': configMap('flood-requests', 'data: {a: b}\n') },
    want: async ({ world, name }) => {
      for (let i = 0; i < 200; i += 1)
        await world.mallory.patch(
          { ...KUSTOMIZATIONS, version: 'v1', namespace: 'tenant-a', name },
          {
            type: 'merge',
            value: { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': `${i}` } } },
          },
        )
      await expect
        .poll(
          async () => {
            const object = await world.get('Kustomization', 'tenant-a', name)
            const { lastHandledReconcileAt } = (object?.['status'] ?? {}) as {
              lastHandledReconcileAt?: string
            }
            return lastHandledReconcileAt
          },
          { timeout: 30_000, interval: 200 },
        )
        .toBe('199')
      const { items } = await world.mallory.list(
        { group: '', kind: 'Event' },
        { namespace: 'tenant-a' },
      )
      const own = items.filter(
        (item) => (item['involvedObject'] as { name?: string } | undefined)?.name === name,
      )
      // As many as client-go writes of one object.
      expect(own.length).toBeLessThanOrEqual(26)
    },
  },
]
