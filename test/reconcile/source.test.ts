import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type {
  Artifact,
  Fetcher,
  GitCheckout,
  GitRepository,
  GitRequest,
  OciArtifact,
  OciPolicy,
  OciRepository,
  OciRepositoryStatus,
} from '../../src/api/index.ts'
import { createApiServer } from '../../src/apiserver/index.ts'
import {
  Fault,
  memoryTree,
  noMetrics,
  seededRandom,
  silentLog,
  VirtualClock,
} from '../../src/base/index.ts'
import { createCluster } from '../../src/cluster/index.ts'
import { type Cluster, isKubeObject, parseYaml } from '../../src/object/index.ts'
import {
  createEvents,
  createGitRepositoryController,
  createOciRepositoryController,
  type GitRepositoryController,
} from '../../src/reconcile/index.ts'

// What goes beyond Flux, and what needs the clock in hand; the rest is in test/conformance.

const ROOT = join(import.meta.dirname, '../..')
let clock: VirtualClock
let cluster: Cluster
let controller: GitRepositoryController
let end: AbortController
let done: Promise<void>
let close: () => void
let asked: { url: string; have: string | undefined }[]
let commits: Map<string, string>
let isDown: boolean

const fetcher: Fetcher = {
  git: async (request: GitRequest): Promise<GitCheckout | 'unchanged'> => {
    asked.push({ url: request.url, have: request.have })
    if (isDown) throw new Fault({ code: 'GIT_HOST', message: 'connection refused' })
    const commit = (commits.get(request.url) ?? '1').padStart(40, '0')
    const revision = `main@sha1:${commit}`
    if (request.have === revision) return 'unchanged'
    return {
      revision,
      commit,
      subject: `Commit ${commit}`,
      signed: { payload: Buffer.from(''), signature: '' },
      tree: memoryTree({ a: commit }),
      release: () => undefined,
    }
  },
}

beforeEach(async () => {
  clock = new VirtualClock()
  asked = []
  commits = new Map()
  isDown = false
  const deps = { clock, random: seededRandom(3), log: silentLog }
  const server = createApiServer(deps)
  cluster = createCluster({ transport: server, ...deps })
  for (const name of readdirSync(join(ROOT, 'crds')).filter((each) => each.endsWith('.yaml')))
    for (const crd of parseYaml(readFileSync(join(ROOT, 'crds', name), 'utf8'), name))
      if (isKubeObject(crd)) await cluster.create(crd)
  controller = createGitRepositoryController({
    ...deps,
    cluster,
    metrics: noMetrics,
    fetcher,
    store: memoryStore(),
    events: createEvents({ ...deps, cluster, component: 'source-controller', instance: 'test' }),
  })
  end = new AbortController()
  done = controller.run(end.signal)
  close = () => server.close()
})
afterEach(async () => {
  end.abort(new Error('done'))
  await clock.advance(1000)
  await done
  close()
})

function memoryStore() {
  const artifact = (revision: string, digest: string): Artifact => ({
    path: 'p',
    url: 'http://artifacts/p',
    revision,
    digest,
    lastUpdateTime: '2026-01-01T00:00:00Z',
    size: 1,
  })
  return {
    put: (input: {
      revision: string
      metadata?: Readonly<Record<string, string>>
      includes?: readonly { artifact: Artifact }[]
    }) => {
      const parts = (input.includes ?? []).map(({ artifact: { digest = '' } }) => digest.slice(7))
      const digest = `sha256:${[input.revision.slice(-4), ...parts].join('-')}`
      const { metadata } = input
      const made = artifact(input.revision, digest)
      return Promise.resolve(metadata === undefined ? made : { ...made, metadata })
    },
    verify: () => Promise.resolve('ok' as const),
    located: (each: Artifact) => each,
    discard: () => Promise.resolve(),
    collect: () => Promise.resolve([]),
    remove: () => Promise.resolve(true),
  }
}

async function apply(name: string, spec: Record<string, unknown>): Promise<void> {
  await cluster.patch(
    {
      group: 'source.toolkit.fluxcd.io',
      version: 'v1',
      kind: 'GitRepository',
      namespace: 'default',
      name,
    },
    {
      type: 'apply',
      force: true,
      value: {
        apiVersion: 'source.toolkit.fluxcd.io/v1',
        kind: 'GitRepository',
        metadata: { name, namespace: 'default' },
        spec: { interval: '10m', url: `http://git/${name}`, ref: { branch: 'main' }, ...spec },
      },
    },
    { fieldManager: 'test' },
  )
}

async function get(name: string): Promise<GitRepository> {
  const ref = {
    group: 'source.toolkit.fluxcd.io',
    kind: 'GitRepository',
    namespace: 'default',
    name,
  }
  return (await cluster.get(ref)) as GitRepository
}

async function until(claim: () => Promise<boolean>, ms: number): Promise<number> {
  for (let waited = 0; waited <= ms; waited += 50) {
    if (await claim()) return waited
    await clock.advance(50)
  }
  throw new Error(`not seen within ${ms} ms`)
}

const revisionOf = async (name: string): Promise<string | undefined> =>
  (await get(name)).status?.artifact?.revision
const isReady = async (name: string): Promise<boolean> =>
  (await get(name)).status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'

describe('beyond Flux', () => {
  it('a host that comes back is noticed within five seconds, however long it was away', async () => {
    await apply('repo', {})
    await until(() => isReady('repo'), 2000)
    isDown = true
    commits.set('http://git/repo', '2')
    controller.wake('http://git/repo')
    await until(async () => !(await isReady('repo')), 2000)
    expect(await revisionOf('repo')).toMatch(/1$/)
    await clock.advance(120_000)
    isDown = false
    const took = await until(async () => (await revisionOf('repo'))?.endsWith('2') === true, 6000)
    expect(took).toBeLessThanOrEqual(5000)
    expect(await isReady('repo')).toBe(true)
  })

  it('a push wakes those who follow the address, at once', async () => {
    await apply('one', {})
    await apply('two', { url: 'http://git/one' })
    await apply('three', {})
    for (const name of ['one', 'two', 'three']) await until(() => isReady(name), 2000)
    asked.length = 0
    commits.set('http://git/one', '7')
    controller.wake('http://git/one')
    await until(async () => (await revisionOf('two'))?.endsWith('7') === true, 1000)
    expect(asked.map(({ url }) => url)).toEqual(['http://git/one', 'http://git/one'])
  })

  it('who includes another is made anew when that one is', async () => {
    await apply('inner', {})
    await apply('outer', { include: [{ repository: { name: 'inner' } }] })
    await until(() => isReady('outer'), 40_000)
    const before = (await get('outer')).status?.artifact?.digest
    commits.set('http://git/inner', '9')
    controller.wake('http://git/inner')
    await until(async () => (await get('outer')).status?.artifact?.digest !== before, 2000)
    expect((await get('outer')).status?.includedArtifacts?.[0]?.revision).toMatch(/9$/)
  })
})

describe('an OCIRepository', () => {
  const digest = `sha256:${'ab'.repeat(32)}`
  const answers: (() => Promise<OciArtifact>)[] = []
  const policies: OciPolicy[] = []
  const held = (annotations: Record<string, string>): OciArtifact => ({
    revision: `v1@${digest}`,
    reference: 'registry/app:v1',
    verify: (policy) => Promise.resolve(policies.push(policy) > 0),
    pull: () => {
      const content = { tree: memoryTree({ a: '1' }) }
      return Promise.resolve({ annotations, content, release: () => undefined })
    },
  })
  let oci: Promise<void>

  beforeEach(async () => {
    answers.length = 0
    policies.length = 0
    const deps = { clock, random: seededRandom(3), log: silentLog }
    oci = createOciRepositoryController({
      ...deps,
      cluster,
      metrics: noMetrics,
      fetcher,
      registry: { find: () => answers.shift()?.() ?? Promise.resolve(held({})) },
      store: memoryStore(),
      events: createEvents({ ...deps, cluster, component: 'source-controller', instance: 'test' }),
    }).run(end.signal)
    answers.push(() =>
      Promise.resolve(
        held({
          'org.opencontainers.image.source': 'https://git/app',
          'org.opencontainers.image.revision': 'main@sha1:abc',
        }),
      ),
    )
    await cluster.create({
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'OCIRepository',
      metadata: { name: 'app', namespace: 'default' },
      spec: { interval: '1m', url: 'oci://registry/app', ref: { tag: 'v1' } },
    })
  })
  afterEach(async () => {
    end.abort(new Error('done'))
    await clock.advance(1000)
    await oci
  })

  const status = async (): Promise<OciRepositoryStatus | undefined> => {
    const ref = {
      group: 'source.toolkit.fluxcd.io',
      kind: 'OCIRepository',
      namespace: 'default',
      name: 'app',
    }
    return ((await cluster.get(ref)) as OciRepository).status
  }
  const ready = async () => (await status())?.conditions?.find(({ type }) => type === 'Ready')

  it('is stored with the origin that its annotations name', async () => {
    await until(async () => (await ready())?.status === 'True', 2000)
    expect((await ready())?.message).toBe(`stored artifact for digest 'v1@${digest}'`)
    expect((await status())?.artifact?.revision).toBe(`v1@${digest}`)
    await clock.advance(100)
    const events = await cluster.list({ group: '', kind: 'Event' }, { namespace: 'default' })
    expect(events.items.map((event) => event['message'])).toContain(
      `stored artifact with revision 'v1@${digest}' from 'oci://registry/app', origin source 'https://git/app', origin revision 'main@sha1:abc'`,
    )
  })

  it('is verified with the keys of its secret, anew for each generation', async () => {
    await until(async () => (await ready())?.status === 'True', 2000)
    const pem = 'the public key'
    const data = { 'cosign.pub': Buffer.from(pem).toString('base64') }
    const metadata = { name: 'keys', namespace: 'default' }
    const ref = {
      group: 'source.toolkit.fluxcd.io',
      kind: 'OCIRepository',
      namespace: 'default',
      name: 'app',
    }
    const verify = { provider: 'cosign', secretRef: { name: 'keys' } }
    await cluster.patch(ref, { type: 'merge', value: { spec: { verify } } })
    await until(async () => (await ready())?.reason === 'VerificationError', 2000)
    expect((await ready())?.message).toContain('secrets "keys" not found')
    await cluster.create({ apiVersion: 'v1', kind: 'Secret', metadata, data })
    await until(async () => (await ready())?.status === 'True', 5000)
    expect(policies).toEqual([{ kind: 'cosign-keys', keys: [pem] }])
    const verified = (await status())?.conditions?.find(({ type }) => type === 'SourceVerified')
    expect(verified?.message).toBe(`verified signature of revision v1@${digest}`)
  })

  it('keeps its artifact when the registry fails, and says why', async () => {
    await until(async () => (await ready())?.status === 'True', 2000)
    const message = 'HEAD registry: UNAUTHORIZED'
    answers.push(() => Promise.reject(new Fault({ code: 'OCI_DIGEST', message })))
    await until(async () => (await ready())?.status === 'False', 70_000)
    expect(await ready()).toMatchObject({
      reason: 'OCIArtifactPullFailed',
      message: `failed to determine artifact digest: ${message}`,
    })
    expect((await status())?.artifact?.revision).toBe(`v1@${digest}`)
    await until(async () => (await ready())?.status === 'True', 70_000)
  })
})

describe('the interval', () => {
  it('asks again, up to 5 % earlier or later, with what is held', async () => {
    await apply('repo', { interval: '1m' })
    await until(() => isReady('repo'), 2000)
    asked.length = 0
    await clock.advance(56_000)
    expect(asked).toHaveLength(0)
    await clock.advance(8_000)
    expect(asked).toEqual([{ url: 'http://git/repo', have: await revisionOf('repo') }])
  })

  it('writes nothing when nothing has changed', async () => {
    await apply('repo', { interval: '1m' })
    await until(() => isReady('repo'), 2000)
    const before = (await get('repo')).metadata.resourceVersion
    await clock.advance(70_000)
    expect((await get('repo')).metadata.resourceVersion).toBe(before)
  })
})
