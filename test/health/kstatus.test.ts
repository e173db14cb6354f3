import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { compileHealthExprs, type HealthExpr, healthOf } from '../../src/health/index.ts'
import type { KubeObject } from '../../src/object/index.ts'

interface Case {
  readonly why: string
  readonly object: KubeObject
  readonly exprs?: readonly HealthExpr[]
  readonly value?: { readonly status: string; readonly message?: string }
  readonly error?: string
}

/** Made by test/conformance/oracle/text from kstatus and Flux's own status readers. */
const CASES = JSON.parse(
  readFileSync(join(import.meta.dirname, '../fixtures/health/kstatus/cases.json'), 'utf8'),
) as readonly Case[]

const NOW = Date.UTC(2026, 0, 1)

/** Status and message, as far as the oracle has one; a fault's message as that of the oracle's. */
function outcome({ object, exprs, value }: Case): Pick<Case, 'value' | 'error'> {
  try {
    const rules = exprs === undefined ? {} : { rules: compileHealthExprs(exprs) }
    const { status, message } = healthOf(object, { now: NOW, ...rules })
    // kstatus answers an object that it cannot judge with an error, which Flux shows as Unknown.
    if (status === 'Unknown' && value === undefined) return { error: message }
    return { value: value?.message === undefined ? { status } : { status, message } }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) }
  }
}

test('every object has the health that kstatus and Flux give it', () => {
  expect(CASES.length).toBeGreaterThan(700)
  const differing = CASES.flatMap((one) => {
    const got = outcome(one)
    const want = one.error === undefined ? { value: one.value } : { error: one.error }
    return JSON.stringify(sorted(got)) === JSON.stringify(sorted(want)) ? [] : [{ one, got }]
  })
  expect(differing).toEqual([])
})

function sorted({
  value,
  error,
}: {
  readonly value?: Case['value'] | undefined
  readonly error?: string
}): unknown {
  return [value?.status, value?.message, error]
}
