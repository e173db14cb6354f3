import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { compile, fluxEnvironment, readyEnvironment } from '../../src/cel/index.ts'
import type { Json } from '../../src/object/index.ts'

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
/** Expressions that come out otherwise, and why. */
const KNOWN = JSON.parse(readFileSync(join(FOLDER, 'known-failures.json'), 'utf8')) as Readonly<
  Record<string, string>
>

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

/** Whether this engine takes an offset for a time zone. */
function hasOffsets(): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: '+02:00' }).format(0) !== ''
  } catch {
    return false
  }
}

describe('what Flux makes of an expression', () => {
  test('every one comes out the same, value or words of the fault', () => {
    const differing = CASES.filter((one) => !Object.hasOwn(KNOWN, one.text) && !agrees(one))
    expect(differing.map((one) => ({ ...one, object: undefined, got: outcome(one) }))).toEqual([])
  })

  test('those known to differ still do', () => {
    for (const [text, why] of Object.entries(KNOWN)) {
      // Newer engines have what Node 20 lacks.
      if (hasOffsets() && why.includes('Intl')) continue
      const listed = CASES.filter((one) => one.text === text)
      expect(listed.length, text).toBeGreaterThan(0)
      expect(listed.every(agrees), `${text} agrees now: take it off the list`).toBe(false)
    }
  })

  test('what is a fault there is one here, and the other way round, but for the few listed', () => {
    const other = CASES.filter((one) => {
      const got = outcome(one)
      return (got.error === undefined) !== (one.error === undefined)
    })
    expect(other.filter((one) => !Object.hasOwn(KNOWN, one.text))).toEqual([])
    expect(other.length).toBeLessThan(10)
  })
})
