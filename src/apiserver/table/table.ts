import type { Json, JsonObject, KubeObject } from '../../object/index.ts'
import { readJsonPath } from '../jsonpath.ts'
import { type Column, groupResource, type Kind } from '../kind.ts'
import { goJson } from '../wire/go-json.ts'
import { ADMISSION } from './admission.ts'
import { CLUSTER } from './cluster.ts'
import { ageText } from './duration.ts'
import { eventCells } from './events.ts'
import { NETWORK } from './network.ts'
import { podCells, podConditions } from './pods.ts'
import { type Cells, nameOf, text } from './read.ts'
import { scaleCells } from './scale.ts'
import { autoscalerCells } from './scaling.ts'
import { STORAGE } from './storage.ts'
import { WORKLOADS } from './workloads.ts'

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

/** Whether a kind is shown in no way of its own; Go then writes a table without rows as null. */
export function isPlain(kind: Kind): boolean {
  return kind.custom === undefined && builtinCells[groupResource(kind)] === undefined
}

const builtinCells: Readonly<Record<string, Cells>> = {
  pods: podCells,
  events: eventCells,
  'events.events.k8s.io': eventCells,
  'horizontalpodautoscalers.autoscaling': autoscalerCells,
  'scales.autoscaling': scaleCells,
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

/** @see k8s.io/apiextensions-apiserver pkg/registry/customresource/tableconvertor (v0.36.3) */
function customCell(column: Column, object: JsonObject, now: number): Json {
  if (column.jsonPath === undefined) return nameOf(object)
  const [value] = readJsonPath(object, column.jsonPath)
  if (value === undefined) return null
  switch (column.type) {
    case 'string':
      return printed(value)
    case 'date':
      return typeof value === 'string' ? dateText(value, now) : null
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null
    case 'number':
      return typeof value === 'number' ? value : null
    default:
      return typeof value === 'boolean' ? value : null
  }
}

function printed(value: Json): string {
  if (typeof value === 'string') return value
  if (value === null) return '<no value>'
  return goJson(value)
}

function dateText(value: string, now: number): string {
  return Number.isNaN(Date.parse(value)) ? '<invalid>' : ageText(value, now)
}
