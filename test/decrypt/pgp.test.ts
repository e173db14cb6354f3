import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createMessage, encrypt, enums, readPrivateKey } from 'openpgp'
import { expect, test } from 'vitest'
import type { MasterKey } from '../../src/api/index.ts'
import { messageOf } from '../../src/base/index.ts'
import { FIXTURES, keysOf } from './keys.ts'

/** A message to the key of the fixtures, compressed. */
async function sealedZeros(bytes: number): Promise<MasterKey> {
  const armoredKey = readFileSync(join(FIXTURES, 'keys/one.asc'), 'utf8')
  const key = await readPrivateKey({ armoredKey })
  const enc = await encrypt({
    message: await createMessage({ binary: new Uint8Array(bytes) }),
    encryptionKeys: key.toPublic(),
    config: { preferredCompressionAlgorithm: enums.compression.zlib },
  })
  return { kind: 'pgp', fingerprint: 'one', enc: String(enc) }
}

test('a PGP message unfolds to no more than a data key may be', async () => {
  const keys = await keysOf('one.asc')
  expect(await keys.decrypt(await sealedZeros(32))).toHaveLength(32)
  const bomb = await sealedZeros(16 * 1024 * 1024)
  if (bomb.kind === 'pgp') expect(bomb.enc.length).toBeLessThan(60_000)
  expect(await keys.decrypt(bomb).then(String, messageOf)).toMatch(/could not decrypt data key/)
})
