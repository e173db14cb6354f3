/**
 * Writes what the real `flux build kustomization` says to every case under test/fixtures/flux-build.
 * Never from our own output. `TG_BIN=… npx tsx test/conformance/oracle/flux-build.ts`; TG_BIN names
 * the directory with the flux binary (v2.9.4).
 */
import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fixturesOf } from '../../kit/fixture.ts'

const flux = join(process.env['TG_BIN'] ?? '', 'flux')
for (const { dir, options } of fixturesOf('flux-build')) {
  const args = ((options['args'] ?? []) as unknown[]).map(String)
  const cwd = join(dir, 'input')
  const run = spawnSync(flux, ['build', 'kustomization', ...args], { cwd, encoding: 'utf8' })
  rmSync(join(dir, 'expected.yaml'), { force: true })
  rmSync(join(dir, 'expected-error.txt'), { force: true })
  if (run.status === 0) writeFileSync(join(dir, 'expected.yaml'), run.stdout)
  else writeFileSync(join(dir, 'expected-error.txt'), run.stderr.replaceAll(cwd, ''))
}
