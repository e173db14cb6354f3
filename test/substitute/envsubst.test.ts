import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { expand } from '../../src/substitute/index.ts'

interface Case {
  readonly text: string
  readonly vars: Readonly<Record<string, string>>
  readonly strict: boolean
  readonly value?: string
  readonly error?: string
}

/** Made by test/conformance/oracle/text from Flux's own envsubst. */
const CASES = JSON.parse(
  readFileSync(join(import.meta.dirname, '../fixtures/substitute/envsubst/cases.json'), 'utf8'),
) as readonly Case[]

function outcome({ text, vars, strict }: Case): Pick<Case, 'value' | 'error'> {
  const lookup = (name: string): string | undefined =>
    Object.hasOwn(vars, name) ? vars[name] : strict ? undefined : ''
  try {
    return { value: expand(text, lookup) }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) }
  }
}

describe('what envsubst makes of a text', () => {
  test('there are cases', () => {
    expect(CASES.length).toBeGreaterThan(1000)
  })

  test('every one of them comes out the same, value or fault', () => {
    // A negative length panics there; here it is a fault, which the next test asserts.
    const known = CASES.filter((one) => !one.error?.startsWith('panic'))
    const differing = known.flatMap((one) => {
      const got = outcome(one)
      const same = got.value === one.value && got.error === one.error
      return same ? [] : [{ text: one.text, want: one.value ?? one.error, got }]
    })
    expect(differing).toEqual([])
  })

  test('a negative length is a fault', () => {
    const panics = CASES.filter((one) => one.error?.startsWith('panic'))
    expect(panics.length).toBeGreaterThan(0)
    for (const one of panics)
      expect(outcome(one)).toEqual({ error: 'bad substitution: negative length' })
  })
})

describe('properties', () => {
  test('a text without a dollar is itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const plain = text.replaceAll('$', '')
        expect(expand(plain, () => undefined)).toBe(plain)
      }),
    )
  })

  test('doubling every dollar keeps a text as it was', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('$', '{', '}', 'a', ':', '=', ' ')), (parts) => {
        const text = parts.join('')
        expect(expand(text.replaceAll('$', '$$$$'), () => 'never')).toBe(text)
      }),
    )
  })

  test('values are not expanded again', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        expect(expand('<${v}>', () => value)).toBe(`<${value}>`)
      }),
    )
  })
})

describe('bounds', () => {
  const code = (text: string, value: string): unknown => {
    try {
      expand(text, () => value)
      return 'no fault'
    } catch (error) {
      return error instanceof Error ? Reflect.get(error, 'code') : error
    }
  }

  test.each([
    ['a value repeated beyond reason', '${v}'.repeat(20_000), 'x'.repeat(10_000)],
    ['a replacement that grows', '${v//a/${v}}', 'a'.repeat(10_000)],
    ['a pattern that takes too long', '${v##*a*a*a*a*a*b}', 'a'.repeat(20_000)],
    ['forms in forms', '${v:='.repeat(500), ''],
  ])('%s', (_, text, value) => {
    expect(code(text, value)).toBe('SUBSTITUTION_LIMIT')
  })
})
