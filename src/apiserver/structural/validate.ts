import { isArray, isObject, type Json, ownAt, sameJson } from '../../object/index.ts'
import {
  type Cause,
  invalid,
  notSupported,
  required,
  tooLong,
  tooMany,
  typeInvalid,
} from '../builtin/index.ts'
import { isOfFormat } from './formats.ts'
import { type Node, regexOf } from './node.ts'

/** What a value was found to be: what is wrong, and how much was checked (the best of many counts). */
interface Result {
  readonly causes: Cause[]
  matches: number
}

/**
 * Checks a value against its schema. With an old value, what did not change is not checked again.
 * @see k8s.io/kube-openapi pkg/validation/validate, k8s.io/apiextensions-apiserver
 * pkg/apiserver/validation (v0.36.3)
 */
export function schemaCauses(
  value: Json,
  node: Node,
  path: string,
  old: Json | undefined,
): readonly Cause[] {
  return check(value, node, path, old).causes
}

function check(value: Json, node: Node, path: string, old: Json | undefined): Result {
  const result: Result = { causes: [], matches: 0 }
  if (old !== undefined && sameJson(value, old)) return result
  merge(result, checkType(value, node, path))
  if (value === null) {
    merge(result, checkEnum(value, node, path))
    return result
  }
  merge(result, checkCombined(value, node, path))
  if (typeof value === 'string') merge(result, checkString(value, node, path))
  if (typeof value === 'number') merge(result, checkNumber(value, node, path))
  if (isArray(value)) merge(result, checkArray(value, node, path, old))
  merge(result, checkEnum(value, node, path))
  if (isObject(value)) merge(result, checkObject(value, node, path, old))
  result.matches++
  return result
}

/** What is said already is not said again. */
function merge(into: Result, from: Result): void {
  for (const cause of from.causes)
    if (!into.causes.some((each) => each.field === cause.field && each.message === cause.message))
      into.causes.push(cause)
  into.matches += from.matches + 1
}

function ok(...causes: readonly (Cause | undefined)[]): Result {
  return { causes: causes.filter((cause) => cause !== undefined), matches: 1 }
}

function checkType(value: Json, node: Node, path: string): Result {
  const { types, format } = node
  const place = name(path)
  if (value === null) {
    if (types.length === 0 || node.nullable) return ok()
    return ok(
      typeInvalid(fieldOf(path), 'null', `${place} must be of type ${types.join(',')}: "null"`),
    )
  }
  if (types.length === 0) return ok()
  const found = typeName(value)
  const isInteger =
    types.includes('integer') && typeof value === 'number' && Number.isInteger(value)
  const isNumber = types.includes('number') && typeof value === 'number'
  if (types.includes(found) || isInteger || isNumber) return ok()
  const numeric = types.includes('number') || types.includes('integer')
  if (!numeric && format !== '' && (typeof value === 'string' || isArray(value))) return ok()
  const isText = typeof value === 'string' || isArray(value)
  if (!isText && format !== '')
    return ok(
      typeInvalid(
        fieldOf(path),
        formatName(value),
        `${place} must be of type ${format}: ${JSON.stringify(formatName(value))}`,
      ),
    )
  return ok(
    typeInvalid(
      fieldOf(path),
      found,
      `${place} must be of type ${types.join(',')}: ${JSON.stringify(found)}`,
    ),
  )
}

function formatName(value: Json): string {
  if (typeof value !== 'number') return ''
  return Number.isInteger(value) ? 'int64' : 'float64'
}

function typeName(value: Json): string {
  if (value === null) return 'null'
  if (isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

/** `spec.replicas in body`. */
function name(path: string): string {
  return `${path} in body`
}

/** The field of a cause. */
function fieldOf(path: string): string {
  return path === '' ? '<nil>' : path.startsWith('.') ? path.slice(1) : path
}

function checkEnum(value: Json, node: Node, path: string): Result {
  if (node.enum === undefined || node.enum.length === 0) return ok()
  if (node.enum.some((allowed) => isAllowed(allowed, value))) return ok()
  const texts = node.enum.map((each) => (typeof each === 'string' ? each : JSON.stringify(each)))
  return ok(notSupported(fieldOf(path), value, texts))
}

/** Numbers are made whole before they are compared with whole ones. */
function isAllowed(allowed: Json, value: Json): boolean {
  if (typeof allowed === 'number' && typeof value === 'number' && Number.isInteger(allowed))
    return Math.trunc(value) === allowed
  return sameJson(allowed, value)
}

function checkString(value: string, node: Node, path: string): Result {
  const place = name(path)
  const field = fieldOf(path)
  const length = Array.from(value).length
  const causes: Cause[] = []
  if (node.maxLength !== undefined && length > node.maxLength)
    causes.push(tooLong(field, node.maxLength))
  else if (node.minLength !== undefined && length < node.minLength)
    causes.push(invalid(field, value, `${place} should be at least ${node.minLength} chars long`))
  else if (node.pattern !== '') {
    const regex = regexOf(node.pattern)
    if (regex === undefined || !regex.matches(value))
      causes.push(invalid(field, value, `${place} should match '${node.pattern}'`))
  }
  const isText = !node.types.includes('integer') && !node.types.includes('number')
  if (isText && node.format !== '' && !isOfFormat(node.format, value))
    causes.push(
      typeInvalid(
        field,
        value,
        `${place} must be of type ${node.format}: ${JSON.stringify(value)}`,
      ),
    )
  return ok(...causes)
}

function checkNumber(value: number, node: Node, path: string): Result {
  const place = name(path)
  const field = fieldOf(path)
  const causes: Cause[] = []
  /** A bound as it is compared: whole for a whole value, unless its type can not hold it. */
  const bound = (what: string, number: number): number => {
    const range = rangeWords(number, node)
    if (range !== undefined)
      causes.push(invalid('<nil>', '', `${what} value must be of type ${range} in ${path}`))
    return range === undefined && Number.isInteger(value) ? Math.trunc(number) : number
  }
  bound('Checked', value)
  if (node.multipleOf !== undefined) {
    const factor = bound('MultipleOf', node.multipleOf)
    if (factor <= 0)
      causes.push(
        invalid(
          field,
          factor,
          `factor MultipleOf declared for ${path} must be positive: ${factor}`,
        ),
      )
    else if (!isMultiple(value, factor))
      causes.push(invalid(field, value, `${place} should be a multiple of ${factor}`))
  }
  if (node.minimum !== undefined) {
    const least = bound('Minimum boundary', node.minimum)
    const than = node.exclusiveMinimum ? 'greater than' : 'greater than or equal to'
    if (node.exclusiveMinimum ? value <= least : value < least)
      causes.push(invalid(field, value, `${place} should be ${than} ${least}`))
  }
  if (node.maximum !== undefined) {
    const most = bound('Maximum boundary', node.maximum)
    const than = node.exclusiveMaximum ? 'less than' : 'less than or equal to'
    if (node.exclusiveMaximum ? value >= most : value > most)
      causes.push(invalid(field, value, `${place} should be ${than} ${most}`))
  }
  return ok(...causes)
}

/** What a number must be of the type of its schema and is not. */
function rangeWords(value: number, node: Node): string | undefined {
  const [type = ''] = node.types
  const isNamed = /^u?int(?:32|64)$/.test(node.format) || type !== 'integer'
  const said = isNamed && node.format !== '' ? `with format ${node.format}` : '(default format)'
  if (type !== 'integer' || node.intOrString)
    return node.format === 'float' && Math.abs(value) > MOST_FLOAT ? `${type} ${said}` : undefined
  const limit = node.format === 'int32' ? 2 ** 31 : 2 ** 63
  return Number.isInteger(value) && value < limit && value >= -limit ? undefined : `${type} ${said}`
}

/** The biggest number that Go's float32 holds. */
const MOST_FLOAT = 3.4028234663852885981170418348451692544e38

function isMultiple(value: number, factor: number): boolean {
  return Number.isInteger(factor < 1 ? (1 / factor) * value : value / factor)
}

function checkArray(
  value: readonly Json[],
  node: Node,
  path: string,
  old: Json | undefined,
): Result {
  const result = ok()
  const { items } = node
  if (items !== undefined) {
    const before = correlated(node, old)
    for (const [i, item] of value.entries())
      merge(result, check(item, items, `${path}[${i}]`, before(item)))
  }
  const place = name(path)
  if (node.minItems !== undefined && value.length < node.minItems)
    result.causes.push(
      invalid(fieldOf(path), value.length, `${place} should have at least ${node.minItems} items`),
    )
  if (node.maxItems !== undefined && value.length > node.maxItems)
    result.causes.push(tooMany(fieldOf(path), value.length, node.maxItems))
  if (node.uniqueItems && value.some((item, i) => value.slice(0, i).some((b) => sameJson(item, b))))
    result.causes.push(invalid(fieldOf(path), '', `${place} shouldn't contain duplicates`))
  return result
}

/** Finds the old item of an item: only lists of type map can tell which it is. */
export function correlated(node: Node, old: Json | undefined): (item: Json) => Json | undefined {
  if (!isArray(old) || node.listType !== 'map' || node.mapKeys.length === 0) return () => undefined
  const keyOf = (item: Json): string =>
    JSON.stringify(node.mapKeys.map((key) => (isObject(item) ? (item[key] ?? null) : null)))
  const byKey = new Map(old.map((item) => [keyOf(item), item]))
  return (item) => byKey.get(keyOf(item))
}

function checkObject(value: Json, node: Node, path: string, old: Json | undefined): Result {
  const result = ok()
  if (!isObject(value)) return result
  const keys = Object.keys(value).filter((key) => value[key] !== undefined)
  const before = isObject(old) ? old : {}
  const field = fieldOf(path)
  if (node.minProperties !== undefined && keys.length < node.minProperties)
    result.causes.push(
      invalid(
        field,
        keys.length,
        `${name(path)} should have at least ${node.minProperties} properties`,
      ),
    )
  if (node.maxProperties !== undefined && keys.length > node.maxProperties)
    result.causes.push(tooMany(field, keys.length, node.maxProperties))
  for (const key of keys) {
    if (node.properties.has(key)) continue
    if (node.additional === false)
      result.causes.push(invalid(field, key, `${path}.${key} in body is a forbidden property`))
    else if (typeof node.additional === 'object')
      merge(
        result,
        check(value[key] ?? null, node.additional, `${path}.${key}`, ownAt(before, key)),
      )
  }
  for (const [key, inner] of node.properties) {
    const item = value[key]
    const at = path === '' ? key : `${path}.${key}`
    if (item !== undefined) merge(result, check(item, inner, at, ownAt(before, key)))
  }
  for (const key of node.required)
    if (value[key] === undefined)
      merge(result, { causes: [required(fieldOf(`${path}.${key}`))], matches: -1 })
  return result
}

function checkCombined(value: Json, node: Node, path: string): Result {
  const result = ok()
  const place = JSON.stringify(path)
  const say = (text: string): number => result.causes.push(invalid('<nil>', '', text))
  const run = (inner: Node): Result => check(value, inner, path, undefined)
  if (node.anyOf.length > 0) {
    const results = node.anyOf.map(run)
    if (!results.some((each) => each.causes.length === 0)) {
      say(`${place} must validate at least one schema (anyOf)`)
      merge(result, best(results))
    }
  }
  if (node.oneOf.length > 0) {
    const results = node.oneOf.map(run)
    const valid = results.filter((each) => each.causes.length === 0).length
    if (valid !== 1) {
      const found = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`
      say(`${place} must validate one and only one schema (oneOf). ${found}`)
      if (valid === 0) merge(result, best(results))
    }
  }
  const all = node.allOf.map(run)
  for (const each of all) merge(result, each)
  const valid = all.filter((each) => each.causes.length === 0).length
  if (valid < all.length)
    say(`${place} must validate all the schemas (allOf)${valid === 0 ? '. None validated' : ''}`)
  if (node.not !== undefined && run(node.not).causes.length === 0)
    say(`${place} must not validate the schema (not)`)
  return result
}

/** The failure of the alternative that most of was right with. */
function best(results: readonly Result[]): Result {
  let found: Result = { causes: [], matches: -1 }
  for (const result of results) if (result.matches > found.matches) found = result
  return found
}
