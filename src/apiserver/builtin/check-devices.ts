import { deviceNames, typedExpression, typeWords } from '../../cel/index.ts'
import { isArray, isObject, type Json, type JsonObject, sameJson } from '../../object/index.ts'
import { at, formed, items, labels, number, text, texts } from './check.ts'
import { annotations } from './check-meta.ts'
import {
  duplicate,
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
  tooMany,
} from './field-error.ts'
import { goStruct } from './go-struct.ts'
import { dnsLabel, dnsSubdomain, labelValue, qualifiedName } from './names.ts'
import type { Cause } from './refusal.ts'

/**
 * Claims of devices and their classes.
 * @see k8s.io/kubernetes pkg/apis/resource/validation/validation.go (v1.36.3)
 */

const MOST = 32
const MOST_ALTERNATIVES = 8
const LONGEST_EXPRESSION = 10 * 1024
const LONGEST_PARAMETERS = 10 * 1024
const LONGEST_ID = 32

/** Claims. */
export function resourceClaim(object: JsonObject): Cause[] {
  return claimSpec(at(object, 'spec'), 'spec')
}

/** A claim says what it says once and for all. */
export function fixedClaim(next: JsonObject, old: JsonObject): Cause[] {
  return fixed(next, old, 'ResourceClaimSpec')
}

/** So do templates of claims. */
export function fixedTemplate(next: JsonObject, old: JsonObject): Cause[] {
  return fixed(next, old, 'ResourceClaimTemplateSpec')
}

function fixed(next: JsonObject, old: JsonObject, struct: string): Cause[] {
  if (sameJson(next['spec'], old['spec'])) return []
  return [invalid('spec', goStruct(struct, at(next, 'spec')), 'field is immutable')]
}

/** Templates of claims. */
export function claimTemplate(object: JsonObject): Cause[] {
  const spec = at(object, 'spec')
  const metadata = at(spec, 'metadata')
  return [
    ...annotations(at(metadata, 'annotations'), 'spec.metadata.annotations'),
    ...labels(at(metadata, 'labels'), 'spec.metadata.labels'),
    ...onlyLabels(metadata, 'spec.metadata'),
    ...claimSpec(at(spec, 'spec'), 'spec.spec'),
  ]
}

/** Templates of metadata have labels and annotations, and no more. */
function onlyLabels(metadata: JsonObject, path: string): Cause[] {
  return (
    Object.keys(metadata)
      .filter((key) => key !== 'labels' && key !== 'annotations')
      .filter((key) => !isZero(metadata[key]))
      // Go's name of the field, with its first letter in small.
      .map((key) => forbidden(`${path}.${key === 'uid' ? 'uID' : key}`, 'cannot be set'))
  )
}

function isZero(value: Json | undefined): boolean {
  return value === null || value === undefined || value === '' || value === 0
}

/** Classes of devices. */
export function deviceClass(object: JsonObject): Cause[] {
  const spec = at(object, 'spec')
  return [
    ...selectors(spec, 'spec'),
    ...extendedName(spec['extendedResourceName'], 'spec.extendedResourceName'),
    ...several(spec, 'config', 'spec', (each, path) => opaque(each, path)),
  ]
}

/** The name by which pods ask for devices of a class as for a resource. */
function extendedName(name: Json | undefined, path: string): Cause[] {
  if (typeof name !== 'string') return []
  const isNative = !name.includes('/') || name.includes('kubernetes.io/')
  const fits =
    !isNative && !name.startsWith('requests.') && qualifiedName(`requests.${name}`).length === 0
  return fits ? [] : [invalid(path, name, 'must be a valid extended resource name')]
}

/** Names of requests, and `request/alternative`. */
export type Names = ReadonlySet<string>

function claimSpec(spec: JsonObject, path: string): Cause[] {
  const devices = at(spec, 'devices')
  const place = `${path}.devices`
  const names = namesOf(devices)
  return [
    ...named(devices, 'requests', { path: place, most: MOST }, request),
    ...several(devices, 'constraints', place, (each, where) => constraint(each, where, names)),
    ...several(devices, 'config', place, (each, where) => [
      ...references(each, `${where}.requests`, names),
      ...opaque(each, where),
    ]),
  ]
}

/** The names of what a claim asks for, with their alternatives. */
export function namesOf(devices: JsonObject): Names {
  return new Set(
    items(devices, 'requests').flatMap((each) => {
      const name = text(each, 'name')
      return [name, ...items(each, 'firstAvailable').map((sub) => `${name}/${text(sub, 'name')}`)]
    }),
  )
}

function several(
  value: JsonObject,
  key: string,
  path: string,
  check: (item: JsonObject, path: string) => Cause[],
): Cause[] {
  const list = items(value, key)
  const place = `${path}.${key}`
  if (list.length > MOST) return [tooMany(place, list.length, MOST)]
  return list.flatMap((each, i) => check(each, `${place}[${i}]`))
}

function named(
  value: JsonObject,
  key: string,
  at: { readonly path: string; readonly most: number },
  check: (item: JsonObject, path: string) => Cause[],
): Cause[] {
  const list = items(value, key)
  const place = `${at.path}.${key}`
  if (list.length > at.most) return [tooMany(place, list.length, at.most)]
  const seen = new Set<string>()
  return list.flatMap((each, i) => {
    const name = text(each, 'name')
    const causes = check(each, `${place}[${i}]`)
    if (seen.has(name)) causes.push(duplicate(`${place}[${i}]`, name))
    seen.add(name)
    return causes
  })
}

/** The form is declared beside the type, and asked of empty names, too. */
function requestName(name: string, path: string): Cause[] {
  return formed(name, dnsLabel, path)
}

function request(value: JsonObject, path: string): Cause[] {
  const causes = requestName(text(value, 'name'), `${path}.name`)
  const { exactly } = value
  const several = items(value, 'firstAvailable').length > 0
  const either = 'exactly one of `exactly` or `firstAvailable` is required'
  if (several && isObject(exactly))
    return [...causes, invalid(path, null, `${either}, but multiple fields are set`)]
  if (several)
    return [
      ...causes,
      ...named(value, 'firstAvailable', { path, most: MOST_ALTERNATIVES }, (each, where) => [
        ...requestName(text(each, 'name'), `${where}.name`),
        ...exactRequest(each, where),
      ]),
    ]
  if (isObject(exactly)) return [...causes, ...exactRequest(exactly, `${path}.exactly`)]
  return [...causes, required(path, either)]
}

function exactRequest(value: JsonObject, path: string): Cause[] {
  const name = text(value, 'deviceClassName')
  const place = `${path}.deviceClassName`
  return [
    ...(name === '' ? [required(place)] : formed(name, dnsSubdomain, place)),
    ...selectors(value, path),
    ...allocation(value, path),
    ...items(value, 'tolerations').flatMap((each, i) =>
      toleration(each, `${path}.tolerations[${i}]`),
    ),
  ]
}

function allocation(value: JsonObject, path: string): Cause[] {
  const mode = text(value, 'allocationMode')
  const count = number(value, 'count') ?? 0
  if (mode === 'ExactCount')
    return count > 0 ? [] : [invalid(`${path}.count`, count, 'must be greater than zero')]
  if (mode !== 'All') return [notSupported(`${path}.allocationMode`, mode, ['All', 'ExactCount'])]
  return count === 0
    ? []
    : [invalid(`${path}.count`, count, "must not be specified when allocationMode is 'All'")]
}

function selectors(value: JsonObject, path: string): Cause[] {
  return several(value, 'selectors', path, (each, where) => {
    const { cel } = each
    if (!isObject(cel)) return [required(`${where}.cel`)]
    const place = `${where}.cel.expression`
    const expression = text(cel, 'expression')
    return Buffer.byteLength(expression) > LONGEST_EXPRESSION
      ? [tooLong(place, LONGEST_EXPRESSION)]
      : compiled(expression, place)
  })
}

/** An expression about a device that says yes or no. */
function compiled(expression: string, path: string): Cause[] {
  const { problem, type } = typedExpression(expression, deviceNames())
  if (problem !== undefined) return [invalid(path, expression, `compilation failed: ${problem}`)]
  if (type.kind === 'bool' || type.kind === 'dyn') return []
  const words = `must evaluate to bool or the unknown type, not ${typeWords(type)}`
  return [invalid(path, expression, words)]
}

function toleration(value: JsonObject, path: string): Cause[] {
  const key = text(value, 'key')
  const operator = text(value, 'operator')
  const given = text(value, 'value')
  const causes = key === '' ? [] : formed(key, qualifiedName, `${path}.key`)
  if (operator === 'Exists') {
    if (given !== '')
      causes.push(invalid(`${path}.value`, given, 'must be empty for operator `Exists`'))
  } else if (operator === 'Equal') causes.push(...formed(given, labelValue, `${path}.value`))
  else if (operator === '') causes.push(required(`${path}.operator`))
  else causes.push(notSupported(`${path}.operator`, operator, ['Equal', 'Exists']))
  const effect = text(value, 'effect')
  const effects = ['NoExecute', 'NoSchedule', 'None']
  if (effect !== '' && !effects.includes(effect))
    causes.push(notSupported(`${path}.effect`, effect, effects))
  return causes
}

function constraint(value: JsonObject, path: string, known: Names): Cause[] {
  const causes = references(value, `${path}.requests`, known)
  const { matchAttribute, distinctAttribute } = value
  if (typeof matchAttribute === 'string')
    return [...causes, ...attribute(matchAttribute, `${path}.matchAttribute`)]
  if (typeof distinctAttribute === 'string')
    return [...causes, ...attribute(distinctAttribute, `${path}.distinctAttribute`)]
  // So it is said, though none is set.
  const why =
    'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set'
  return [...causes, required(path, why)]
}

const IDENTIFIER = '[A-Za-z_][A-Za-z0-9_]*'

function attribute(name: string, path: string): Cause[] {
  const [first = '', second, ...more] = name.split('/')
  const causes: Cause[] = []
  if (more.length === 0 && second === undefined) causes.push(...identifier(first, path))
  else if (more.length === 0) {
    if (first === '') causes.push(invalid(path, '', 'the domain must not be empty'))
    else causes.push(...driver(first, path))
    if (second === '') causes.push(invalid(path, '', 'the name must not be empty'))
    else causes.push(...identifier(second ?? '', path))
  }
  if (second === undefined)
    causes.push(
      invalid(
        path,
        name,
        'a fully qualified name must be a domain and a name separated by a slash',
      ),
    )
  return causes
}

function identifier(value: string, path: string): Cause[] {
  const causes: Cause[] = value.length > LONGEST_ID ? [tooLong(path, LONGEST_ID)] : []
  if (!new RegExp(`^${IDENTIFIER}$`).test(value))
    causes.push(
      invalid(
        path,
        value,
        `a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '${IDENTIFIER}')`,
      ),
    )
  return causes
}

const LONGEST_DRIVER = 63

/** The name of a driver. */
export function driver(name: string, path: string): Cause[] {
  if (name === '') return [required(path)]
  const causes: Cause[] = name.length > LONGEST_DRIVER ? [tooLong(path, LONGEST_DRIVER)] : []
  return [
    ...causes,
    ...dnsSubdomain(name.toLowerCase()).map((message) => invalid(path, name, message)),
  ]
}

/** Names of requests, or of a request and one of its alternatives. */
export function references(value: JsonObject, path: string, known: Names): Cause[] {
  const given = texts(value, 'requests')
  if (given.length > MOST) return [tooMany(path, given.length, MOST)]
  return given.flatMap((each, i) => {
    const place = `${path}[${i}]`
    const segments = each.split('/')
    const unknown = invalid(
      place,
      each,
      "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'",
    )
    if (segments.length > 2) return [unknown]
    return [
      ...segments.flatMap((segment) => requestName(segment, place)),
      ...(known.has(each) ? [] : [unknown]),
      ...(given.indexOf(each) < i ? [duplicate(place, each)] : []),
    ]
  })
}

/** What is handed to a driver as it is. */
export function opaque(value: JsonObject, path: string): Cause[] {
  const config = value['opaque']
  if (!isObject(config)) return [required(`${path}.opaque`)]
  return [
    ...driver(text(config, 'driver'), `${path}.opaque.driver`),
    ...parameters(config['parameters'], `${path}.opaque.parameters`),
  ]
}

function parameters(value: Json | undefined, path: string): Cause[] {
  if (value === undefined || value === null) return [required(path)]
  if (Buffer.byteLength(JSON.stringify(value)) > LONGEST_PARAMETERS)
    return [tooLong(path, LONGEST_PARAMETERS)]
  return isObject(value) && !isArray(value)
    ? []
    : [invalid(path, '<value omitted>', 'must be a valid JSON object')]
}
