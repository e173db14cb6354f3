import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { OciPolicy } from '../../src/api/index.ts'
import { VirtualClock } from '../../src/base/index.ts'
import { createRegistry } from '../../src/source/index.ts'
import { MemoryRepository } from '../kit/registry-memory.ts'

/** Places in a JSON value and what is there instead; null for nothing. */
type Changes = Readonly<Record<string, unknown>>

interface Case {
  readonly root?: string
  readonly keys?: readonly string[]
  readonly identities?: readonly { readonly issuer: string; readonly subject: string }[]
  readonly bundles?: readonly Changes[]
  readonly signatures?: readonly {
    readonly payload: string
    readonly annotations: Readonly<Record<string, string>>
  }[]
  readonly layout?: string
  /** What Flux made of it. */
  readonly accepted: boolean
  readonly message?: string
}

interface Cases {
  readonly manifest: string
  readonly keys: Readonly<Record<string, string>>
  readonly bundle: unknown
  readonly roots: Readonly<Record<string, Changes>>
  readonly cases: Readonly<Record<string, Case>>
}

const folder = join(import.meta.dirname, '../fixtures/source/cosign')
const { manifest, keys, bundle, roots, cases } = JSON.parse(
  readFileSync(join(folder, 'cases.json'), 'utf8'),
) as Cases
const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json'
const LAYERS: Readonly<Record<string, string>> = {
  otherLayerType: 'application/octet-stream',
  oldLayerType: 'application/vnd.dev.sigstore.bundle+json;version=0.3',
}

/** Refused here, accepted by Flux, which does not look whose digest an older signature names. */
const STRICTER: ReadonlySet<string> = new Set([
  'older form: of another artifact',
  'older form: of a payload that says nothing',
  'older form, by key: of another artifact',
  'older form, by key: of a payload that says nothing',
])

function changed(from: unknown, changes: Changes): Buffer {
  const value = structuredClone(from)
  for (const [path, to] of Object.entries(changes)) {
    const steps = path
      .slice(1)
      .split('/')
      .map((step) => step.replaceAll('~1', '/'))
    const last = steps.pop() ?? ''
    const holder = steps.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], value)
    if (to === null) delete (holder as Record<string, unknown>)[last]
    else (holder as Record<string, unknown>)[last] = to
  }
  return Buffer.from(JSON.stringify(value))
}

function repositoryOf({ bundles = [], signatures = [], layout }: Case): MemoryRepository {
  const repository = new MemoryRepository(Buffer.from(manifest))
  for (const each of bundles) {
    const layer = { mediaType: LAYERS[layout ?? ''] ?? BUNDLE, data: changed(bundle, each) }
    const type = layout === 'otherArtifactType' ? 'application/vnd.example' : BUNDLE
    repository.attach(type, layout === 'twoLayers' ? [layer, layer] : [layer])
  }
  const layers = signatures.map(({ payload, annotations }) => ({
    mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json',
    data: Buffer.from(payload, 'base64'),
    annotations,
  }))
  if (layers.length > 0) repository.tag(`${repository.digest.replace(':', '-')}.sig`, layers)
  return repository
}

function policyOf({ root = '', keys: names, identities = [] }: Case): OciPolicy {
  if (names !== undefined)
    return { kind: 'cosign-keys', keys: names.map((name) => keys[name] ?? '') }
  const trustedRoot = changed(roots['good'], root === 'good' ? {} : (roots[root] ?? {}))
  return { kind: 'cosign-keyless', identities, trustedRoot }
}

/** One registry for all cases, so that each trusted root is read once; what it holds changes. */
const held = { repository: new MemoryRepository(Buffer.from(manifest)) }
const registry = createRegistry({
  http: { send: (request) => held.repository.client().send(request), close: () => undefined },
  clock: new VirtualClock(Date.parse('2026-11-21T00:00:00Z')),
})

/** Undefined when it is accepted, else what is said. */
async function judge(given: Case): Promise<string | undefined> {
  const repository = repositoryOf(given)
  held.repository = repository
  const { signal } = new AbortController()
  const ref = { digest: repository.digest }
  const found = await registry.find({ url: 'oci://registry.example.com/org/app', ref, signal })
  try {
    await found.verify(policyOf(given))
    return undefined
  } catch (error) {
    expect(error).toMatchObject({ code: 'OCI_VERIFY' })
    return error instanceof Error ? error.message : ''
  }
}

describe('a signature of cosign is judged as Flux judges it', () => {
  for (const [name, given] of Object.entries(cases))
    it(`${given.accepted && !STRICTER.has(name) ? 'good' : 'refused'}: ${name}`, async () => {
      const wrong = await judge(given)
      expect(wrong ?? 'accepted', given.message).toEqual(
        given.accepted && !STRICTER.has(name)
          ? 'accepted'
          : expect.not.stringMatching(/^accepted$/),
      )
    })
})
