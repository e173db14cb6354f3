import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/base/index.ts'
import { createRegistry } from '../../src/source/index.ts'
import { MemoryRepository } from '../kit/registry-memory.ts'

interface Case {
  readonly policy: unknown
  /** PEM, or `DER:` and base64. */
  readonly certificates: readonly string[]
  readonly envelopes?: readonly { readonly type: string; readonly data: string }[]
  readonly layout?: string
  /** What other hosts answer: the beginning of a path to a status and a body in base64. */
  readonly answers?: Readonly<Record<string, string>>
  /** What Flux made of it: `verified`, `ignored` or `refused`. */
  readonly result: string
  readonly message?: string
}

const folder = join(import.meta.dirname, '../fixtures/source/notation')
const { manifest, cases } = JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as {
  readonly manifest: string
  readonly cases: Readonly<Record<string, Case>>
}
const SIGNATURE = 'application/vnd.cncf.notary.signature'

/** Refused here: who is not let answer about revocation could say that nothing was revoked. */
const STRICTER: ReadonlySet<string> = new Set(['revocation: signed by one who is none'])

async function judge(given: Case): Promise<{ readonly result: string; readonly message?: string }> {
  const repository = new MemoryRepository(Buffer.from(manifest))
  for (const { type, data } of given.envelopes ?? []) {
    const layer = { mediaType: type, data: Buffer.from(data, 'base64') }
    const kind = given.layout === 'otherArtifactType' ? 'application/x' : SIGNATURE
    repository.attach(kind, given.layout === 'twoLayers' ? [layer, layer] : [layer])
  }
  const answers = Object.entries(given.answers ?? {}).map(([path, text]) => {
    const [status, body = ''] = text.split(' ')
    return [path, { status: Number(status), body: Buffer.from(body, 'base64') }] as const
  })
  const registry = createRegistry({
    http: repository.client(Object.fromEntries(answers)),
    clock: new VirtualClock(Date.parse('2026-11-21T19:00:00Z')),
  })
  const { signal } = new AbortController()
  const url = 'oci://registry.example.com/org/app'
  const found = await registry.find({ url, ref: { digest: repository.digest }, signal })
  try {
    const isVerified = await found.verify({
      kind: 'notation',
      trustPolicy: Buffer.from(JSON.stringify(given.policy)),
      certificates: given.certificates.map((each) =>
        each.startsWith('DER:') ? Buffer.from(each.slice(4), 'base64') : Buffer.from(each),
      ),
    })
    return { result: isVerified ? 'verified' : 'ignored' }
  } catch (error) {
    expect(error).toMatchObject({ code: 'OCI_VERIFY' })
    return { result: 'refused', message: error instanceof Error ? error.message : '' }
  }
}

describe('a signature of notation is judged as Flux judges it', () => {
  for (const [name, given] of Object.entries(cases)) {
    const want = STRICTER.has(name) ? 'refused' : given.result
    it(`${want}: ${name}`, async () => {
      const { result, message } = await judge(given)
      expect({ result, message }, given.message).toMatchObject({ result: want })
    })
  }
})
