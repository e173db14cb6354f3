import { compareText } from '../../base/index.ts'
import { isArray, isObject, type Json, type JsonObject, valueAt } from '../../object/index.ts'
import { ageText, humanDuration } from './duration.ts'

type Path = readonly (string | number)[]

/** The cells of a row, from an object and the present time. */
export type Cells = (object: JsonObject, now: number) => readonly Json[]

/** The string at a path; `''` without one. */
export function text(value: Json | undefined, ...path: Path): string {
  const found = valueAt(value, ...path)
  return typeof found === 'string' ? found : ''
}

/** The string at a path, or what stands in its place. */
export function textOr(missing: string, value: Json | undefined, ...path: Path): string {
  const found = valueAt(value, ...path)
  return typeof found === 'string' || typeof found === 'number' ? String(found) : missing
}

/** The string at a path; `<none>` for one that is absent or empty. */
export function textOrNone(value: Json | undefined, ...path: Path): string {
  return text(value, ...path) || '<none>'
}

/** The number at a path; 0 without one. */
export function count(value: Json | undefined, ...path: Path): number {
  const found = valueAt(value, ...path)
  return typeof found === 'number' ? found : 0
}

/** The boolean at a path; false without one. */
export function flag(value: Json | undefined, ...path: Path): boolean {
  return valueAt(value, ...path) === true
}

/** The list at a path; empty without one. */
export function items(value: Json | undefined, ...path: Path): readonly Json[] {
  const found = valueAt(value, ...path)
  return isArray(found) ? found : []
}

/** How many entries a map has. */
export function size(value: Json | undefined, ...path: Path): number {
  const found = valueAt(value, ...path)
  return isObject(found) ? Object.keys(found).length : 0
}

/** The map at a path as sorted entries. */
export function entries(value: Json | undefined, ...path: Path): [string, string][] {
  const found = valueAt(value, ...path)
  if (!isObject(found)) return []
  return Object.entries(found)
    .map(([key, each]): [string, string] => [key, String(each)])
    .sort(([a], [b]) => compareText(a, b))
}

/** The name of an object. */
export function nameOf(object: JsonObject): string {
  return text(object, 'metadata', 'name')
}

/** The age of an object. */
export function age(object: JsonObject, now: number): string {
  return since(object, now, 'metadata', 'creationTimestamp')
}

/** Time since the timestamp at a path; `<unknown>` without one. */
export function since(value: Json | undefined, now: number, ...path: Path): string {
  return ageText(text(value, ...path) || undefined, now)
}

/** The time between two timestamps. */
export function between(from: string, to: string): string {
  return humanDuration(Date.parse(to) - Date.parse(from))
}

/** Says whether an object is on its way out. */
export function isTerminating(object: JsonObject): boolean {
  return text(object, 'metadata', 'deletionTimestamp') !== ''
}

/** The condition of a type, if the object has it. */
export function conditionOf(object: JsonObject, type: string): Json | undefined {
  return items(object, 'status', 'conditions').find((each) => text(each, 'type') === type)
}

/** Labels as `a=b,c=d`; `<none>` without any. */
export function labelsText(value: Json | undefined, ...path: Path): string {
  const pairs = entries(value, ...path).map(([key, each]) => `${key}=${each}`)
  return pairs.length === 0 ? '<none>' : pairs.join(',')
}

/** A label selector as `a=b,c in (d,e),!f`; `''` for one that is empty or missing. */
export function selectorText(value: Json | undefined, ...path: Path): string {
  const selector = valueAt(value, ...path)
  const parts = [
    ...entries(selector, 'matchLabels').map(([key, each]) => ({ key, text: `${key}=${each}` })),
    ...items(selector, 'matchExpressions').map(expressionText),
  ]
  return parts
    .sort((a, b) => compareText(a.key, b.key))
    .map((part) => part.text)
    .join(',')
}

function expressionText(expression: Json): { readonly key: string; readonly text: string } {
  const key = text(expression, 'key')
  const values = items(expression, 'values').map(String).sort(compareText).join(',')
  switch (text(expression, 'operator')) {
    case 'In':
      return { key, text: `${key} in (${values})` }
    case 'NotIn':
      return { key, text: `${key} notin (${values})` }
    case 'Exists':
      return { key, text: key }
    default:
      return { key, text: `!${key}` }
  }
}

/** Names and images of the containers of a pod spec: two cells. */
export function containerCells(spec: Json | undefined): [string, string] {
  const containers = items(spec, 'containers')
  const names = containers.map((each) => text(each, 'name')).join(',')
  return [names, containers.map((each) => text(each, 'image')).join(',')]
}

const SHOWN_MAX = 3

/** The first three of a list, and how many more there are. */
export function firstOf(list: readonly string[], empty: string): string {
  if (list.length === 0) return empty
  const shown = list.slice(0, SHOWN_MAX).join(',')
  if (list.length > SHOWN_MAX) return `${shown} + ${list.length - SHOWN_MAX} more...`
  return shown === '' ? empty : shown
}
