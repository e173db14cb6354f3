import type { Json, JsonObject, KubeObject } from '../object/index.ts'
import { ageText } from './duration.ts'
import { readJsonPath } from './jsonpath.ts'
import { groupResource, type Kind } from './kind.ts'
import { ADMISSION } from './table-admission.ts'
import { CLUSTER } from './table-cluster.ts'
import { eventCells } from './table-events.ts'
import { NETWORK } from './table-network.ts'
import { podCells, podConditions } from './table-pods.ts'
import { type Cells, nameOf, text } from './table-read.ts'
import { autoscalerCells } from './table-scaling.ts'
import { STORAGE } from './table-storage.ts'
import { WORKLOADS } from './table-workloads.ts'

/** The cells of one row. */
export interface Row {
  readonly cells: readonly Json[]
  readonly conditions?: Json
}

/** The row of an object in the table of its kind. */
export function rowOf(kind: Kind, object: KubeObject, now: number): Row {
  const plain = object as unknown as JsonObject
  if (kind.custom !== undefined)
    return { cells: kind.columns.map((column) => customCell(column, plain, now)) }
  const cells = builtinCells[groupResource(kind)] ?? plainCells
  const conditions = kind.plural === 'pods' ? podConditions(plain) : undefined
  return { cells: cells(plain, now), ...(conditions === undefined ? {} : { conditions }) }
}

const builtinCells: Readonly<Record<string, Cells>> = {
  pods: podCells,
  events: eventCells,
  'events.events.k8s.io': eventCells,
  'horizontalpodautoscalers.autoscaling': autoscalerCells,
  ...WORKLOADS,
  ...NETWORK,
  ...STORAGE,
  ...CLUSTER,
  ...ADMISSION,
}

/** Kinds without columns of their own show the name and when they were made. */
const plainCells: Cells = (object) => [
  nameOf(object),
  text(object, 'metadata', 'creationTimestamp'),
]

function customCell(
  column: { readonly type: string; readonly jsonPath?: string },
  object: JsonObject,
  now: number,
): Json {
  if (column.jsonPath === undefined) return nameOf(object)
  const values = readJsonPath(object, column.jsonPath)
  const [value] = values
  if (value === undefined || value === null) return null
  if (column.type === 'date') return typeof value === 'string' ? ageText(value, now) : null
  if (column.type === 'string') return typeof value === 'string' ? value : JSON.stringify(value)
  if (column.type === 'integer') return typeof value === 'number' ? Math.trunc(value) : null
  if (column.type === 'number') return typeof value === 'number' ? value : null
  return typeof value === 'boolean' ? value : null
}
