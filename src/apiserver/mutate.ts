import { isFault } from '../base/index.ts'
import {
  isArray,
  isKubeObject,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  parseYaml,
} from '../object/index.ts'
import { type Ask, headerOf, isDryRun, managerOf } from './ask.ts'
import { converted } from './convert.ts'
import type { Core } from './core.ts'
import { applyPatch } from './fields/index.ts'
import { groupVersion, type Kind, keyOf } from './kind.ts'
import { mediaType, readBody } from './media.ts'
import { jsonPatch, mergePatch, type Patched, strategicMerge } from './patch/index.ts'
import { faultOf, resetFieldsOf, typeOf } from './pipeline.ts'
import { liveObject } from './read.ts'
import { type Answer, answerJson } from './respond.ts'
import { isTrue } from './route.ts'
import { shapeObject } from './shape.ts'
import { badRequest, invalid, notFound, StatusFault } from './status.ts'
import { createObject, replaceObject, typeOfVersion, type Write, type Written } from './writes.ts'

/** POST on a collection. */
export function create(core: Core, ask: Ask): Answer {
  const body = decode(ask, readBodyOf(ask))
  return answered(core, ask, createObject(core, writeOf(ask, body.metadata.name ?? ''), body))
}

/** PUT on an object or its subresource. */
export function update(core: Core, ask: Ask): Answer {
  const { kind } = ask
  const body = decode(ask, readBodyOf(ask))
  const name = body.metadata.name ?? ''
  if (name !== '' && name !== ask.name)
    throw badRequest(
      `the name of the object (${name}) does not match the name on the URL (${ask.name})`,
    )
  if (name === '') throw badRequest('name must be provided')
  const live = liveObject(core, ask)
  if (kind.custom !== undefined && (body.metadata.resourceVersion ?? '') === '')
    throw invalid(kind, ask.name, [
      {
        reason: 'FieldValueInvalid',
        message: 'Invalid value: 0: must be specified for an update',
        field: 'metadata.resourceVersion',
      },
    ])
  return answered(core, ask, replaceObject(core, writeOf(ask, ask.name), live, body))
}

/** PATCH in each of its four forms. */
export function patch(core: Core, ask: Ask): Answer {
  const type = mediaType(headerOf(ask.headers, 'content-type'))
  if (type === 'application/apply-patch+yaml') return answered(core, ask, apply(core, ask))
  if (!PATCHES.includes(type) || (ask.kind.custom !== undefined && type === STRATEGIC))
    throw new StatusFault({
      code: 415,
      reason: 'UnsupportedMediaType',
      message: '415: Unsupported Media Type',
      details: {},
    })
  const live = liveObject(core, ask)
  const next = patched(ask, type, live)
  return answered(core, ask, replaceObject(core, writeOf(ask, ask.name), live, next))
}

const STRATEGIC = 'application/strategic-merge-patch+json'
const PATCHES = ['application/json-patch+json', 'application/merge-patch+json', STRATEGIC]

function patched(ask: Ask, type: string, live: KubeObject): KubeObject {
  const value = parsePatch(ask.body)
  const object = live as unknown as JsonObject
  if (type === 'application/json-patch+json') return unwrapped(ask, jsonPatch(object, value))
  if (!isObject(value))
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${isArray(value) ? 'array' : typeof value} into Go value of type map[string]interface {}`,
    )
  return unwrapped(
    ask,
    type === STRATEGIC
      ? strategicMerge(object, value, typeOf(ask.kind))
      : mergePatch(object, value),
  )
}

function unwrapped(ask: Ask, result: Patched): KubeObject {
  if ('refusal' in result) throw faultOf(ask.kind, ask.name, result.refusal)
  return result.object as unknown as KubeObject
}

function parsePatch(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch (error) {
    throw badRequest(`error decoding patch: ${error instanceof Error ? error.message : error}`)
  }
}

function apply(core: Core, ask: Ask): Written {
  if ((ask.query.get('fieldManager') ?? '') === '')
    throw invalid({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [
      {
        reason: 'FieldValueRequired',
        message: 'Required value: is required for apply patch',
        field: 'fieldManager',
      },
    ])
  const applied = decode(ask, parseApplied(ask.body))
  const stored = core.store.get(ask.kind.table, keyOf(ask.kind, ask.namespace, ask.name))
  if (stored === undefined && ask.subresource !== '') throw notFound(ask.kind, ask.name)
  const live = stored === undefined ? undefined : converted(stored, ask.kind)
  const result = applyPatch({
    type: typeOf(ask.kind),
    ...(live === undefined ? {} : { live }),
    force: isTrue(ask.query.get('force')),
    reset: resetFieldsOf(ask.kind, ask.subresource),
    typeOf: (apiVersion) => typeOfVersion(core, ask.kind, apiVersion),
    applied: named(ask, applied),
    manager: managerOf(ask),
    now: core.clock.now(),
    ...(ask.subresource === '' ? {} : { subresource: ask.subresource }),
  })
  if ('refusal' in result) throw faultOf(ask.kind, ask.name, result.refusal)
  const write = { ...writeOf(ask, ask.name), tracked: true }
  return live === undefined
    ? createObject(core, write, result.object)
    : replaceObject(core, write, live, result.object)
}

function named(ask: Ask, object: KubeObject): KubeObject {
  const { name } = object.metadata
  if (name !== undefined && name !== ask.name)
    throw badRequest(
      `the name of the object (${name}) does not match the name on the URL (${ask.name})`,
    )
  const namespace = ask.kind.namespaced ? { namespace: ask.namespace } : {}
  return { ...object, metadata: { ...object.metadata, name: ask.name, ...namespace } }
}

function parseApplied(text: string): Json {
  try {
    return parseYaml(text, 'patch')[0] ?? null
  } catch (error) {
    if (isFault(error)) throw badRequest(`error decoding YAML: ${error.message}`)
    throw error
  }
}

function readBodyOf(ask: Ask): Json {
  try {
    return readBody(ask.body, mediaType(headerOf(ask.headers, 'content-type')))
  } catch (error) {
    if (error instanceof StatusFault) throw error
    throw badRequest(
      `the object provided is unrecognized (must be of type ${ask.kind.kind}): couldn't get version/kind; json parse error: unexpected end of JSON input (${ask.body.slice(0, 2048)})`,
    )
  }
}

/** Checks that a body is an object of the kind of the URL, in its namespace. */
function decode(ask: Ask, value: Json): KubeObject {
  const { kind } = ask
  if (!isObject(value))
    throw badRequest(`the object provided is unrecognized (must be of type ${kind.kind})`)
  const whole: JsonObject = {
    ...value,
    apiVersion: value['apiVersion'] ?? groupVersion(kind),
    kind: value['kind'] ?? kind.kind,
    metadata: value['metadata'] ?? {},
  }
  if (!isKubeObject(whole))
    throw badRequest(`the object provided is unrecognized (must be of type ${kind.kind})`)
  checkKind(kind, whole)
  const namespace = whole.metadata.namespace ?? ''
  if (kind.namespaced && namespace !== '' && namespace !== ask.namespace)
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    )
  return whole
}

function checkKind(kind: Kind, body: KubeObject): void {
  if (body.apiVersion === groupVersion(kind) && body.kind === kind.kind) return
  const { version } = kind
  if (body.kind !== kind.kind && body.apiVersion === groupVersion(kind))
    throw badRequest(
      `${body.kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind.kind}: converting (${version}.${body.kind}) to (${kind.group.split('.')[0] || 'core'}.${kind.kind}): unknown conversion`,
    )
  throw badRequest(
    `${body.kind} in version ${JSON.stringify(body.apiVersion.split('/').at(-1))} cannot be handled as a ${kind.kind}: no kind ${JSON.stringify(body.kind)} is registered for version ${JSON.stringify(body.apiVersion)} in scheme "pkg/runtime/scheme.go:111"`,
  )
}

function writeOf(ask: Ask, name: string): Write {
  return {
    kind: ask.kind,
    namespace: ask.namespace,
    name,
    subresource: ask.subresource,
    manager: managerOf(ask),
    user: ask.user,
    dryRun: isDryRun(ask),
  }
}

function answered(core: Core, ask: Ask, written: Written): Answer {
  return answerJson(written.created ? 201 : 200, shapeObject(core, ask.kind, written.object, ask), {
    format: ask.accepted.format,
    warnings: ask.warnings,
  })
}
