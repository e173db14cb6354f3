import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { createApiServer } from '../../src/apiserver/index.ts'
import { type Clock, seededRandom, sleepOn } from '../../src/base/index.ts'
import { runCheck } from '../../src/cli/check.ts'
import { TAKEN_OVER } from '../../src/cli/flux-beside.ts'
import { runInstall } from '../../src/cli/install.ts'
import type { Io } from '../../src/cli/io.ts'
import type { OperateDeps } from '../../src/cli/operate.ts'
import { runUninstall } from '../../src/cli/uninstall.ts'
import { createCluster } from '../../src/cluster/index.ts'
import {
  type Cluster,
  isArray,
  isKubeObject,
  type Json,
  type KubeObject,
  parseYaml,
  valueAt,
} from '../../src/object/index.ts'

/** Real time, twenty times as fast: Deployments of the embedded cluster take a simulated moment. */
const clock: Clock = {
  now: () => performance.now() * 20,
  after: (ms, fn) => {
    const timer = setTimeout(fn, Math.min(ms / 20, 2 ** 31 - 1))
    return () => clearTimeout(timer)
  },
  sleep: (ms, signal) => sleepOn(clock, ms, signal),
}

const manifests = readFileSync(join(import.meta.dirname, '../../deploy/install.yaml'), 'utf8')
const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

type Command = (argv: readonly string[], io: Io, deps: OperateDeps) => Promise<number>

interface Place {
  readonly cluster: Cluster
  /** Runs a command; answers its exit code and what it printed. */
  readonly run: (command: Command, ...argv: string[]) => Promise<{ code: number; out: string }>
}

function place(version = 'v1.36.3'): Place {
  const api = createApiServer({ clock, random: seededRandom(1) })
  closers.push(() => api.close())
  const cluster = createCluster({ transport: api, clock, random: seededRandom(2) })
  const deps: OperateDeps = {
    clock,
    manifests: () => manifests,
    connect: async () => ({
      cluster,
      serverVersion: async () => version,
      close: () => undefined,
    }),
  }
  return {
    cluster,
    run: async (command, ...argv) => {
      let out = ''
      const io: Io = {
        out: (text) => {
          out += text
        },
        err: () => undefined,
        columns: undefined,
        env: {},
        cwd: '/',
        signal: new AbortController().signal,
      }
      return { code: await command(argv, io, deps), out }
    },
  }
}

const DEPLOYMENT = { group: 'apps', kind: 'Deployment', namespace: 'flux-system' }

/** What `flux bootstrap` leaves: its namespace, a definition and the two controllers. */
async function fluxShaped(cluster: Cluster): Promise<void> {
  const labels = { 'app.kubernetes.io/part-of': 'flux', 'app.kubernetes.io/version': 'v2.9.4' }
  const objects: unknown[] = parseYaml(manifests, 'm')
  const crds = objects
    .filter(isKubeObject)
    .filter(({ kind }) => kind === 'CustomResourceDefinition')
    .map((crd) => ({ ...crd, metadata: { ...crd.metadata, labels } }))
  const controllers = ['source-controller', 'kustomize-controller'].map((name) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'flux-system', labels },
    spec: {
      replicas: name === 'source-controller' ? 1 : 2,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'manager', image: `flux/${name}:v1` }] },
      },
    },
  }))
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'flux-system' } }
  for (const object of [namespace, ...crds, ...controllers])
    await cluster.create(object as KubeObject)
}

async function versions(cluster: Cluster): Promise<Map<string, string>> {
  const kinds = [
    { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' },
    { group: '', kind: 'Namespace' },
  ]
  const lists = await Promise.all(kinds.map((kind) => cluster.list(kind)))
  return new Map(
    lists.flatMap(({ items }) =>
      items.map((item) => [
        `${item.kind}/${item.metadata.name}`,
        item.metadata.resourceVersion ?? '',
      ]),
    ),
  )
}

function replicas(deployment: KubeObject): Json | undefined {
  return valueAt(deployment['spec'] as Json, 'replicas')
}

describe('install', () => {
  test('puts everything there, waits until it is ready, and check is content', async () => {
    const { cluster, run } = place()
    const { code, out } = await run(runInstall)
    expect([code, out.split('\n').at(-2)]).toEqual([0, '✔ installed'])
    expect(out).toContain('► Deployment/flux-system/tidegate applied')
    const deployment = await cluster.get({ ...DEPLOYMENT, name: 'tidegate' })
    expect(valueAt(deployment['status'] as Json, 'availableReplicas')).toBe(1)
    const checked = await run(runCheck)
    expect([checked.code, checked.out]).toEqual([0, expect.stringContaining('all checks passed')])
    expect(checked.out).toContain('✔ kustomizations.kustomize.toolkit.fluxcd.io/v1\n')
    expect(checked.out).toContain('✔ ghcr.io/tidegate/tidegate:v0.1.0\n')
  })

  test('again, it changes nothing', async () => {
    const { cluster, run } = place()
    await run(runInstall)
    const ref = { ...DEPLOYMENT, name: 'tidegate' }
    const before = await cluster.get(ref)
    expect((await run(runInstall)).code).toBe(0)
    expect((await cluster.get(ref)).metadata.resourceVersion).toBe(before.metadata.resourceVersion)
  })

  test('another namespace, and one side alone', async () => {
    const { cluster, run } = place()
    await run(runInstall, '--namespace=gitops', '--controllers=kustomize')
    const deployment = await cluster.get({ ...DEPLOYMENT, namespace: 'gitops', name: 'tidegate' })
    const args = valueAt(deployment['spec'] as Json, 'template', 'spec', 'containers', 0, 'args')
    expect(isArray(args) ? args.at(-1) : '').toBe('--controllers=kustomize')
    const binding = await cluster.get({
      group: 'rbac.authorization.k8s.io',
      kind: 'ClusterRoleBinding',
      namespace: '',
      name: 'tidegate-cluster-admin',
    })
    expect(binding['subjects']).toMatchObject([{ namespace: 'gitops' }])
  })

  test('a dry run and an export touch nothing', async () => {
    const { cluster, run } = place()
    expect((await run(runInstall, '--dry-run')).out).toContain('► Namespace/flux-system applied')
    expect((await run(runInstall, '--export')).out).toContain('kind: CustomResourceDefinition')
    await expect(cluster.get({ ...DEPLOYMENT, name: 'tidegate' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
  })

  test('refuses to run beside Flux on the same objects', async () => {
    const { cluster, run } = place()
    await fluxShaped(cluster)
    await expect(run(runInstall)).rejects.toMatchObject({
      code: 'FLUX_RUNS',
      message: expect.stringContaining('source-controller and kustomize-controller in flux-system'),
    })
  })
})

describe('take-over and the way back', () => {
  test('the plan and the Event name the Kustomization that holds a controller in Git', async () => {
    const { cluster, run } = place()
    await fluxShaped(cluster)
    const labels = {
      'kustomize.toolkit.fluxcd.io/name': 'flux-system',
      'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
    }
    const body = { type: 'merge', value: { metadata: { labels } } } as const
    await cluster.patch({ ...DEPLOYMENT, name: 'kustomize-controller' }, body)
    const { out } = await run(runInstall, '--takeover')
    expect(out).toContain('left so by Kustomization/flux-system/flux-system, which holds it in Git')
    const events = await cluster.list({ group: '', kind: 'Event' }, { namespace: 'flux-system' })
    const told = events.items.map((event) => String(event['message']))
    expect(told).toContainEqual(
      expect.stringContaining('Kustomization/flux-system/flux-system, which holds this Deployment'),
    )
  })

  test("Flux's controllers go out of work and back; what both share is not touched", async () => {
    const { cluster, run } = place()
    await fluxShaped(cluster)
    const before = await versions(cluster)
    const { code, out } = await run(runInstall, '--takeover')
    expect(code).toBe(0)
    expect(out).toContain('► Deployment/flux-system/kustomize-controller scaled from 2 to 0')
    const taken = await cluster.get({ ...DEPLOYMENT, name: 'kustomize-controller' })
    expect([replicas(taken), taken.metadata.annotations?.[TAKEN_OVER]]).toEqual([0, '2'])
    // Flux's own marker: a Kustomization that holds this Deployment skips it.
    expect(taken.metadata.annotations?.['kustomize.toolkit.fluxcd.io/reconcile']).toBe('disabled')
    const events = await cluster.list({ group: '', kind: 'Event' }, { namespace: 'flux-system' })
    const told = events.items.filter((event) => event['reason'] === 'TakenOver')
    expect(
      told.map((event) => String(valueAt(event['involvedObject'] as Json, 'name'))).sort(),
    ).toEqual(['kustomize-controller', 'source-controller'])

    const back = await run(runUninstall)
    expect(back.code).toBe(0)
    const restored = await cluster.get({ ...DEPLOYMENT, name: 'kustomize-controller' })
    expect(replicas(restored)).toBe(2)
    expect(Object.keys(restored.metadata.annotations ?? {})).not.toContain(TAKEN_OVER)
    await expect(cluster.get({ ...DEPLOYMENT, name: 'tidegate' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    expect(await versions(cluster)).toEqual(before)
  })

  test('a take-over that is done again remembers the first state', async () => {
    const { cluster, run } = place()
    await fluxShaped(cluster)
    await run(runInstall, '--takeover')
    await run(runInstall, '--takeover')
    const taken = await cluster.get({ ...DEPLOYMENT, name: 'kustomize-controller' })
    expect(taken.metadata.annotations?.[TAKEN_OVER]).toBe('2')
  })

  test('half a take-over leaves the other half at work', async () => {
    const { cluster, run } = place()
    await fluxShaped(cluster)
    await run(runInstall, '--takeover', '--controllers=kustomize')
    expect(replicas(await cluster.get({ ...DEPLOYMENT, name: 'source-controller' }))).toBe(1)
    expect(replicas(await cluster.get({ ...DEPLOYMENT, name: 'kustomize-controller' }))).toBe(0)
  })
})

describe('uninstall', () => {
  const KUSTOMIZATION = {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: 'apps', namespace: 'default', finalizers: ['finalizers.fluxcd.io', 'x/y'] },
    spec: { interval: '1m', prune: true, sourceRef: { kind: 'GitRepository', name: 'x' } },
  }
  const ref = {
    group: 'kustomize.toolkit.fluxcd.io',
    kind: 'Kustomization',
    namespace: 'default',
    name: 'apps',
  }

  test('leaves definitions and Kustomizations, so that nothing is pruned', async () => {
    const { cluster, run } = place()
    await run(runInstall)
    await cluster.create(KUSTOMIZATION)
    await run(runUninstall)
    expect((await cluster.get(ref)).metadata.finalizers).toEqual(['finalizers.fluxcd.io', 'x/y'])
  })

  test('with --crds frees every object of its finalizer before it goes', async () => {
    const { cluster, run } = place()
    await run(runInstall)
    await cluster.create({
      ...KUSTOMIZATION,
      metadata: { ...KUSTOMIZATION.metadata, finalizers: ['finalizers.fluxcd.io'] },
    })
    const { out } = await run(runUninstall, '--crds')
    expect(out).toContain('► Kustomization/default/apps freed of its finalizer')
    await clock.sleep(2_000)
    cluster.forgetDiscovery()
    await expect(cluster.get(ref)).rejects.toMatchObject({ code: 'NO_MATCH' })
  })
})

test('check says what is wrong', async () => {
  const { run } = place('v1.32.1')
  const { code, out } = await run(runCheck)
  expect(code).toBe(1)
  expect(out).toContain('✗ Kubernetes 1.32.1 <1.33')
  expect(out).toContain('✗ no controllers found in the flux-system namespace')
  expect(out).toContain('✗ no definitions of Flux found')
})
