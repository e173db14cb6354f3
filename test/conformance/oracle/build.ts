/**
 * Writes what the real kustomize says to every case under test/fixtures/build. Never from our own
 * output. `npm run oracle [-- NAME…]`, for the named cases alone; TG_BIN names the directory with the kustomize binary (v5.8.1).
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fixturesOf } from '../../kit/fixture.ts'

const binary = join(process.env['TG_BIN'] ?? '', 'kustomize')
const version = execFileSync(binary, ['version'], { encoding: 'utf8' }).trim()
if (version !== 'v5.8.1') throw new Error(`kustomize is ${version}, not v5.8.1`)

const names = process.argv.slice(2)
for (const fixture of fixturesOf('build')) {
  if (names.length > 0 && !names.includes(fixture.name)) continue
  const path = join(fixture.dir, 'input', String(fixture.options['path'] ?? '.'))
  const flags = ((fixture.options['flags'] ?? []) as string[]).map(String)
  const run = spawnSync(binary, ['build', path, ...flags], { encoding: 'utf8' })
  rmSync(join(fixture.dir, 'expected.yaml'), { force: true })
  rmSync(join(fixture.dir, 'expected-error.txt'), { force: true })
  rmSync(join(fixture.dir, 'expected-warnings.txt'), { force: true })
  if (run.status === 0) {
    writeFileSync(join(fixture.dir, 'expected.yaml'), run.stdout)
    const warnings = run.stderr.split('\n').filter((line) => line.startsWith('# Warning'))
    if (warnings.length > 0)
      writeFileSync(join(fixture.dir, 'expected-warnings.txt'), `${warnings.join('\n')}\n`)
    continue
  }
  const errors = run.stderr.split('\n').filter((line) => !line.startsWith('# Warning'))
  const text = errors
    .join('\n')
    .replaceAll(join(fixture.dir, 'input'), '')
    // A crash prints its stack, with pointers, which differ from run to run.
    .replace(/^(panic: .*)\n[^]*$/, '$1')
    .replaceAll(/0x[0-9a-f]{6,}/g, '0x…')
    .trim()
  writeFileSync(join(fixture.dir, 'expected-error.txt'), `${text}\n`)
}

const board = join(import.meta.dirname, '../scoreboard.md')
const all = fixturesOf('build')
const built = all.filter(({ dir }) => existsSync(join(dir, 'expected.yaml'))).length
const row = `| kustomize build 5.8.1 | ${built} | ${all.length - built} |`
const old = readFileSync(board, 'utf8')
writeFileSync(board, old.replace(/\| kustomize build 5\.8\.1 \| \d+ \| \d+ \|/, row))
