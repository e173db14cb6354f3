/**
 * Writes what the real kustomize says to the small trees of small-builds.txt into small-builds.json:
 * its output, or null where it fails. `TG_BIN=… npx tsx test/conformance/oracle/small-builds.ts`.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { SMALL_BUILDS_OUTCOMES, smallBuilds } from '../small-builds.ts'

const binary = join(process.env['TG_BIN'] ?? '', 'kustomize')
const work = mkdtempSync(join(tmpdir(), 'small-builds-'))
const outcomes: Record<string, string | null> = {}
for (const { name, files } of smallBuilds()) {
  const root = join(work, 'o')
  rmSync(root, { recursive: true, force: true })
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const run = spawnSync(binary, ['build', root], { encoding: 'utf8' })
  if (run.error !== undefined) throw run.error
  outcomes[name] = run.status === 0 ? run.stdout : null
}
rmSync(work, { recursive: true, force: true })
writeFileSync(SMALL_BUILDS_OUTCOMES, `${JSON.stringify(outcomes, null, 1)}\n`)
