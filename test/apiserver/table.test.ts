import { expect, test } from 'vitest'
import { type Column, groupVersion, type Kind } from '../../src/apiserver/kind.ts'
import { Registry } from '../../src/apiserver/registry.ts'
import { rowOf } from '../../src/apiserver/table/table.ts'
import { type Json, type JsonObject, valueAt } from '../../src/object/index.ts'
import { type RecordedObject, recordedObjects } from './recorded-objects.ts'

const registry = new Registry()

function kindFor({ path, object }: RecordedObject): Kind {
  const [group, version] = object.apiVersion.includes('/')
    ? object.apiVersion.split('/')
    : ['', object.apiVersion]
  const plural = path.split('/').at(-2) ?? ''
  const kind = registry.find(group ?? '', version ?? '', plural)
  if (kind !== undefined) return kind
  // A custom kind: all that a row needs are its columns.
  return { custom: {}, columns: customColumns() } as unknown as Kind
}

function customColumns(): Column[] {
  const crd = recordedObjects.find(({ object }) => object.kind === 'CustomResourceDefinition')
  const columns = valueAt(crd?.object, 'spec', 'versions', 0, 'additionalPrinterColumns')
  return [{ name: 'Name', type: 'string' }, ...(columns as JsonObject[])] as unknown as Column[]
}

test.each(recordedObjects)('shows $path as the real server does', (recorded) => {
  const { object, now, cells, conditions } = recorded
  const row = rowOf(kindFor(recorded), object, Date.parse(now))
  expect(row.cells).toEqual(cells)
  expect(row.conditions).toEqual(conditions)
})

test('gives as many cells as columns, for every kind that can be listed', () => {
  const bare = (kind: Kind): Json[] => {
    const object = { apiVersion: groupVersion(kind), kind: kind.kind, metadata: { name: 'x' } }
    return [...rowOf(kind, object, 0).cells]
  }
  const odd = registry
    .groups()
    .flatMap((group) => registry.group(group) ?? [])
    .filter((kind) => kind.columns.length > 0 && bare(kind).length !== kind.columns.length)
  // Three cells under two columns, in Kubernetes, too.
  expect(odd.map((kind) => kind.plural)).toEqual(['ipaddresses'])
})
