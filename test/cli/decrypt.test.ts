import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { memoryTree, messageOf } from '../../src/base/index.ts'
import { type DecryptDeps, runDecrypt } from '../../src/cli/decrypt.ts'

const FIXTURES = join(import.meta.dirname, '../fixtures/decrypt')

function fixtures(folder: string): [string, Buffer][] {
  return readdirSync(join(FIXTURES, folder))
    .filter((name) => !name.endsWith('.plain'))
    .map((name) => [`repo/${folder}/${name}`, readFileSync(join(FIXTURES, folder, name))])
}

const FILES: Readonly<Record<string, string | Uint8Array>> = {
  ...Object.fromEntries([...fixtures('files'), ...fixtures('keys')]),
  'repo/plain.yaml': 'a: 1',
  'repo/changed/secret.yaml': readFileSync(
    join(FIXTURES, 'files/secret-data.yaml'),
    'utf8',
  ).replace('name: database', 'name: other'),
}

async function run(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number | string; out: string; err: string }> {
  let out = ''
  let err = ''
  const io = {
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
    columns: undefined,
    env,
    cwd: '/repo',
    signal: new AbortController().signal,
  }
  const deps: DecryptDeps = {
    tree: memoryTree(FILES),
    cloudKeys: () => ({ decrypt: async () => undefined }),
  }
  const code = await runDecrypt(argv, io, deps).catch(messageOf)
  return { code, out, err }
}

const ALL = [
  'one.agekey',
  'two.agekey',
  'pq.agekey',
  'ssh-rsa.agekey',
  'ssh-ed25519.agekey',
  'one.asc',
]
const KEYS = ALL.flatMap((name) => ['--key', `keys/${name}`])

test('a file comes out as sops -d prints it', async () => {
  const got = await run(['files/secret.yaml', '-k', 'keys/one.agekey'])
  const plain = readFileSync(join(FIXTURES, 'files/secret.yaml.plain'), 'utf8')
  expect(got).toEqual({ code: 0, out: plain, err: '' })
})

test.each(['SOPS_AGE_KEY_FILE', 'SOPS_AGE_KEY'])('keys may come from %s', async (name) => {
  const key = String(FILES['repo/keys/one.agekey'])
  const env = { [name]: name === 'SOPS_AGE_KEY' ? key : '/repo/keys/one.agekey' }
  expect((await run(['files/settings.env'], env)).code).toBe(0)
})

test('all files of a directory are checked, and no plain text is shown', async () => {
  const got = await run(['--verify', 'files', ...KEYS])
  expect(got.code).toBe(0)
  const lines = got.out.trimEnd().split('\n')
  // Those named .bin are binary files; their format is told by the name as any other.
  expect(lines).toHaveLength(fixtures('files').length)
  expect(lines.every((line) => / as it was encrypted \(\d+ values?\)$/.test(line))).toBe(true)
  expect(got.out).not.toContain('s3cr3t')
})

test('a file that was changed is named, and fails the check', async () => {
  const got = await run(['--verify', '.', ...KEYS])
  expect(got.code).toBe(1)
  expect(got.out).toMatch(/^changed\/secret\.yaml: failed to verify sops data integrity: /m)
  expect(got.out).toMatch(/^files\/secret\.yaml: as it was encrypted/m)
  expect(got.out).not.toContain('plain.yaml')
})

test('a file that is named and is not encrypted fails the check', async () => {
  const got = await run(['--verify', 'plain.yaml'])
  expect(got).toMatchObject({ code: 1 })
  expect(got.out).toBe('plain.yaml: failed to load encrypted YAML data: sops metadata not found\n')
})

test('without the key it is said which one is wanted', async () => {
  const got = await run(['files/secret.yaml', '-k', 'keys/two.agekey'])
  expect(got).toMatchObject({ code: 1, out: '' })
  expect(got.err).toMatch(/^files\/secret\.yaml: cannot get sops data key: [\s\S]*age1/)
})

test('plain text that is no text is not printed', async () => {
  const got = await run(['files/bytes.bin', ...KEYS])
  expect(got).toEqual({
    code: 1,
    out: '',
    err: 'files/bytes.bin: the plain text is binary, and this prints text alone\n',
  })
})

test.each([
  [[], 'name a file'],
  [['a', 'b'], 'name one file, or give --verify'],
  [['--verify', 'nowhere'], 'nowhere: no such file or directory'],
  [['x', '-k', 'nowhere'], 'nowhere: no such file'],
  [['x', '--format', 'toml'], '--format: "toml" is none of yaml, json, dotenv, ini, binary'],
])('%j is refused', async (argv, want) => {
  expect((await run(argv)).code).toBe(want)
})

test('the help names the variables that keys are read from', async () => {
  const got = await run(['--help'])
  expect(got.code).toBe(0)
  for (const word of ['SOPS_AGE_KEY_FILE', 'VAULT_ADDR', '--verify'])
    expect(got.out).toContain(word)
})
