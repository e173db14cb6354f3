import { expect, test } from 'vitest'
import { Store } from '../../src/apiserver/store/store.ts'
import type { KubeObject } from '../../src/object/index.ts'

function config(text: string): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { text, rest: 'r' } }
}

test('history lets go of heavy changes before it is long, and keeps the last hundred', () => {
  const store = new Store({ weightMax: 100_000 })
  for (let i = 0; i < 500; i += 1) store.put('t', 'a', config(`${i}${'x'.repeat(1000)}`))
  // Each keeps the text before it, and the parts around it.
  expect(store.since('t', store.revision - 100)?.length).toBe(100)
  expect(store.compacted).toBeGreaterThan(380)
  expect(store.since('t', store.compacted - 1)).toBeUndefined()
})

test('changes that have most in common with what is there weigh little', () => {
  const store = new Store({ weightMax: 100_000 })
  const text = 'x'.repeat(5000)
  for (let i = 0; i < 500; i += 1)
    store.put('t', 'a', { ...config(text), metadata: { name: 'a', labels: { i: String(i) } } })
  expect(store.compacted).toBe(0)
  expect(store.since('t', 1)?.length).toBe(500)
})

test('what is deleted is in history alone', () => {
  const store = new Store({ weightMax: 100_000 })
  for (let i = 0; i < 300; i += 1) {
    store.put('t', `k${i}`, config('x'.repeat(1000)))
    store.remove('t', `k${i}`)
  }
  expect(store.compacted).toBeGreaterThan(300)
})
