import { expect, test } from 'vitest'
import { substitute } from '../../src/substitute/index.ts'

function object(name: string, text: string) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { text } }
}

test.each([
  ['a replacement in a replacement', '${v//a/${v//a/${w}}}'],
  ['a replacement of two letters', '${v//aa/${v//aa/${w}}}'],
])('%s that would fill the memory is a fault, and quickly one', (_, text) => {
  const vars = { v: 'a'.repeat(3000), w: 'b'.repeat(3000) }
  const work = (): unknown => substitute([object('x', text)], { vars, strict: true })
  expect(work).toThrow(/the result is longer than 16777216 characters/)
})

test('objects together have a limit, too', () => {
  const objects = Array.from({ length: 200 }, (_, i) => object(`x${i}`, '${v}'))
  const vars = { v: 'a'.repeat(1024 * 1024) }
  expect(() => substitute(objects, { vars, strict: true })).toThrow(
    /the objects together are longer/,
  )
})
