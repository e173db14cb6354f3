import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { noMetrics, silentLog } from '../../src/base/index.ts'
import { apply, type Embedded, startEmbedded } from '../../src/compose/embedded.ts'
import { type RunningReceivers, startReceivers } from '../../src/compose/receivers.ts'
import { type Reconcilers, startReconcilers } from '../../src/compose/reconcilers.ts'
import { fieldAt, type KubeObject } from '../../src/object/index.ts'
import { MemoryRepository, type RunningServer, serveGit } from '../../src/source/index.ts'

const dir = mkdtempSync(join(tmpdir(), 'tidegate-hook-'))
const end = new AbortController()
const repository = new MemoryRepository()
let git: RunningServer
let embedded: Embedded
let reconcilers: Reconcilers
let receivers: RunningReceivers

const metadata = { name: 'fleet', namespace: 'default' }
const source = { kind: 'GitRepository', name: 'fleet' }

/** What a person would have in a repository, and push. */
function commit(value: string): void {
  const text = `apiVersion: v1
kind: ConfigMap
metadata: {name: app, namespace: default}
data: {value: "${value}"}
`
  const files = { 'app/cm.yaml': Buffer.from(text) }
  repository.setRef('refs/heads/main', repository.commit({ message: value, files }))
}

beforeAll(async () => {
  commit('one')
  git = await serveGit({ repository: () => repository, host: '127.0.0.1', port: 0 })
  embedded = await startEmbedded({ port: 0, log: silentLog })
  const { cluster } = embedded
  reconcilers = await startReconcilers(
    {
      cluster,
      log: silentLog,
      metrics: noMetrics,
      source: { storageDir: join(dir, 'artifacts'), host: '127.0.0.1', port: 0 },
      kustomize: {},
    },
    end.signal,
  )
  receivers = await startReceivers(
    { cluster, log: silentLog, metrics: noMetrics, address: '127.0.0.1:0' },
    end.signal,
  )
  const objects: readonly KubeObject[] = [
    {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'GitRepository',
      metadata,
      spec: { interval: '1h', url: `http://${git.address}/fleet.git`, ref: { branch: 'main' } },
    },
    {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata,
      spec: { interval: '1h', path: './app', prune: true, sourceRef: source },
    },
    { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { token: 'a token' } },
    {
      apiVersion: 'notification.toolkit.fluxcd.io/v1',
      kind: 'Receiver',
      metadata,
      spec: {
        type: 'github',
        events: ['push'],
        secretRef: { name: 'fleet' },
        resources: [{ ...source }],
      },
    },
  ]
  for (const object of objects) await apply(cluster, object)
}, 60_000)
afterAll(async () => {
  end.abort(new Error('done'))
  await reconcilers.done
  await receivers.done
  await embedded.close()
  await git.close()
  rmSync(dir, { recursive: true, force: true })
})

/** Watches the ConfigMap until it has a value; answers when. */
async function seen(value: string): Promise<number> {
  const signal = AbortSignal.timeout(60_000)
  for await (const event of embedded.cluster.watch(
    { group: '', kind: 'ConfigMap' },
    { namespace: 'default', signal },
  ))
    if (event.type === 'upsert' && fieldAt(event.object, 'data', 'value') === value)
      return performance.now()
  throw new Error('the watch ended')
}

async function hookPath(): Promise<string> {
  const kind = { group: 'notification.toolkit.fluxcd.io', kind: 'Receiver' }
  const signal = AbortSignal.timeout(60_000)
  for await (const event of embedded.cluster.watch(kind, { namespace: 'default', signal })) {
    if (event.type !== 'upsert') continue
    const path = fieldAt(event.object, 'status', 'webhookPath')
    if (typeof path === 'string') return path
  }
  throw new Error('the watch ended')
}

it('a push reaches the cluster by its webhook, long before the interval', async () => {
  await seen('one')
  const url = `http://${receivers.server.address}${await hookPath()}`
  commit('two')
  const body = '{"ref":"refs/heads/main"}'
  const signature = createHmac('sha256', 'a token').update(body).digest('hex')
  const headers = {
    'content-type': 'application/json',
    'x-github-event': 'push',
    'x-hub-signature-256': `sha256=${signature}`,
  }
  const startedMs = performance.now()
  expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(200)
  const tookMs = (await seen('two')) - startedMs
  // Under a second on an idle machine; far below what polling would take on a busy one.
  expect(tookMs).toBeLessThan(10_000)
  expect((await fetch(url, { method: 'POST', body })).status).toBe(400)
  expect((await fetch(url.replace('/hook/', '/other/'))).status).toBe(404)
}, 60_000)
