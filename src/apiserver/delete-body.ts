import { isFault } from '../base/index.ts'
import { isArray, isObject, type Json, type JsonObject } from '../object/index.ts'
import { type Ask, headerOf } from './ask.ts'
import { badRequest, StatusFault } from './status.ts'
import { mediaType, readBody } from './wire/media.ts'

/** What Go calls the types of the fields. */
const TYPES: Readonly<Record<string, readonly [form: Form, type: string]>> = {
  gracePeriodSeconds: ['whole', 'int64'],
  orphanDependents: ['boolean', 'bool'],
  propagationPolicy: ['string', 'v1.DeletionPropagation'],
  dryRun: ['array', '[]string'],
  preconditions: ['object', 'v1.Preconditions'],
}

type Form = 'whole' | 'boolean' | 'string' | 'array' | 'object'

const HEAD =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'

/**
 * Reads the DeleteOptions in the body of a request. Every group has its own; unknown fields are not
 * looked at.
 * @throws StatusFault 400, 415
 * @see k8s.io/apiserver pkg/endpoints/handlers/delete.go (v0.36.3)
 */
export function bodyOptions(ask: Ask): JsonObject {
  const value = bodyOf(ask)
  if (value === null) return {}
  if (!isObject(value))
    throw badRequest(
      `couldn't get version/kind; json parse error: json: cannot unmarshal ${formOf(value)} into Go value of type ${HEAD}`,
    )
  const { apiVersion, kind } = value
  if (typeof kind === 'string' && kind !== '' && kind !== 'DeleteOptions')
    throw badRequest(
      `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion ?? 'meta.k8s.io/v1')} in scheme "pkg/runtime/scheme.go:111"`,
    )
  for (const [field, child] of Object.entries(value)) checkType(field, child)
  checkPreconditions(value['preconditions'])
  return Object.fromEntries(Object.entries(value).filter(([, child]) => child !== null))
}

function bodyOf(ask: Ask): Json {
  const type = mediaType(headerOf(ask.headers, 'content-type'))
  try {
    return readBody(ask.body, type)
  } catch (error) {
    if (error instanceof StatusFault) throw error
    if (type === 'application/yaml')
      throw badRequest(
        isFault(error) ? error.message.replace(/^body:\d+:\d+: /, '') : String(error),
      )
    const first = ask.body.trimStart()[0]
    const why =
      first === undefined || '{["-0123456789tfn'.includes(first)
        ? 'unexpected end of JSON input'
        : `invalid character '${first}' looking for beginning of value`
    throw badRequest(`couldn't get version/kind; json parse error: ${why}`)
  }
}

function checkType(field: string, value: Json | undefined): void {
  const [form, type] = TYPES[field] ?? []
  if (form === undefined || value === null || value === undefined) return
  const found = formOf(value)
  const isWhole = typeof value === 'number' && Number.isInteger(value)
  if (form === 'whole' ? isWhole : found === (form === 'boolean' ? 'bool' : form)) return
  // Of a number that is none of the right kind, the number itself is told.
  const told = form === 'whole' && typeof value === 'number' ? `number ${value}` : found
  throw badRequest(
    `json: cannot unmarshal ${told} into Go struct field DeleteOptions.${field} of type ${type}`,
  )
}

function checkPreconditions(value: Json | undefined): void {
  if (!isObject(value)) return
  for (const [field, type] of [
    ['uid', 'types.UID'],
    ['resourceVersion', 'string'],
  ] as const) {
    const given = value[field] ?? null
    if (given === null || typeof given === 'string') continue
    throw badRequest(
      `json: cannot unmarshal ${formOf(given)} into Go struct field Preconditions.preconditions.${field} of type ${type}`,
    )
  }
}

function formOf(value: Json): string {
  if (isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}
