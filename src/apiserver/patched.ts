import {
  isArray,
  isKubeObject,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
} from '../object/index.ts'
import { builtinType, conform, inGoOrder, type SchemaType, told } from '../schema/index.ts'
import type { Ask } from './ask.ts'
import { strictness } from './options.ts'
import {
  jsonPatch,
  leftBehind,
  mergePatch,
  type Patched,
  printGo,
  sortedAlong,
  sortedWith,
  strategicMerge,
} from './patch/index.ts'
import { faultOf, mismatchOf, restored, typeOf } from './pipeline.ts'
import { badRequest, StatusFault } from './status.ts'
import { checkName, checkNamespace, checkStrict } from './strictly.ts'
import { goText, sorted } from './wire/go-json.ts'
import { jsonProblem } from './wire/json-syntax.ts'
import { Endless, parseJson } from './wire/parse-json.ts'

/** The media type of strategic merge patches. */
export const STRATEGIC: string = 'application/strategic-merge-patch+json'
/** The media types of patches other than an apply. */
export const PATCHES: readonly string[] = [
  'application/json-patch+json',
  'application/merge-patch+json',
  STRATEGIC,
]

/** What a patch makes of an object of a kind, or of its scale. */
export function patched(ask: Ask, type: string, live: KubeObject): KubeObject {
  const object = live as unknown as JsonObject
  const value = parsePatch(ask, type)
  const isIgnored = strictness(ask) === 'Ignore'
  const isLoose = isIgnored && !isObject(value)
  if (type === 'application/merge-patch+json' && isLoose && isArray(value)) throw listed(value)
  if (type === 'application/merge-patch+json' && (value === null || isLoose))
    throw badRequest('Invalid JSON Patch')
  if (value === null) return live
  if (type === 'application/json-patch+json' && isIgnored && !isArray(value))
    throw badRequest(
      `json: cannot unmarshal ${goKind(value)} into Go value of type jsonpatch.Patch`,
    )
  if (!isObject(value) && type !== 'application/json-patch+json')
    throw badRequest(
      `${type === STRATEGIC ? '' : 'error decoding patch: '}json: cannot unmarshal ${isArray(value) ? 'array' : goKind(value)} into Go value of type map[string]interface {}`,
    )
  const next = unwrapped(ask, patchOf(ask, type, object, value))
  return checkPatched(ask, next, {
    isStrategic: type === STRATEGIC,
    value: () =>
      type === STRATEGIC
        ? printGo(leftBehind(value as JsonObject, object))
        : echo(ask, type, object, value),
  })
}

function patchOf(ask: Ask, type: string, object: JsonObject, value: Json): Patched {
  if (type === 'application/json-patch+json') return jsonPatch(object, value)
  if (type === STRATEGIC) return strategicMerge(object, value as JsonObject, typeOf(ask.kind))
  return mergePatch(object, value)
}

/** The type of what is patched: Scales are shown in place of objects. */
function typeOfPart(ask: Ask): SchemaType {
  const scale = { group: 'autoscaling', version: 'v1', kind: 'Scale' }
  return (ask.subresource === 'scale' ? builtinType(scale) : undefined) ?? typeOf(ask.kind)
}

/**
 * The patched object as refusals quote it: where the patch had nothing to look for, in the order of the
 * Go type, or of the keys of a custom kind, which has none.
 */
function echo(ask: Ask, type: string, object: JsonObject, value: Json): string {
  const isCustom = ask.kind.custom !== undefined && ask.subresource !== 'scale'
  const live = (isCustom ? sorted(object) : inGoOrder(object, typeOfPart(ask))) as JsonObject
  const result = patchOf(ask, type, live, value)
  if (!('object' in result)) return ''
  const isJson = type === 'application/json-patch+json'
  return goText(isJson ? sortedAlong(result.object, value) : sortedWith(result.object, live, value))
}

/** A patch must leave an object of the kind, with its name and namespace. */
function checkPatched(
  ask: Ask,
  next: KubeObject,
  { isStrategic, value }: { readonly isStrategic: boolean; readonly value: () => string },
): KubeObject {
  const refuse = (why: string): never => {
    throw invalidPatch(value(), why)
  }
  const { kind } = ask
  if (ask.subresource === 'scale') {
    const mismatch = told(conform(next as unknown as JsonObject, typeOfPart(ask)).mismatches)
    return mismatch === undefined ? next : refuse(mismatch.message)
  }
  const live = { apiVersion: next.apiVersion, kind: next.kind }
  const version = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`
  for (const [field, said] of Object.entries(live))
    if (typeof said !== 'string' && said !== undefined) refuse(notText(said, field, isStrategic))
  if (live.apiVersion !== version || live.kind !== kind.kind)
    refuse(
      `no kind ${JSON.stringify(live.kind)} is registered for version ${JSON.stringify(live.apiVersion)} in scheme "pkg/runtime/scheme.go:111"`,
    )
  const read = isStrategic ? restored(kind, next) : decoded(kind, next)
  if ('mismatch' in read) throw invalidPatch(value(), read.mismatch)
  if (!isKubeObject(next)) refuse('metadata is missing')
  const conformed = checkStrict(ask, read.object, (_, problems) =>
    refuse(`strict decoding error: ${problems}`),
  )
  const name = next.metadata.name ?? ''
  checkNamespace(ask, next)
  if (name === '')
    throw badRequest(
      `the name of the object (${ask.name} based on URL) was undeterminable: name must be provided`,
    )
  checkName(ask, name)
  return conformed
}

/** A list is taken for the whole object where nobody looks closely, and is none. */
function listed(value: readonly Json[]): StatusFault {
  const head =
    'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
  const text = goText(value.filter((item) => item !== null))
  return invalidPatch(
    text,
    `couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type ${head}`,
  )
}

/** What is said of a kind or version that is no text; of a strategic patch Go asks for types. */
function notText(value: Json, field: string, isStrategic: boolean): string {
  if (!isStrategic)
    return `couldn't get version/kind; json parse error: json: cannot unmarshal ${isArray(value) ? 'array' : goKind(value)} into Go struct field .${field} of type string`
  return typeof value === 'number' && Number.isInteger(value)
    ? 'cannot convert int64 to string'
    : 'unrecognized type: string'
}

function decoded(
  kind: Ask['kind'],
  object: KubeObject,
): { readonly object: KubeObject } | { readonly mismatch: string } {
  const mismatch = mismatchOf(kind, object)
  return mismatch === undefined ? { object } : { mismatch }
}

function invalidPatch(value: string, why: string): StatusFault {
  const message = `Invalid value: ${JSON.stringify(value)}: ${why}`
  return new StatusFault({
    code: 422,
    reason: 'Invalid',
    message: ` "" is invalid: patch: ${message}`,
    details: { causes: [{ reason: 'FieldValueInvalid', message, field: 'patch' }] },
  })
}

function unwrapped(ask: Ask, result: Patched): KubeObject {
  if ('refusal' in result) throw faultOf(ask.kind, ask.name, result.refusal)
  return result.object as unknown as KubeObject
}

function goKind(value: Json): string {
  return typeof value === 'boolean' ? 'bool' : typeof value
}

/** The body of a patch. */
function parsePatch(ask: Ask, type: string): Json {
  try {
    return parseJson(ask.body)
  } catch (error) {
    const why = error instanceof Endless ? error.message : jsonProblem(ask.body)
    const isLoose = strictness(ask) === 'Ignore'
    if (isLoose && type === 'application/merge-patch+json') throw badRequest('Invalid JSON Patch')
    throw badRequest(type === STRATEGIC || isLoose ? why : `error decoding patch: ${why}`)
  }
}
