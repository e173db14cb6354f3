/**
 * Writes what the real sops makes of files that were tampered with: `npx tsx record-tampered.ts`,
 * with sops and gpg on the PATH. Of each, `sops -d --ignore-mac`, which is what Flux does, and `sops -d`.
 */
import { execFile, execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pool } from '../../../../src/base/index.ts'
import { FIXTURES } from '../../../decrypt/keys.ts'
import { formatOf, tamperings } from '../../../decrypt/tampering.ts'

const work = mkdtempSync(join(tmpdir(), 'sops-'))
const home = join(work, 'gpg')
mkdirSync(home, { mode: 0o700 })
execFileSync('gpg', ['--batch', '--import', join(FIXTURES, 'keys/one.asc')], {
  env: { ...process.env, GNUPGHOME: home },
  stdio: 'ignore',
})
const key = ['one', 'two']
  .map((name) => readFileSync(join(FIXTURES, 'keys', `${name}.agekey`), 'utf8'))
  .join('\n')
const env = { ...process.env, GNUPGHOME: home, SOPS_AGE_KEY: key }
const found: Record<string, string> = {}

function decrypt(path: string, format: string, args: readonly string[]): Promise<string> {
  const all = ['-d', ...args, '--input-type', format, '--output-type', format, path]
  return new Promise((resolve) =>
    execFile('sops', all, { env, encoding: 'buffer' }, (error, out) =>
      resolve(
        error === null ? createHash('sha256').update(out).digest('hex').slice(0, 12) : 'refused',
      ),
    ),
  )
}

await pool(
  tamperings().map((each, i) => ({ ...each, i })),
  3,
  async ({ name, file, text, i }) => {
    const path = join(work, `${i}-${file}`)
    writeFileSync(path, text)
    const format = formatOf(file)
    const [flux, whole] = [
      await decrypt(path, format, ['--ignore-mac']),
      await decrypt(path, format, []),
    ]
    found[name] = flux === whole ? flux : `${flux} ${whole}`
  },
)
const sorted = tamperings().map(({ name }) => [name, found[name]])
writeFileSync(
  join(FIXTURES, 'tampered.json'),
  `${JSON.stringify(Object.fromEntries(sorted), null, 1)}\n`,
)
execFileSync('gpgconf', ['--homedir', home, '--kill', 'all'], { stdio: 'ignore' })
rmSync(work, { recursive: true, force: true })
