import { expect, test } from 'vitest'
import { BuildCache, type RawBuild } from '../../src/reconcile/kustomization/build-cache.ts'

const raw = (bytes: number): RawBuild => ({
  objects: [],
  files: new Map(),
  questions: new Map(),
  warnings: [],
  bases: [],
  bytes,
  keys: '',
})

test('builds hold no more memory than they may; what was used longest ago goes first', () => {
  const cache = new BuildCache(600)
  for (const key of ['a', 'b', 'c']) cache.keep(key, 'artifact', 'spec', raw(100))
  expect(cache.forArtifact('a', 'artifact', 'spec')).toBeDefined()
  cache.keep('d', 'artifact', 'spec', raw(100))
  const held = ['a', 'b', 'c', 'd'].filter((key) => cache.forArtifact(key, 'artifact', 'spec'))
  expect(held).toEqual(['a', 'c', 'd'])
})

test('a build that is larger than all may be is not kept, and leaves room for others', () => {
  const cache = new BuildCache(600)
  cache.keep('big', 'artifact', 'spec', raw(1000))
  expect(cache.forArtifact('big', 'artifact', 'spec')).toBeUndefined()
  cache.keep('small', 'artifact', 'spec', raw(100))
  expect(cache.forArtifact('small', 'artifact', 'spec')).toBeDefined()
  cache.forget('small')
  expect(cache.forArtifact('small', 'artifact', 'spec')).toBeUndefined()
})
