import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { createApiServer } from '../../src/apiserver/index.ts'
import { noMetrics, seededRandom, silentLog } from '../../src/base/index.ts'
import { runInstall } from '../../src/cli/install.ts'
import type { Io } from '../../src/cli/io.ts'
import type { OperateDeps } from '../../src/cli/operate.ts'
import { runUninstall } from '../../src/cli/uninstall.ts'
import { createCluster } from '../../src/cluster/index.ts'
import { startReconcilers } from '../../src/compose/reconcilers.ts'
import { systemClock as clock } from '../../src/compose/system.ts'
import { isKubeObject, type KubeObject, parseYaml } from '../../src/object/index.ts'
import { startGitHost } from '../kit/git-host.ts'

const install = readFileSync(join(import.meta.dirname, '../../deploy/install.yaml'), 'utf8')
const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const CONTROLLERS = ['source-controller', 'kustomize-controller']

/** The controllers of gotk-components.yaml, at some version. */
function components(version: string): string {
  return CONTROLLERS.map(
    (name) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: flux-system, labels: {app.kubernetes.io/part-of: flux}}
spec:
  replicas: 1
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: manager, image: "fluxcd/${name}:${version}"}]}
`,
  ).join('---\n')
}

const CONFIG = `apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: flux-system}
`

interface Deployment {
  readonly replicas: number
  readonly image: string
}

test('a bootstrapped repository neither brings Flux back nor prunes it; the way back does', async () => {
  const api = createApiServer({ clock, random: seededRandom(1) })
  const cluster = createCluster({ transport: api, clock, random: seededRandom(2) })
  const git = await startGitHost()
  const storageDir = mkdtempSync(join(tmpdir(), 'tidegate-bootstrap-'))
  closers.push(
    () => api.close(),
    () => git.close(),
    () => rmSync(storageDir, { recursive: true, force: true }),
  )
  let version = 0
  const commit = (files: Readonly<Record<string, string>>): void => {
    const repository = git.repository('fleet')
    version += 1
    const message = `Revision ${version}`
    repository.setRef('refs/heads/main', repository.commit({ files, message }))
  }
  const io: Io = {
    out: () => undefined,
    err: () => undefined,
    columns: undefined,
    env: {},
    cwd: '/',
    signal: new AbortController().signal,
  }
  const deps: OperateDeps = {
    clock,
    manifests: () => install,
    connect: async () => ({
      cluster,
      serverVersion: async () => 'v1.36.0',
      close: () => undefined,
    }),
  }
  const deployment = async (name: string): Promise<Deployment> => {
    const object = await cluster.get({
      group: 'apps',
      kind: 'Deployment',
      namespace: 'flux-system',
      name,
    })
    const spec = object['spec'] as {
      replicas: number
      template: { spec: { containers: { image: string }[] } }
    }
    return { replicas: spec.replicas, image: spec.template.spec.containers[0]?.image ?? '' }
  }

  // What Flux left: its controllers at work, and the repository that holds them.
  for (const object of (parseYaml(install, 'install.yaml') as unknown[]).filter(isKubeObject))
    if (['CustomResourceDefinition', 'Namespace'].includes(object.kind))
      await cluster.create(object)
  commit({ 'cluster/gotk-components.yaml': components('v1'), 'cluster/config.yaml': CONFIG })
  const apply = (object: KubeObject): Promise<unknown> => cluster.create(object)
  await clock.sleep(50)
  for (const object of (parseYaml(components('v1'), 'components') as unknown[]).filter(
    isKubeObject,
  ))
    await apply(object)
  const metadata = { name: 'flux-system', namespace: 'flux-system' }
  await apply({
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'GitRepository',
    metadata,
    spec: { interval: '1h', url: `${git.url}/plain/fleet.git`, ref: { branch: 'main' } },
  })
  await apply({
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata,
    spec: {
      interval: '1h',
      prune: true,
      path: './cluster',
      sourceRef: { kind: 'GitRepository', name: 'flux-system' },
    },
  })

  expect(await runInstall(['--takeover', '--no-wait', '--timeout=20s'], io, deps)).toBe(0)
  const stop = new AbortController()
  const reconcilers = await startReconcilers(
    {
      cluster,
      log: silentLog,
      metrics: noMetrics,
      source: { storageDir, host: '127.0.0.1', port: 0 },
      kustomize: {},
    },
    stop.signal,
  )
  closers.push(async () => {
    stop.abort(new Error('test over'))
    await reconcilers.done
  })
  /** Waits until a commit is what the Kustomization applied last. */
  const applied = async (revision: number): Promise<void> => {
    reconcilers.wake(`${git.url}/plain/fleet.git`)
    for (let tries = 0; tries < 400; tries += 1) {
      const ref = { group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization', ...metadata }
      const object = await cluster.get(ref)
      const status = object['status'] as { lastAppliedRevision?: string } | undefined
      const now = status?.lastAppliedRevision ?? ''
      if (now !== '' && now !== before) {
        before = now
        return
      }
      await clock.sleep(25)
    }
    throw new Error(`revision ${revision} was not applied`)
  }
  let before = ''
  const state = (): Promise<Deployment[]> => Promise.all(CONTROLLERS.map(deployment))
  const out = CONTROLLERS.map((name) => ({ replicas: 0, image: `fluxcd/${name}:v1` }))

  await applied(1)
  expect(await state(), 'what is in Git does not bring them back').toEqual(out)
  commit({ 'cluster/gotk-components.yaml': components('v2'), 'cluster/config.yaml': CONFIG })
  await applied(2)
  expect(await state(), 'nor does an upgrade of Flux in Git').toEqual(out)
  commit({ 'cluster/config.yaml': CONFIG })
  await applied(3)
  expect(await state(), 'and leaving Git does not remove them').toEqual(out)

  stop.abort(new Error('uninstalled'))
  await reconcilers.done
  expect(await runUninstall(['--timeout=20s'], io, deps)).toBe(0)
  expect((await state()).map(({ replicas }) => replicas)).toEqual([1, 1])
})
