/**
 * Writes the parity fixtures of decryption with the real sops, age, gpg and ssh-keygen on the PATH:
 * `npx tsx record.ts`. Each file is encrypted by `sops -e` and its plain text is what `sops -d` says.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FILES, type SopsCase } from './cases.ts'

const OUT = join(import.meta.dirname, '../../../fixtures/decrypt')
const KEYS = join(OUT, 'keys')
const work = mkdtempSync(join(tmpdir(), 'sops-'))

function run(command: string, args: readonly string[], env: Record<string, string> = {}): Buffer {
  return execFileSync(command, [...args], {
    env: { ...process.env, GNUPGHOME: join(work, 'gpg'), ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

function makeKeys(): Record<string, string> {
  for (const name of ['one', 'two']) run('age-keygen', ['-o', join(KEYS, `${name}.agekey`)])
  run('age-keygen', ['-pq', '-o', join(KEYS, 'pq.agekey')])
  for (const type of ['ed25519', 'rsa'])
    run('ssh-keygen', [
      '-q',
      '-t',
      type,
      '-N',
      '',
      '-C',
      '',
      '-f',
      join(KEYS, `ssh-${type}.agekey`),
    ])
  mkdirSync(join(work, 'gpg'), { mode: 0o700 })
  const user = 'tidegate test <test@example.com>'
  run('gpg', [
    '--batch',
    '--passphrase',
    '',
    '--quick-gen-key',
    user,
    'default',
    'default',
    'never',
  ])
  const list = run('gpg', ['--list-keys', '--with-colons']).toString()
  writeFileSync(join(KEYS, 'one.asc'), run('gpg', ['--batch', '--armor', '--export-secret-keys']))
  const recipient = (name: string): string =>
    run('age-keygen', ['-y', join(KEYS, `${name}.agekey`)])
      .toString()
      .trim()
  const ssh = (type: string): string => {
    const path = join(KEYS, `ssh-${type}.agekey.pub`)
    const text = readFileSync(path, 'utf8').trim()
    rmSync(path)
    return text
  }
  return {
    one: recipient('one'),
    two: recipient('two'),
    pq: recipient('pq'),
    ed25519: ssh('ed25519'),
    rsa: ssh('rsa'),
    pgp: /^fpr:+([0-9A-F]+):/m.exec(list)?.[1] ?? '',
  }
}

function record(one: SopsCase, keys: Readonly<Record<string, string>>): void {
  const plain = join(work, one.name)
  writeFileSync(plain, one.plain)
  const fill = (text: string): string =>
    text.replaceAll(/\{(\w+)\}/g, (_, name: string) => keys[name] ?? '')
  const config = join(work, '.sops.yaml')
  if (one.config !== undefined) writeFileSync(config, fill(one.config))
  const type = one.type === undefined ? [] : ['--input-type', one.type, '--output-type', one.type]
  const how = one.config === undefined ? (one.args ?? ['--age', '{one}']) : ['--config', config]
  const global = one.config === undefined ? ['--config', '/dev/null'] : []
  const encryptArgs = [...global, '-e', ...how.map(fill), ...type, plain]
  const sealed = join(OUT, 'files', one.name)
  writeFileSync(sealed, run('sops', encryptArgs))
  const age = ['one', 'two', 'pq'].map((name) => readFileSync(join(KEYS, `${name}.agekey`), 'utf8'))
  const env = {
    SOPS_AGE_KEY: age.join('\n'),
    SOPS_AGE_SSH_PRIVATE_KEY_FILE: join(KEYS, `ssh-${one.ssh ?? 'ed25519'}.agekey`),
  }
  writeFileSync(`${sealed}.plain`, run('sops', ['-d', ...type, sealed], env))
}

rmSync(OUT, { recursive: true, force: true })
mkdirSync(join(OUT, 'files'), { recursive: true })
mkdirSync(KEYS, { recursive: true })
const keys = makeKeys()
for (const one of FILES) record(one, keys)
rmSync(work, { recursive: true, force: true })
