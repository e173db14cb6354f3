import type { Json, JsonObject, KubeObject } from '../object/index.ts'
import { ageText } from './duration.ts'
import { readJsonPath } from './jsonpath.ts'
import type { Kind } from './kind.ts'

/** The cells of one row. */
export interface Row {
  readonly cells: readonly Json[]
  readonly conditions?: Json
}

/** The row of an object in the table of its kind. */
export function rowOf(kind: Kind, object: KubeObject, now: number): Row {
  return {
    cells: kind.columns.map((column) => {
      if (column.jsonPath !== undefined) return customCell(column, object, now)
      if (column.name === 'Name') return object.metadata.name ?? ''
      if (column.name === 'Age' || column.name === 'Created At')
        return column.name === 'Age'
          ? ageText(object.metadata.creationTimestamp ?? undefined, now)
          : (object.metadata.creationTimestamp ?? '')
      return '<none>'
    }),
  }
}

function customCell(
  column: { readonly type: string; readonly jsonPath?: string },
  object: KubeObject,
  now: number,
): Json {
  const values = readJsonPath(object as unknown as JsonObject, column.jsonPath ?? '')
  const [value] = values
  if (value === undefined || value === null) return null
  if (column.type === 'date') return typeof value === 'string' ? ageText(value, now) : null
  if (column.type === 'string') return typeof value === 'string' ? value : JSON.stringify(value)
  if (column.type === 'integer') return typeof value === 'number' ? Math.trunc(value) : null
  if (column.type === 'number') return typeof value === 'number' ? value : null
  return typeof value === 'boolean' ? value : null
}
