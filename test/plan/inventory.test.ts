import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ObjectId } from '../../src/object/index.ts'
import {
  entryOf,
  inventoryId,
  keepSurvivors,
  parseEntry,
  staleObjects,
  widenInventory,
} from '../../src/plan/index.ts'

const CASES: Record<string, { given: ObjectId; want: string }> = {
  'cluster scope, core group': {
    given: { group: '', kind: 'Namespace', namespace: '', name: 'podinfo' },
    want: '_podinfo__Namespace',
  },
  'a group': {
    given: { group: 'apps', kind: 'Deployment', namespace: 'apps', name: 'web' },
    want: 'apps_web_apps_Deployment',
  },
  'colons of RBAC names': {
    given: {
      group: 'rbac.authorization.k8s.io',
      kind: 'ClusterRole',
      namespace: '',
      name: 'system:leader-locking',
    },
    want: '_system__leader-locking_rbac.authorization.k8s.io_ClusterRole',
  },
}

test.each(Object.entries(CASES))('id: %s', (_, { given, want }) => {
  expect(inventoryId(given)).toBe(want)
  expect(parseEntry({ id: want, v: 'v1' })).toEqual({ ...given, version: 'v1' })
})

test('what is no entry is undefined', () => {
  for (const id of ['', 'x', 'a_b', '___']) expect(parseEntry({ id, v: 'v1' })).toBeUndefined()
})

const label = fc.stringMatching(/^[a-z][a-z0-9.-]{0,8}$/)
const ids: fc.Arbitrary<ObjectId> = fc.record({
  group: fc.oneof(fc.constant(''), label),
  kind: fc.constantFrom('ConfigMap', 'Role', 'Thing'),
  namespace: fc.oneof(fc.constant(''), label),
  name: fc
    .oneof(
      label,
      label.map((text) => `${text}:x`),
    )
    .map((text) => text),
})

test('ids go there and back; colons only where the kind has them', () => {
  fc.assert(
    fc.property(ids, (id) => {
      fc.pre(id.kind === 'Role' || !id.name.includes(':'))
      expect(parseEntry({ id: inventoryId(id), v: 'v2' })).toEqual({ ...id, version: 'v2' })
    }),
  )
})

const entries = fc
  .uniqueArray(ids, { maxLength: 8, selector: inventoryId })
  .map((list) => list.map((id) => ({ id: inventoryId(id), v: 'v1' })))

test('what is stale is in the old and not in the new; widening loses neither', () => {
  fc.assert(
    fc.property(entries, entries, (old, next) => {
      const stale = staleObjects(old, next).map(inventoryId)
      const kept = new Set(next.map(({ id }) => id))
      expect(stale.filter((id) => kept.has(id))).toEqual([])
      const wide = new Set(widenInventory(old, next).map(({ id }) => id))
      for (const { id } of [...old, ...next]) expect(wide).toContain(id)
      expect(wide.size).toBe(widenInventory(old, next).length)
    }),
  )
})

test('objects that could not be deleted go to the end, in the order of deletion', () => {
  const cm = (name: string): ObjectId => ({ group: '', kind: 'ConfigMap', namespace: 'n', name })
  const old = ['a', 'b', 'c'].map((name) => ({ id: inventoryId(cm(name)), v: 'v1' }))
  const stale = staleObjects(old, old.slice(0, 1))
  expect(stale.map(({ name }) => name)).toEqual(['c', 'b'])
  expect(keepSurvivors(old.slice(0, 1), stale).map(({ id }) => id)).toEqual([
    'n_a__ConfigMap',
    'n_c__ConfigMap',
    'n_b__ConfigMap',
  ])
})

test('an entry has the version without its group', () => {
  const object = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'a', namespace: 'n' },
  }
  expect(entryOf(object)).toEqual({ id: 'n_a_apps_Deployment', v: 'v1' })
})
