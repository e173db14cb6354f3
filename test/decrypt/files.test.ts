import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { decryptFile, formatForPath, isEncrypted, verifyFile } from '../../src/decrypt/index.ts'
import { FIXTURES, keysOf, sealed } from './keys.ts'

const NAMES = readdirSync(join(FIXTURES, 'files')).filter((name) => !name.endsWith('.plain'))
const ALL = [
  'one.agekey',
  'two.agekey',
  'pq.agekey',
  'ssh-ed25519.agekey',
  'ssh-rsa.agekey',
  'one.asc',
]

async function fault(run: Promise<unknown>): Promise<{ code: unknown; message: string }> {
  try {
    await run
  } catch (error) {
    if (error instanceof Error) return { code: Reflect.get(error, 'code'), message: error.message }
  }
  return { code: undefined, message: 'no fault' }
}

/** The same file with one text for another, wherever it stands. */
function changed(name: string, from: string | RegExp, to: string): Buffer {
  const text = sealed(name).toString()
  const out = text.replace(from, to)
  expect(out).not.toBe(text)
  return Buffer.from(out)
}

describe('files that sops encrypted', () => {
  test.each(NAMES)('%s comes out byte for byte as sops -d has it', async (name) => {
    const format = formatForPath(name)
    const content = sealed(name)
    expect(isEncrypted(content, format)).toBe(true)
    const plain = await decryptFile(content, { input: format }, await keysOf(...ALL))
    expect(Buffer.from(plain).toString('latin1')).toBe(sealed(`${name}.plain`).toString('latin1'))
  })

  test.each(NAMES)('%s is found unchanged', async (name) => {
    const count = await verifyFile(sealed(name), formatForPath(name), await keysOf(...ALL))
    expect(count).toBeGreaterThan(0)
  })
})

describe('a file that was changed', () => {
  test('a value moved to another key does not open', async () => {
    const content = changed('secret.yaml', 'password:', 'passphrase:')
    const got = await fault(decryptFile(content, { input: 'yaml' }, await keysOf('one.agekey')))
    expect(got).toEqual({
      code: 'SOPS_VALUE',
      message:
        'error decrypting sops tree: Error walking tree: Could not decrypt value: Could not decrypt with AES_GCM: cipher: message authentication failed',
    })
  })

  test('a plain value that was changed is seen by the MAC alone', async () => {
    const content = changed('secret-data.yaml', 'name: database', 'name: other')
    const keys = await keysOf('one.agekey')
    expect(Buffer.from(await decryptFile(content, { input: 'yaml' }, keys)).toString()).toContain(
      'name: other',
    )
    const verified = decryptFile(content, { input: 'yaml', verify: true }, keys)
    const got = await fault(verified)
    expect(got.code).toBe('SOPS_MAC')
    expect(got.message).toMatch(
      /^failed to verify sops data integrity: expected mac '[0-9A-F]{128}', got '[0-9A-F]{128}'$/,
    )
  })

  test('a value that is not encrypted though it should be is not quoted', async () => {
    const content = changed('secret.yaml', /password: ENC\[.*\]/, 'password: hunter2')
    const got = await fault(decryptFile(content, { input: 'yaml' }, await keysOf('one.agekey')))
    expect(got.message).toBe(
      "error decrypting sops tree: Error walking tree: Could not decrypt value: Input string <redacted> does not match sops' data format",
    )
  })
})

describe('keys', () => {
  test('without the right one it is said as sops says it', async () => {
    const got = await fault(
      decryptFile(sealed('secret.yaml'), { input: 'yaml' }, await keysOf('two.agekey')),
    )
    expect(got.code).toBe('SOPS_KEY')
    expect(
      got.message.replace(/age1\w+/, 'age1…'),
    ).toBe(`cannot get sops data key: Failed to get the data key required to decrypt the SOPS file.

Group 0: FAILED
  age1…: FAILED
    - | failed to create reader for decrypting sops data key with
      | age: identity did not match any of the recipients: incorrect
      | identity for recipient block

Recovery failed because no master key was able to decrypt the file. In
order for SOPS to recover the file, at least one key has to be successful,
but none were.`)
  })

  test('with too few groups it is said which ones opened', async () => {
    const keys = await keysOf('two.agekey')
    const got = await fault(decryptFile(sealed('groups.yaml'), { input: 'yaml' }, keys))
    const masked = got.message.replaceAll(/age1\w+/g, 'age1…').replace(/[0-9A-F]{40}/, 'FP')
    expect(
      masked,
    ).toBe(`cannot get sops data key: Failed to get the data key required to decrypt the SOPS file.

Group 0: FAILED
  age1…: FAILED
    - | failed to create reader for decrypting sops data key with
      | age: identity did not match any of the recipients: incorrect
      | identity for recipient block

Group 1: SUCCESS

Group 2: FAILED
  FP: FAILED
    - | could not decrypt data key with PGP key: GnuPG binary error:
      | failed to decrypt sops data key with pgp: gpg: decryption
      | failed: No secret key

Recovery failed because the file was encrypted with a Shamir threshold of
2, but only 1 part(s) were successfully recovered, one for each successful
key group. In order for SOPS to recover the file, at least 2 groups have to
be successful. In order for a group to be successful, decryption has to
succeed with any of the keys in that key group.`)
  })

  test('several keys of a group are listed', async () => {
    const keys = await keysOf('pq.agekey', 'ssh-rsa.agekey')
    const got = await fault(decryptFile(sealed('several.yaml'), { input: 'yaml' }, keys))
    expect(got.message.match(/: FAILED$/gm)).toHaveLength(4)
    expect(got.message).toContain('no identity matched any of the recipients')
  })

  test('without any, that is said', async () => {
    const got = await fault(decryptFile(sealed('secret.yaml'), { input: 'yaml' }, await keysOf()))
    expect(got.message).toMatch(/- \| failed to load age identities$/m)
  })

  test.each([
    [['one.agekey', 'two.agekey'], undefined],
    [['one.agekey', 'one.asc'], undefined],
    [['two.agekey', 'one.asc'], undefined],
    [['one.agekey'], 'SOPS_KEY'],
    [['one.asc'], 'SOPS_KEY'],
    [[], 'SOPS_KEY'],
  ] as const)('groups with a threshold of two: %j', async (names, code) => {
    const run = decryptFile(sealed('groups.yaml'), { input: 'yaml' }, await keysOf(...names))
    expect((await fault(run)).code).toBe(code)
  })

  test.each(['one.agekey', 'two.agekey', 'one.asc'])(
    'one of several is enough: %s',
    async (name) => {
      const run = decryptFile(sealed('several.yaml'), { input: 'yaml' }, await keysOf(name))
      expect((await fault(run)).code).toBeUndefined()
    },
  )
})

describe('what is no encrypted file', () => {
  test.each([
    ['yaml', 'a: 1\n', 'failed to load encrypted YAML data: sops metadata not found'],
    ['json', '{"a": 1}', 'failed to load encrypted JSON data: sops metadata not found'],
    ['dotenv', 'A=1\n', 'failed to load encrypted dotenv data: sops metadata not found'],
    ['ini', '[a]\nb = 1\n', 'failed to load encrypted INI data: sops metadata not found'],
    [
      'yaml',
      'sops: x\n',
      'failed to load encrypted YAML data: Found sops entry that is not a mapping',
    ],
    [
      'yaml',
      '- a\n',
      'failed to load encrypted YAML data: YAML documents that are sequences are not supported',
    ],
    [
      'dotenv',
      'SECRET hunter2\n',
      "failed to load encrypted dotenv data: invalid dotenv input line: line 1 has no '='",
    ],
    ['json', '[1]', /SOPS only supports JSON files with a top-level object/],
    [
      'json',
      '{"hunter2',
      /^failed to load encrypted JSON data: Could not unmarshal input data: no JSON at character \d+$/,
    ],
    [
      'yaml',
      'a: "hunter2\n',
      /^failed to load encrypted YAML data: Error unmarshaling input YAML: line \d+$/,
    ],
    ['yaml', 'sops:\n  mac: x\n  lastmodified: yesterday\n', /parsing time "yesterday"/],
  ] as const)('%s %j', async (input, text, want) => {
    const got = await fault(decryptFile(Buffer.from(text), { input }, await keysOf('one.agekey')))
    expect(got.message).toMatch(want)
    expect(got.message).not.toContain('hunter2')
  })
})

test('a format that cannot hold the file says so', async () => {
  const keys = await keysOf('one.agekey')
  const run = decryptFile(sealed('secret.yaml'), { input: 'yaml', output: 'binary' }, keys)
  expect((await fault(run)).message).toBe(
    'failed to emit encrypted YAML file as decrypted binary: error emitting binary store: no binary data found in tree',
  )
})

test('a file of one format comes out in another', async () => {
  const keys = await keysOf('one.agekey')
  const json = await decryptFile(sealed('secret.yaml'), { input: 'yaml', output: 'json' }, keys)
  expect(JSON.parse(Buffer.from(json).toString())).toMatchObject({
    stringData: { user: 'admin', password: 's3cr3t: #1', number: '5', yes: 'yes' },
  })
})
