/**
 * Writes what Flux's own package makes of the expressions of test/fixtures/cel:
 * `go build -o /tmp/text . && npx tsx record-expressions.ts /tmp/text` in this folder. With a number
 * behind, so many random expressions are compared instead, and those that differ are printed; another
 * number is the seed.
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import {
  ANSWERS,
  briefly,
  casesOf,
  type FluxAnswer,
  type FluxCase,
  recordedCases,
} from '../../../kit/flux-expressions.ts'
import { evaluatedAs } from '../../../kit/flux-outcome.ts'
import { randomExpressions } from './random-expressions.ts'

const [binary = '', count, seed = '1'] = process.argv.slice(2)
const BYTES_MAX = 2 ** 29

function asked(cases: readonly FluxCase[]): FluxAnswer[] {
  const input = JSON.stringify(cases)
  const out = execFileSync(binary, { input, encoding: 'utf8', maxBuffer: BYTES_MAX })
  return JSON.parse(out) as FluxAnswer[]
}

function record(): void {
  const cases = recordedCases()
  const answers = asked(cases)
  const lines = cases.map((one, i) =>
    JSON.stringify([one.kind, one.said, briefly(one, answers[i])]),
  )
  writeFileSync(ANSWERS, `[\n${lines.join(',\n')}\n]\n`)
  process.stdout.write(`${lines.length} answers\n`)
}

function compare(cases: readonly FluxCase[]): void {
  let differing = 0
  for (const [i, answer] of asked(cases).entries()) {
    const one = cases[i]
    if (one === undefined) continue
    const [theirs, ours] = [briefly(one, answer), briefly(one, evaluatedAs(one))]
    // Where Flux's own package breaks there is nothing to agree with.
    if (theirs === ours || theirs.startsWith('✗ panic: ')) continue
    differing += 1
    process.stdout.write(`${one.kind} ${one.text}\n  Flux: ${theirs}\n  ours: ${ours}\n`)
  }
  process.stdout.write(`${differing} of ${cases.length} differ\n`)
}

if (count === undefined) record()
else compare(randomExpressions(Number(count), Number(seed)).flatMap(casesOf))
