import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { verifySignature } from '../../src/reconcile/source/signature.ts'

interface Cases {
  readonly payload: string
  readonly keys: Readonly<Record<string, string>>
  readonly cases: Readonly<
    Record<string, { readonly key: string; readonly signature: string; readonly signer?: string }>
  >
}

const file = join(import.meta.dirname, '../fixtures/source/git-signatures/cases.json')
const { payload, keys, cases } = JSON.parse(readFileSync(file, 'utf8')) as Cases
const NOW = Date.parse('2026-11-21T20:00:00Z')

/** Accepted by Flux, refused here: hashes and keys that are too weak to say who signed. */
const STRICTER: ReadonlySet<string> = new Set([
  'p-sha1',
  's-rsa-1024-sha256-git',
  's-rsa-1024-sha512-git',
])

describe('a signature of a commit is judged as Flux judges it', () => {
  for (const [name, { key, signature, signer }] of Object.entries(cases))
    it(name, async () => {
      const text = keys[key] ?? ''
      const isSsh = name.startsWith('s-')
      const trusted = isSsh ? { pgp: [], ssh: [text] } : { pgp: [text], ssh: [] }
      const signed = { payload: Buffer.from(payload), signature, what: 'commit' } as const
      const found = await verifySignature(signed, trusted, NOW).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'SIGNATURE' })
        return undefined
      })
      expect(found).toBe(STRICTER.has(name) ? undefined : signer)
    })
})
