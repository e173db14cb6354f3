import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KeyService } from '../../src/api/index.ts'
import { localKeys, readKeySecret } from '../../src/decrypt/index.ts'

/** Fixtures made by the real sops; see test/conformance/oracle/sops. */
export const FIXTURES: string = join(import.meta.dirname, '../fixtures/decrypt')

/** The bytes of one encrypted file. */
export function sealed(name: string): Buffer {
  return readFileSync(join(FIXTURES, 'files', name))
}

/** A key service over some of the fixture keys. */
export async function keysOf(...names: readonly string[]): Promise<KeyService> {
  const data = Object.fromEntries(
    names.map((name) => [name, readFileSync(join(FIXTURES, 'keys', name))]),
  )
  return localKeys(readKeySecret(data, 'team/keys'))
}

/** Counts what it is asked for. */
export function counting(keys: KeyService): { readonly keys: KeyService; count: () => number } {
  let count = 0
  const decrypt: KeyService['decrypt'] = async (key) => {
    count += 1
    return keys.decrypt(key)
  }
  return { keys: { decrypt }, count: () => count }
}
