import fastJsonPatch, { type Operation } from 'fast-json-patch'
import { Fault, messageOf } from '../base/index.ts'
import { isArray, isObject, type Json, ownAt, sameJson, setKey } from './json.ts'

/** Codes of faults in JSON patches. */
export type JsonPatchCode = 'JSON_PATCH'

/** Values that one patch may copy: each copy can be twice the one before. */
const MAX_COPIED = 10_000

/** One operation of a JSON patch (RFC 6902). */
export interface JsonPatchOp {
  readonly op: string
  readonly path?: Json
  readonly from?: Json
  readonly value?: Json
}

/**
 * Applies a JSON patch (RFC 6902) and answers the new document; the one handed in stays as it is.
 * As in the library that kustomize and the API server use, negative indexes count from the end,
 * `add` takes the index past the end, and `replace` of an absent member adds it.
 * @throws Fault JSON_PATCH with that library's words
 * @see gopkg.in/evanphx/json-patch.v4 v4.13.0 patch.go
 */
export function applyJsonPatch(document: Json, operations: readonly JsonPatchOp[]): Json {
  let at = structuredClone(document)
  let left = MAX_COPIED
  for (const operation of operations) {
    if (operation.op === 'copy') left -= copiedValues(at, operation, left)
    if (left < 0) throw fault(`copy operations copy more than ${MAX_COPIED} values`)
    at = step(at, operation)
  }
  return at
}

/** How many values an operation would copy; at most one more than `limit` is counted. */
function copiedValues(document: Json, operation: JsonPatchOp, limit: number): number {
  if (typeof operation.from !== 'string') return 0
  const place = find(document, operation.from)
  if (place === undefined) return operation.from === '' ? countValues(document, limit) : 0
  return countValues(memberOf(place), limit)
}

function countValues(value: Json, limit: number): number {
  let count = 1
  if (typeof value !== 'object' || value === null) return count
  for (const each of Object.values(value)) {
    if (count > limit) break
    count += countValues(each as Json, limit - count)
  }
  return count
}

function step(document: Json, operation: JsonPatchOp): Json {
  switch (operation.op) {
    case 'add':
      return add(document, operation)
    case 'remove':
      return remove(document, operation)
    case 'replace':
      return replace(document, operation)
    case 'move':
      return move(document, operation)
    case 'copy':
      return copy(document, operation)
    case 'test':
      return test(document, operation)
    default:
      throw fault(`Unexpected kind: ${operation.op ?? 'unknown'}`)
  }
}

function add(document: Json, operation: JsonPatchOp): Json {
  if (typeof operation.path !== 'string')
    throw fault('add operation failed to decode path: missing value')
  const place = find(document, operation.path)
  if (place === undefined)
    throw fault(
      `add operation does not apply: doc is missing path: "${operation.path}": missing value`,
    )
  const path = within(`error in add for path: '${operation.path}'`, () => slotFor(place))
  return run(document, { op: 'add', path, value: valueOf(operation) })
}

function remove(document: Json, operation: JsonPatchOp): Json {
  if (typeof operation.path !== 'string')
    throw fault('remove operation failed to decode path: missing value')
  const place = find(document, operation.path)
  if (place === undefined)
    throw fault(
      `remove operation does not apply: doc is missing path: "${operation.path}": missing value`,
    )
  const path = within(`error in remove for path: '${operation.path}'`, () => removable(place))
  return run(document, { op: 'remove', path })
}

function replace(document: Json, operation: JsonPatchOp): Json {
  const { path } = operation
  if (typeof path !== 'string')
    throw fault(
      'replace operation failed to decode path: operation missing path field: missing value',
    )
  if (path === '') {
    const value = valueOf(operation)
    if (typeof value !== 'object' || value === null)
      throw fault('replace operation value must be object or array')
    return value
  }
  const place = find(document, path)
  if (place === undefined)
    throw fault(`replace operation does not apply: doc is missing path: ${path}: missing value`)
  if (isArray(place.container) && indexOf(place, place.container.length - 1) === undefined)
    throw fault(`replace operation does not apply: doc is missing key: ${path}: missing value`)
  const target = isArray(place.container) ? removable(place) : pointer(place, place.key)
  const op = isArray(place.container) ? 'replace' : 'add'
  return run(document, { op, path: target, value: valueOf(operation) })
}

function move(document: Json, operation: JsonPatchOp): Json {
  if (typeof operation.from !== 'string')
    throw fault(
      'move operation failed to decode from: operation, missing from field: missing value',
    )
  const source = find(document, operation.from)
  if (source === undefined)
    throw fault(
      `move operation does not apply: doc is missing from path: ${operation.from}: missing value`,
    )
  const from = within(`error in move for path: '${source.key}'`, () => removable(source))
  const value = memberOf(source)
  const without = run(document, { op: 'remove', path: from })
  if (typeof operation.path !== 'string')
    throw fault('move operation failed to decode path: operation missing path field: missing value')
  const place = find(without, operation.path)
  if (place === undefined)
    throw fault(
      `move operation does not apply: doc is missing destination path: ${operation.path}: missing value`,
    )
  const path = within(`error in move for path: '${operation.path}'`, () => slotFor(place))
  return run(without, { op: 'add', path, value })
}

function copy(document: Json, operation: JsonPatchOp): Json {
  if (typeof operation.from !== 'string')
    throw fault(
      'copy operation failed to decode from: operation, missing from field: missing value',
    )
  const source = find(document, operation.from)
  if (source === undefined)
    throw fault(
      `copy operation does not apply: doc is missing from path: ${operation.from}: missing value`,
    )
  within(`error in copy for from: '${operation.from}'`, () => readable(source))
  if (typeof operation.path !== 'string')
    throw fault('copy operation failed to decode path: missing value')
  const place = find(document, operation.path)
  if (place === undefined)
    throw fault(
      `copy operation does not apply: doc is missing destination path: ${operation.path}: missing value`,
    )
  const path = within('error while adding value during copy', () => slotFor(place))
  return run(document, { op: 'add', path, value: structuredClone(memberOf(source)) })
}

function test(document: Json, operation: JsonPatchOp): Json {
  const { path } = operation
  if (typeof path !== 'string')
    throw fault('test operation failed to decode path: operation missing path field: missing value')
  const failed = fault(`testing value ${path} failed: test failed`)
  if (path === '') {
    if (sameJson(document, valueOf(operation))) return document
    throw failed
  }
  const place = find(document, path)
  if (place === undefined)
    throw fault(`test operation does not apply: is missing path: ${path}: missing value`)
  within(`error in test for path: '${path}'`, () => readable(place))
  if (sameJson(memberOf(place), valueOf(operation))) return document
  throw failed
}

/** A container in the document, the pointer to it, and the last part of the path, unescaped. */
interface Found {
  readonly container: Json[] | Record<string, Json>
  readonly pointer: string
  readonly key: string
}

function find(document: Json, path: string): Found | undefined {
  const parts = path.split('/')
  if (parts.length < 2) return undefined
  let at: Json | undefined = document
  let way = ''
  for (const part of parts.slice(1, -1)) {
    const key = unescape(part)
    if (isArray(at)) {
      const index: number | undefined = indexOf({ key }, at.length - 1)
      if (index === undefined) return undefined
      at = at[index]
      way += `/${index}`
    } else if (isObject(at)) {
      at = Object.hasOwn(at, key) ? at[key] : undefined
      way += `/${part}`
    }
    if (at === undefined || at === null || typeof at !== 'object') return undefined
  }
  if (at === null || typeof at !== 'object') return undefined
  const container = at as Json[] | Record<string, Json>
  return { container, pointer: way, key: unescape(parts.at(-1) ?? '') }
}

function memberOf(place: Found): Json {
  const { container, key } = place
  if (isArray(container)) return container[indexOf(place, container.length - 1) ?? -1] ?? null
  return Object.hasOwn(container, key) ? (container[key] ?? null) : null
}

/** The pointer of a place that something is added to. */
function slotFor(place: Found): string {
  const { container, key } = place
  if (!isArray(container) || key === '-') return pointer(place, key)
  if (!isInteger(key))
    throw fault(
      `value was not a proper array index: '${key}': strconv.Atoi: parsing "${key}": invalid syntax`,
    )
  return pointer(place, String(checked(place, container.length)))
}

function readable(place: Found): string {
  const { container, key } = place
  if (!isArray(container)) return pointer(place, key)
  if (!isInteger(key)) throw fault(`strconv.Atoi: parsing "${key}": invalid syntax`)
  return pointer(place, String(checked(place, container.length - 1)))
}

function removable(place: Found): string {
  const { container, key } = place
  if (isArray(container)) return readable(place)
  if (!Object.hasOwn(container, key))
    throw fault(`Unable to remove nonexistent key: ${key}: missing value`)
  return pointer(place, key)
}

function checked(place: Pick<Found, 'key' | 'container'>, last: number): number {
  const index = indexOf(place, last)
  if (index === undefined)
    throw fault(`Unable to access invalid index: ${Number(place.key)}: invalid index referenced`)
  return index
}

function indexOf(place: { readonly key: string }, last: number): number | undefined {
  if (!isInteger(place.key)) return undefined
  const index = Number(place.key)
  const counted = index < 0 ? index + last + 1 : index
  return counted < 0 || counted > last ? undefined : counted
}

function isInteger(key: string): boolean {
  return /^[+-]?\d+$/.test(key)
}

function pointer(place: Found, key: string): string {
  return `${place.pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

function unescape(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~')
}

function valueOf(operation: JsonPatchOp): Json {
  return operation.value === undefined ? null : structuredClone(operation.value)
}

function run(document: Json, operation: Operation): Json {
  const parts = operation.path.split('/').slice(1).map(unescape)
  if (parts.includes('__proto__')) return runByHand(document, operation, parts)
  try {
    return fastJsonPatch.applyOperation(document, operation, false, true, true, 0).newDocument
  } catch (error) {
    throw fault(messageOf(error))
  }
}

/** What the library refuses for fear of keys that all objects inherit; here only own ones are found. */
function runByHand(document: Json, operation: Operation, parts: readonly string[]): Json {
  let at = document
  for (const part of parts.slice(0, -1))
    at = (isArray(at) ? at[Number(part)] : isObject(at) ? ownAt(at, part) : undefined) ?? null
  const key = parts.at(-1) ?? ''
  const value = 'value' in operation ? (operation.value as Json) : null
  if (isArray(at)) {
    const index = key === '-' ? at.length : Number(key)
    const given = operation.op === 'remove' ? [] : [value]
    ;(at as Json[]).splice(index, operation.op === 'add' ? 0 : 1, ...given)
  } else if (operation.op === 'remove') delete (at as Record<string, Json>)[key]
  else setKey(at as Record<string, Json>, key, value)
  return document
}

function within<T>(context: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof Fault) throw fault(`${context}: ${error.message}`)
    throw error
  }
}

function fault(message: string): Fault<JsonPatchCode> {
  return new Fault({ code: 'JSON_PATCH', message })
}
