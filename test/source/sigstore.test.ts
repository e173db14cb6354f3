import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OciPolicy } from '../../src/api/index.ts'
import { VirtualClock } from '../../src/base/index.ts'
import { createHttpClient, createRegistry } from '../../src/source/index.ts'
import { startRegistry, type TestRegistry } from '../kit/registry.ts'

type Keyless = Extract<OciPolicy, { kind: 'cosign-keyless' }>

const folder = join(import.meta.dirname, '../fixtures/source/sigstore')
const file = (name: string): Buffer => readFileSync(join(folder, name))
const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json'
const IMAGE = 'application/vnd.oci.image.manifest.v1+json'
const client = createRegistry({ http: createHttpClient(), clock: new VirtualClock() })
let registry: TestRegistry
let digest: string

beforeEach(async () => {
  registry = await startRegistry()
  digest = registry.put('org/app', file('manifest.json'))
})
afterEach(() => registry.close())

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

/** Puts a bundle beside the artifact, as cosign 3 does where a registry lists no referrers. */
function attachBundle(bundle: Buffer, subject = digest): void {
  const layers = [{ mediaType: BUNDLE, size: bundle.length, digest: registry.store(bundle) }]
  const manifest = { mediaType: IMAGE, artifactType: BUNDLE, layers, subject: { digest: subject } }
  const at = registry.put('org/app', json(manifest))
  const manifests = [{ mediaType: IMAGE, digest: at, artifactType: BUNDLE }]
  registry.put('org/app', json({ manifests }), digest.replace(':', '-'))
}

interface Signature {
  readonly payload: string
  readonly annotations: Record<string, string>
}

/** Puts a signature beside the artifact, as cosign 2 does. */
function attachSignature({ payload, annotations }: Signature): void {
  const data = Buffer.from(payload, 'base64')
  const layers = [{ digest: registry.store(data), size: data.length, annotations }]
  registry.put('org/app', json({ mediaType: IMAGE, layers }), `${digest.replace(':', '-')}.sig`)
}

async function check(rest: Partial<Keyless> = {}): Promise<void> {
  const { signal } = new AbortController()
  const url = `oci://${registry.host}/org/app`
  const found = await client.find({ url, ref: { digest }, signal })
  const identities = [{ issuer: '^https://issuer.example.com$', subject: '/push.yml@' }]
  const trustedRoot = file('trusted_root.json')
  await found.verify({ kind: 'cosign-keyless', identities, trustedRoot, ...rest })
}

type Parts = Record<string, never>
const changed = (name: string, change: (value: Parts) => void): Buffer => {
  const value = JSON.parse(file(name).toString()) as Parts
  change(value)
  return json(value)
}
/** Sets a field deep inside; a function makes the new value of the old one. */
const set = (value: Parts, path: string, to: unknown): void => {
  const keys = path.split('.')
  const last = keys.pop() ?? ''
  const at = keys.reduce<Record<string, unknown>>((each, key) => each[key] as Parts, value)
  at[last] = typeof to === 'function' ? (to as (old: unknown) => unknown)(at[last]) : to
}
const flipped = (text: unknown): string => {
  const bytes = Buffer.from(String(text), 'base64')
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
  return bytes.toString('base64')
}

describe('a signature without a key', () => {
  it('is good in the newer form', async () => {
    attachBundle(file('bundle.json'))
    await check()
  })

  it('is good in the older form', async () => {
    attachSignature(JSON.parse(file('signature.json').toString()) as Signature)
    await check()
  })

  it('of anybody is good where nobody is named', async () => {
    attachBundle(file('bundle.json'))
    await check({ identities: [] })
  })

  const wrongPolicies: Readonly<Record<string, { given: Partial<Keyless>; want: string }>> = {
    'another issuer': {
      given: { identities: [{ issuer: 'other', subject: '.*' }] },
      want: 'none of the expected identities matched',
    },
    'another subject': {
      given: { identities: [{ issuer: '.*', subject: 'other' }] },
      want: 'none of the expected identities matched',
    },
    'a pattern that is none': {
      given: { identities: [{ issuer: '(', subject: '.*' }] },
      want: 'error parsing regexp',
    },
    'a root that is none': {
      given: { trustedRoot: Buffer.from('nonsense') },
      want: 'unable to parse trusted root',
    },
    'a root without logs': {
      given: { trustedRoot: Buffer.from('{}') },
      want: 'no transparency log entries found in trusted root',
    },
    'a root with other authorities': {
      given: {
        trustedRoot: changed('trusted_root.json', (r) => set(r, 'certificateAuthorities', [])),
      },
      want: 'certificate signed by unknown authority',
    },
    'a root that did not trust the authority yet': {
      given: {
        trustedRoot: changed('trusted_root.json', (r) =>
          set(r, 'certificateAuthorities.0.validFor', { start: '2030-01-01T00:00:00Z' }),
        ),
      },
      want: 'certificate signed by unknown authority',
    },
    'a root without logs of certificates': {
      given: { trustedRoot: changed('trusted_root.json', (r) => set(r, 'ctlogs', [])) },
      want: 'no valid SCTs found',
    },
    'a root whose log of signatures is another': {
      given: {
        trustedRoot: changed('trusted_root.json', (r) => {
          const [ct] = (r as unknown as { ctlogs: unknown[] }).ctlogs
          set(r, 'tlogs', [ct])
        }),
      },
      want: 'the log is not trusted',
    },
  }
  for (const [name, { given, want }] of Object.entries(wrongPolicies))
    it(`is refused: ${name}`, async () => {
      attachBundle(file('bundle.json'))
      await expect(check(given)).rejects.toMatchObject({
        code: 'OCI_VERIFY',
        message: expect.stringContaining(want) as string,
      })
    })

  const entry = 'verificationMaterial.tlogEntries.0'
  const wrongBundles: Readonly<Record<string, { path: string; to: unknown; want: string }>> = {
    'another signature': {
      path: 'dsseEnvelope.signatures.0.sig',
      to: flipped,
      want: 'the log entry is about something else',
    },
    'no certificate': {
      path: 'verificationMaterial.certificate',
      to: undefined,
      want: 'no certificate found on signature',
    },
    'no entry of a log': {
      path: 'verificationMaterial.tlogEntries',
      to: [],
      want: 'not enough verified log entries',
    },
    'another time': {
      path: `${entry}.integratedTime`,
      to: '1767323000',
      want: 'unable to verify the signed entry timestamp',
    },
    'no promise of the log': {
      path: `${entry}.inclusionPromise`,
      to: undefined,
      want: 'unable to verify the signed entry timestamp',
    },
    'another entry': {
      path: `${entry}.canonicalizedBody`,
      to: flipped,
      want: 'unable to verify the signed entry timestamp',
    },
    'another neighbour in the log': {
      path: `${entry}.inclusionProof.hashes.0`,
      to: flipped,
      want: 'unable to verify inclusion proof',
    },
    'another checkpoint': {
      path: `${entry}.inclusionProof.checkpoint.envelope`,
      to: (old: unknown) => String(old).replace('\n2\n', '\n3\n'),
      want: 'unable to verify the checkpoint',
    },
  }
  for (const [name, { path, to, want }] of Object.entries(wrongBundles))
    it(`is refused: ${name}`, async () => {
      attachBundle(changed('bundle.json', (bundle) => set(bundle, path, to)))
      await expect(check()).rejects.toThrow(want)
    })

  it('of another artifact is refused, wherever it lies', async () => {
    attachBundle(file('bundle.json'))
    const other = registry.put('org/app', Buffer.concat([file('manifest.json'), Buffer.from(' ')]))
    const from = digest
    digest = other
    attachBundle(file('bundle.json'))
    await expect(check()).rejects.toThrow('no matching signatures were found')
    attachBundle(file('bundle.json'), from)
    await expect(check()).rejects.toThrow('no matching signatures were found')
  })

  it('is missed where there is none', async () => {
    await expect(check()).rejects.toThrow('no matching signatures were found')
  })
})
