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

describe('what Flux makes of an expression', () => {
  test('every one comes out the same, value or words of the fault', () => {
    const differing = CASES.filter((one) => !agrees(one))
    expect(differing.map((one) => ({ ...one, object: undefined, got: outcome(one) }))).toEqual([])
  })
})
