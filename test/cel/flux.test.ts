import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { compile, fluxEnvironment, readyEnvironment } from '../../src/cel/index.ts'
import type { Json } from '../../src/object/index.ts'
import { briefly, caseOf, recordedAnswers } from '../kit/flux-expressions.ts'
import { evaluatedAs } from '../kit/flux-outcome.ts'

interface Case {
  readonly kind: 'ready' | 'health'
  readonly text: string
  readonly object: Readonly<Record<string, Json>>
  readonly value?: boolean
  readonly error?: string
}

const FOLDER = join(import.meta.dirname, '../fixtures/cel/flux')
/** Made by test/conformance/oracle/text from Flux's own runtime/cel. */
const CASES = JSON.parse(readFileSync(join(FOLDER, 'cases.json'), 'utf8')) as readonly Case[]

function outcome({ kind, text, object }: Case): Pick<Case, 'value' | 'error'> {
  try {
    const environment = kind === 'ready' ? readyEnvironment() : fluxEnvironment()
    return { value: compile(text, environment).evaluateBool(object) }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) }
  }
}

function agrees(one: Case): boolean {
  const got = outcome(one)
  return got.value === one.value && got.error === one.error
}

/** Expressions that come out otherwise: the way, the expression, and why. */
const KNOWN: readonly (readonly [string, string, string])[] = [
  ['parsed', 'a..b', 'reading goes on at another token after the first fault'],
  ['checked', 'a..b', 'reading goes on at another token after the first fault'],
  ['parsed', 'self.é', 'a letter that is no token counts as a blank in what is told'],
  ['checked', 'self.é', 'a letter that is no token counts as a blank in what is told'],
  ['ready', "google.protobuf.StringValue{value: 'x'}", 'wrappers have the types that they wrap'],
  ['ready', 'google.protobuf.Int64Value{}', 'wrappers have the types that they wrap'],
]

describe('what Flux makes of an expression', () => {
  test('every one comes out the same, value or words of the fault', () => {
    const differing = CASES.filter((one) => !agrees(one))
    expect(differing.map((one) => ({ ...one, object: undefined, got: outcome(one) }))).toEqual([])
  })

  test('nor do those that nobody would write, but for the few listed', () => {
    const known = new Set(KNOWN.map(([way, said]) => `${way} ${said}`))
    const differing = recordedAnswers().flatMap(([way, said, want]) => {
      const one = caseOf(way, said)
      const got = briefly(one, evaluatedAs(one))
      return got === want ? [] : [[way, said, got, want] as const]
    })
    const unknown = differing.filter(([way, said]) => !known.has(`${way} ${said}`))
    expect(unknown).toEqual([])
    expect(differing.length, 'one that is listed agrees now: take it off').toBe(KNOWN.length)
  })
})
