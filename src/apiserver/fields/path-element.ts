import { compareText } from '../../base/index.ts'
import type { Json, JsonObject } from '../../object/index.ts'
import type { ListType } from '../../schema/index.ts'

/**
 * One step of a path into an object, in the form of managedFields: `f:name` a field, `k:{…}` the
 * list item with these keys, `v:…` the item of a set, `i:0` the item of a list by index.
 * Two steps are the same when their texts are.
 * @see sigs.k8s.io/structured-merge-diff/v6 fieldpath/serialize-pe.go (v6.3.3)
 */
export type PathElement = string

/** The step to a named field. */
export function fieldElement(name: string): PathElement {
  return `f:${name}`
}

function goJson(value: Json): string {
  return JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function keyElement(keys: readonly (readonly [string, Json])[]): PathElement {
  const [only, another] = keys
  if (only !== undefined && another === undefined) return `k:{${keyText(only)}}`
  const parts = [...keys].sort(([a], [b]) => compareText(a, b)).map(keyText)
  return `k:{${parts.join(',')}}`
}

function keyText([name, value]: readonly [string, Json]): string {
  return `${goJson(name)}:${goJson(value)}`
}

/** The step to an item of an associative list, or the reason why it has none. */
export function itemElement(
  list: ListType,
  item: Json,
): { readonly element: PathElement } | { readonly problem: string } {
  return list.keys.length > 0 ? keyedElement(list, item) : setElement(item)
}

function keyedElement(list: ListType, item: Json): ReturnType<typeof itemElement> {
  if (item === null) return { problem: 'associative list with keys may not have a null element' }
  if (typeof item !== 'object' || Array.isArray(item))
    return { problem: 'associative list with keys may not have non-map elements' }
  const keys: [string, Json][] = []
  for (const name of list.keys) {
    const value = (item as JsonObject)[name] ?? list.element.map?.fields.get(name)?.default
    if (value !== undefined) keys.push([name, value])
  }
  if (keys.length === 0) {
    const names = list.keys.map((name) => JSON.stringify(name)).join(' ')
    return {
      problem: `associative list with keys has an element that omits all key fields [${names}] (and doesn't have default values for any key fields)`,
    }
  }
  return { element: keyElement(keys) }
}

function setElement(item: Json): ReturnType<typeof itemElement> {
  if (item === null)
    return { problem: "associative list without keys has an element that's an explicit null" }
  if (Array.isArray(item))
    return { problem: 'not supported: associative list with lists as elements' }
  if (typeof item === 'object')
    return { problem: "associative list without keys has an element that's a map type" }
  return { element: `v:${goJson(item)}` }
}

/** Reads a step as somebody else wrote it; undefined for steps of an unknown kind. */
export function parseElement(text: string): PathElement | undefined {
  const rest = text.slice(2)
  switch (text.slice(0, 2)) {
    case 'f:':
      return text
    case 'i:':
      return /^[+-]?\d+$/.test(rest) ? `i:${Number(rest)}` : invalid(text)
    case 'v:':
      return `v:${goJson(parsed(rest, text))}`
    case 'k:': {
      const keys = parsed(rest, text)
      return typeof keys === 'object' && keys !== null && !Array.isArray(keys)
        ? keyElement(Object.entries(keys as Record<string, Json>))
        : invalid(text)
    }
    default:
      return text.charAt(1) === ':' ? undefined : invalid(text)
  }
}

function parsed(json: string, text: string): Json {
  try {
    return JSON.parse(json) as Json
  } catch {
    return invalid(text)
  }
}

function invalid(text: string): never {
  throw new SyntaxError(`parsing key as path element: ${text}`)
}

/** The step as messages write it: `.spec`, `[name="x"]`, `[="x"]`, `[0]`. */
export function elementText(element: PathElement): string {
  const rest = element.slice(2)
  switch (element.charAt(0)) {
    case 'f':
      return `.${rest}`
    case 'k': {
      const keys = Object.entries(JSON.parse(rest) as Record<string, Json>)
      return `[${keys.map(([name, value]) => `${name}=${valueText(value)}`).join(',')}]`
    }
    case 'v':
      return `[=${valueText(JSON.parse(rest) as Json)}]`
    default:
      return `[${rest}]`
  }
}

/** A value as Go prints it in messages of this library. */
function valueText(value: Json): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return `[${value.map(valueText).join(',')}]`
  if (typeof value === 'object')
    return `{${Object.entries(value)
      .map(([key, item]) => `${key}=${valueText(item ?? null)}`)
      .join(';')}}`
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}

const ORDER = 'fkvi'

/** Order of steps: fields, keyed items, values, indexes; inside by their content. */
export function compareElements(a: PathElement, b: PathElement): number {
  const kind = ORDER.indexOf(a.charAt(0)) - ORDER.indexOf(b.charAt(0))
  if (kind !== 0) return kind
  if (a.startsWith('f:')) return compareText(a, b)
  if (a.startsWith('i:')) return Number(a.slice(2)) - Number(b.slice(2))
  const left = JSON.parse(a.slice(2)) as Json
  const right = JSON.parse(b.slice(2)) as Json
  if (a.startsWith('v:')) return compareValues(left, right)
  return compareKeys(
    Object.entries(left as Record<string, Json>),
    Object.entries(right as Record<string, Json>),
  )
}

function compareKeys(a: [string, Json][], b: [string, Json][]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const [left, right] = [a[i], b[i]]
    if (left === undefined || right === undefined) break
    const order = compareText(left[0], right[0]) || compareValues(left[1], right[1])
    if (order !== 0) return order
  }
  return a.length - b.length
}

function compareValues(a: Json, b: Json): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'number' || typeof b === 'number') return typeof a === 'number' ? -1 : 1
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  if (typeof a === 'string' || typeof b === 'string') return typeof a === 'string' ? -1 : 1
  return Number(a) - Number(b)
}
