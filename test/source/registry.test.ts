import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import type { OciArtifact, OciPolicy, OciPull, OciRequest } from '../../src/api/index.ts'
import { memoryTree, VirtualClock } from '../../src/base/index.ts'
import { listen } from '../../src/source/artifact/server.ts'
import { createHttpClient, createRegistry } from '../../src/source/index.ts'
import {
  LAYER,
  startRegistry,
  type TestRegistry,
  type TestRegistryOptions,
} from '../kit/registry.ts'

const client = createRegistry({
  http: createHttpClient(),
  clock: new VirtualClock(),
  unpackedBytesMax: 1 << 20,
})
let registry: TestRegistry
const TREE = memoryTree({ 'a.yaml': 'a: 1\n', 'd/b.yaml': 'b: 1\n' })

async function start(options: TestRegistryOptions = {}): Promise<string> {
  registry = await startRegistry(options)
  return registry.push('org/app', 'v1.0.0', TREE, { 'org.opencontainers.image.source': 'git' })
}
afterEach(() => registry.close())

function find(rest: Partial<OciRequest> = {}): Promise<OciArtifact> {
  const { signal } = new AbortController()
  return client.find({
    url: `oci://${registry.host}/org/app`,
    ref: { tag: 'v1.0.0' },
    signal,
    ...rest,
  })
}

async function pull(rest: Partial<OciRequest> = {}): Promise<OciPull> {
  return (await find(rest)).pull()
}

async function check(policy: OciPolicy): Promise<void> {
  await (await find()).verify(policy)
}

const filesOf = (pulled: OciPull): readonly string[] | undefined =>
  'tree' in pulled.content ? pulled.content.tree.list('') : undefined

const docker = (host: string, password: string): Uint8Array[] => [
  Buffer.from(
    JSON.stringify({
      auths: { [host]: { auth: Buffer.from(`me:${password}`).toString('base64') } },
    }),
  ),
]

describe('pulling', () => {
  it('gives the tree, the revision and the annotations', async () => {
    const digest = await start()
    const found = await find()
    expect(found.revision).toBe(`v1.0.0@${digest}`)
    expect(found.reference).toBe(`${registry.host}/org/app:v1.0.0`)
    const pulled = await found.pull()
    expect(pulled.annotations).toEqual({ 'org.opencontainers.image.source': 'git' })
    expect(filesOf(pulled)).toEqual(['a.yaml', 'd'])
  })

  it('asks one thing when the registry is known', async () => {
    await start()
    await find()
    await find()
    const head = 'HEAD /v2/org/app/manifests/v1.0.0 -'
    expect(registry.requests).toEqual(['GET /v2/ -', head, head])
  })

  const refs: Readonly<Record<string, { ref: OciRequest['ref']; want: string }>> = {
    'the highest version': { ref: { semver: '>=1.0.0' }, want: 'v1.10.0' },
    'a prerelease where the range names one': { ref: { semver: '>=1.0.0-0' }, want: 'v2.0.0-rc.1' },
    'only tags that the filter lets through': {
      ref: { semver: '>=1.0.0-0', semverFilter: '-dev' },
      want: 'v1.2.0-dev',
    },
    'latest where nothing is said': { ref: {}, want: 'latest' },
    'the range before the tag': { ref: { semver: '1.0.x', tag: 'latest' }, want: 'v1.0.0' },
  }
  for (const [name, { ref, want }] of Object.entries(refs))
    it(`takes ${name}, from several pages`, async () => {
      await start({ pageLength: 2 })
      for (const tag of ['v1.10.0', 'v1.9.0', 'v2.0.0-rc.1', 'v1.2.0-dev', 'latest'])
        registry.push('org/app', tag, TREE)
      expect((await find(ref === undefined ? {} : { ref })).revision).toContain(`${want}@sha256:`)
    })

  it('takes a digest as it is', async () => {
    const digest = await start()
    expect((await find({ ref: { digest } })).revision).toBe(digest)
  })

  it('copies a layer untouched', async () => {
    await start()
    const pulled = await pull({ layer: { mediaType: LAYER, operation: 'copy' } })
    const [first] = 'blob' in pulled.content ? pulled.content.blob.pieces : []
    expect(first?.[0]).toBe(0x1f)
  })

  it('gets a token for the right user', async () => {
    await start({ user: { name: 'me', password: 'right' } })
    expect(filesOf(await pull({ dockerConfigs: docker(registry.host, 'right') }))).toHaveLength(2)
    await expect(find({ dockerConfigs: docker(registry.host, 'wrong') })).rejects.toMatchObject({
      code: 'OCI_DIGEST',
    })
    await expect(find({ dockerConfigs: docker('other.example', 'right') })).rejects.toThrow(
      'status code 401',
    )
  })

  it('follows a layer to another host, without the credentials', async () => {
    const seen: (string | undefined)[] = []
    const storage = createServer((request, response) => {
      seen.push(request.headers.authorization)
      response.end(registry.blobs.get(decodeURIComponent((request.url ?? '').slice(1))))
    })
    const running = await listen(storage, { host: '127.0.0.1', port: 0 })
    try {
      await start({
        user: { name: 'me', password: 'right' },
        redirectTo: (digest) => `http://${running.address}/${encodeURIComponent(digest)}`,
      })
      expect(filesOf(await pull({ dockerConfigs: docker(registry.host, 'right') }))).toHaveLength(2)
      expect(seen).toEqual([undefined])
    } finally {
      await running.close()
    }
  })
})

describe('a signature by cosign', () => {
  const ours = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = ours.publicKey.export({ type: 'spki', format: 'pem' }) as string

  it('by a key that is trusted lets the artifact in', async () => {
    const digest = await start()
    registry.sign('org/app', digest, ours.privateKey)
    await check({ kind: 'cosign-keys', keys: [pem] })
  })

  const refused: Readonly<Record<string, (digest: string) => void>> = {
    'there is none': () => undefined,
    'another key': (digest) => registry.sign('org/app', digest, other.privateKey),
    'it is about something else': (digest) =>
      registry.sign('org/app', digest, ours.privateKey, `sha256:${'0'.repeat(64)}`),
  }
  for (const [name, act] of Object.entries(refused))
    it(`is missed: ${name}`, async () => {
      act(await start())
      const failure = await check({ kind: 'cosign-keys', keys: [pem] }).catch(
        (error: unknown) => error,
      )
      expect(failure).toMatchObject({ code: 'OCI_VERIFY' })
      expect(String(failure)).toContain('no matching signatures were found')
    })

  it('is not to be had with a key that is none', async () => {
    await start()
    await expect(check({ kind: 'cosign-keys', keys: ['x'] })).rejects.toThrow('PEM decoding failed')
  })
})

describe('what a registry may answer', () => {
  const cases: Readonly<
    Record<string, { given?: Partial<OciRequest>; before?: () => void; code: string; want: string }>
  > = {
    'no such tag': { given: { ref: { tag: 'no' } }, code: 'OCI_DIGEST', want: 'MANIFEST_UNKNOWN' },
    'no version in the range': {
      given: { ref: { semver: '>9' } },
      code: 'OCI_TAG',
      want: 'no match found for semver: >9',
    },
    'no range': {
      given: { ref: { semver: 'x y' } },
      code: 'OCI_TAG',
      want: "semver 'x y' parse error: improper constraint",
    },
    'no such layer': {
      given: { layer: { mediaType: 'other' } },
      code: 'OCI_LAYER',
      want: "failed to find layer with media type 'other' in artifact",
    },
    'other bytes': {
      before: () => {
        for (const [digest, data] of registry.blobs)
          if (data[0] === 0x1f) registry.blobs.set(digest, Buffer.from('x'))
      },
      code: 'OCI_LAYER',
      want: 'does not match expected size',
    },
    'a tag in the address': {
      given: { url: 'oci://example.com/org/app:v1' },
      code: 'OCI_URL',
      want: 'repository can only contain the characters',
    },
    'no repository in the address': {
      given: { url: 'oci://EXAMPLE.com' },
      code: 'OCI_URL',
      want: 'repository can only contain the characters',
    },
    'a configuration that is none': {
      given: { dockerConfigs: [Buffer.from('{')] },
      code: 'OCI_AUTH',
      want: 'unexpected end of JSON input',
    },
  }
  for (const [name, { given, before, code, want }] of Object.entries(cases))
    it(`${name}: ${code}`, async () => {
      await start()
      before?.()
      const failure = await pull(given ?? {}).catch((error: unknown) => error)
      expect(failure).toMatchObject({ code })
      expect(String(failure)).toContain(want)
    })

  it('a bomb is not unpacked', async () => {
    await start()
    registry.push('org/app', 'bomb', memoryTree({ big: Buffer.alloc(1 << 21) }))
    await expect(pull({ ref: { tag: 'bomb' } })).rejects.toMatchObject({ code: 'OCI_LAYER' })
  })
})
