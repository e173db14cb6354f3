import { compareText } from '../../base/index.ts'
import {
  admissionNames,
  type CelType,
  listType,
  mapType,
  simpleType,
  structType,
  typedExpression,
  variableType,
} from '../../cel/index.ts'
import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
} from '../../object/index.ts'
import { builtinType, objectMetaType, type SchemaType } from '../../schema/index.ts'
import type { Core } from '../core.ts'
import { groupVersion, type Kind } from '../kind.ts'
import { celName, declare } from '../structural/index.ts'
import { specIn } from './bindings.ts'
import { textOf } from './check-rules.ts'
import { objectsOf } from './matching.ts'

/** Kinds that one rule of a policy is checked with, at most. */
const MOST_KINDS = 10
/** How deep a type is told; what is deeper nests itself. */
const MOST_DEPTH = 24

/**
 * What the expressions of a policy get wrong about the kinds that it is for.
 * @see k8s.io/apiserver pkg/admission/plugin/policy/validating/typechecking.go (v0.36.3)
 */
export function expressionWarnings(core: Core, policy: KubeObject): JsonObject[] {
  const spec = specIn(policy)
  const kinds = kindsOf(core, spec)
  const params = paramsOf(core, spec)
  const checks = kinds.map((kind) => checkFor(kind, spec, params))
  const warnings: JsonObject[] = []
  for (const [i, each] of objectsOf(spec['validations']).entries())
    for (const key of ['expression', 'messageExpression']) {
      const expression = textOf(each, key)
      if (expression === '') continue
      const found = checks.flatMap((check) => check(expression))
      if (found.length > 0)
        warnings.push({ fieldRef: `spec.validations[${i}].${key}`, warning: found.join('\n') })
    }
  return warnings
}

/** What is wrong with an expression about objects of a kind. */
function checkFor(
  kind: Kind,
  spec: JsonObject,
  params: CelType | undefined,
): (expression: string) => string[] {
  const variables = new Map<string, CelType>()
  const names = admissionNames({ authorizer: true, object: typeOfKind(kind), params, variables })
  for (const each of objectsOf(spec['variables'])) {
    const { problem, type } = typedExpression(textOf(each, 'expression'), names)
    variables.set(
      textOf(each, 'name'),
      problem === undefined ? variableType(type) : simpleType('dyn'),
    )
  }
  const who = `${kind.group}/${kind.version}, Kind=${kind.kind}`
  return (expression) => {
    const { problem } = typedExpression(expression, names)
    return problem === undefined ? [] : [`${who}: ${problem}\n`]
  }
}

function paramsOf(core: Core, spec: JsonObject): CelType | undefined {
  const { paramKind } = spec
  if (!isObject(paramKind)) return undefined
  const [version, name] = [textOf(paramKind, 'apiVersion'), textOf(paramKind, 'kind')]
  const kind = core.registry
    .kinds()
    .find((each) => groupVersion(each) === version && each.kind === name)
  return kind === undefined ? simpleType('dyn') : typeOfKind(kind)
}

/** The kinds that the rules of a policy name outright, in order. */
function kindsOf(core: Core, spec: JsonObject): Kind[] {
  const { matchConstraints } = spec
  const rules = isObject(matchConstraints) ? objectsOf(matchConstraints['resourceRules']) : []
  const found = new Map<string, Kind>()
  for (const rule of rules) {
    const [groups, versions] = [named(rule['apiGroups']), named(rule['apiVersions'])]
    const plurals = textsOf(rule['resources']).filter((each) => !/[*/]/.test(each))
    const fitting = core.registry
      .kinds()
      .filter(
        (kind) =>
          groups.includes(kind.group) &&
          versions.includes(kind.version) &&
          plurals.includes(kind.plural),
      )
    for (const kind of fitting.slice(0, MOST_KINDS))
      found.set(`${groupVersion(kind)} ${kind.kind}`, kind)
  }
  return [...found.values()].sort(
    (a, b) =>
      compareText(a.group, b.group) ||
      compareText(a.version, b.version) ||
      compareText(a.kind, b.kind),
  )
}

/** Names, unless one of them stands for all. */
function named(value: Json | undefined): readonly string[] {
  const all = textsOf(value)
  return all.some((each) => each.includes('*')) ? [] : all
}

function textsOf(value: Json | undefined): readonly string[] {
  return isArray(value) ? value.map(String) : []
}

/** The real server draws the digits, so that nobody relies on the name. */
const DRAWN = '000000001'

function typeOfKind(kind: Kind): CelType {
  const name = `${kind.kind}${DRAWN}`
  if (kind.custom === undefined) return told(builtinType(kind), name, 0) ?? simpleType('dyn')
  const own = declare(kind.custom.schema ?? {}, { name, isRoot: true })?.type
  const metadata = told(objectMetaType(), `${name}.metadata`, 0)
  const fields = new Map(own?.fields ?? [])
  if (metadata !== undefined) fields.set('metadata', metadata)
  return structType(name, fields)
}

/** What a schema is to expressions; undefined for what they can not know. */
function told(schema: SchemaType | undefined, name: string, depth: number): CelType | undefined {
  if (schema === undefined || depth > MOST_DEPTH) return undefined
  const { scalar, format, list, map } = schema
  if (format !== undefined || (scalar !== undefined && scalar !== 'untyped'))
    return ofScalar(schema)
  // What may be anything has no fields that anybody knows of.
  if (scalar === 'untyped' || isOpen(map?.element)) return structType(name, new Map())
  if (list !== undefined) {
    const element = told(list.element, `${name}.@idx`, depth + 1)
    return element === undefined ? undefined : listType(element)
  }
  if (map === undefined) return undefined
  if (map.element !== undefined && map.fields.size === 0) {
    const element = told(map.element, `${name}.@elem`, depth + 1)
    return element === undefined ? undefined : mapType(simpleType('string'), element)
  }
  const fields = new Map<string, CelType>()
  for (const [key, field] of map.fields) {
    const type = told(field.type, `${name}.${celName(key)}`, depth + 1)
    if (type !== undefined) fields.set(celName(key), type)
  }
  return structType(name, fields)
}

function isOpen(schema: SchemaType | undefined): boolean {
  return schema?.scalar === 'untyped' && schema.format === undefined
}

function ofScalar({ scalar, format }: SchemaType): CelType | undefined {
  switch (format) {
    case 'int32':
    case 'int64':
      return simpleType('int')
    case 'double':
      return simpleType('double')
    case 'bytes':
      return simpleType('bytes')
    case 'time':
    case 'microtime':
      return simpleType('timestamp')
    case 'quantity':
      return undefined
    case 'int-or-string':
      return simpleType('dyn')
    default:
      if (scalar === 'numeric') return simpleType('int')
      return simpleType(scalar === 'boolean' ? 'bool' : 'string')
  }
}
