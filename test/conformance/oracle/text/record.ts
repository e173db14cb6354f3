/**
 * Writes the parity fixtures of substitution, expressions and health from Flux's own packages:
 * `go build -o /tmp/text . && npx tsx record.ts /tmp/text` in this folder.
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { celCases } from './cel-cases.ts'
import { healthCases } from './health-cases.ts'
import { substituteCases } from './substitute-cases.ts'

const FIXTURES = join(import.meta.dirname, '../../../fixtures')

record('substitute/envsubst/cases.json', substituteCases())
record('cel/flux/cases.json', celCases())
record('health/kstatus/cases.json', healthCases())

function record(file: string, cases: readonly object[]): void {
  const binary = process.argv.at(-1) ?? ''
  const answers = JSON.parse(
    execFileSync(binary, { input: JSON.stringify(cases), encoding: 'utf8' }),
  ) as object[]
  const lines = cases.map((given, i) => JSON.stringify({ ...given, ...answers[i] }))
  writeFileSync(join(FIXTURES, file), `[\n${lines.join(',\n')}\n]\n`)
}
