import { isObject, type Json, type KubeObject } from '../object/index.ts'
import { hasPolicies, hasWebhooks } from './admission/index.ts'
import { creating, type Soon, updating } from './admitted.ts'
import { isHeldBy, isIdleApply, isRepeatable, noteIdleApply } from './apply-memo.ts'
import { type Ask, isDryRun, managerOf } from './ask.ts'
import { converted } from './convert/convert.ts'
import type { Core } from './core.ts'
import { applyPatch, SCALE_VERSION, sameButTimestamps } from './fields/index.ts'
import { groupVersion, keyOf } from './kind.ts'
import { strictness } from './options.ts'
import { printGo } from './patch/index.ts'
import { faultOf, resetFieldsOf, restored, typeOf, warningsOf } from './pipeline.ts'
import { isTrue } from './route.ts'
import { withScale } from './scale.ts'
import { scaleApplied, withOwners } from './scale-owners.ts'
import { badRequest, conflict, notFound, StatusFault } from './status.ts'
import { checkName } from './strictly.ts'
import { isUnsettled } from './unsettled.ts'
import { versionsFor } from './versions.ts'
import { jsonKind, readBodyOf, repeatedInYaml, repeatedKeys } from './wire/decode.ts'
import { strictProblems } from './wire/strict.ts'
import { writeOf } from './write.ts'
import type { Written } from './writes.ts'

/** PATCH as a server-side apply: of an object that is there, or one that is made by it. */
export function apply(core: Core, ask: Ask): Soon<Written> {
  const stored = core.store.get(ask.kind.table, keyOf(ask.kind, ask.namespace, ask.name))
  if (stored === undefined && ask.subresource !== '') throw notFound(ask.kind, ask.name)
  const known = stored === undefined ? undefined : knownToBeIdle(core, ask, stored)
  if (known !== undefined) return known
  const value = readBodyOf(ask)
  const applied = appliedObject(ask, value)
  const doubled = strictness(ask) === 'Ignore' ? [] : repeatedIn(ask, value)
  const write = { ...writeOf(ask, ask.name), tracked: true }
  let merged: KubeObject | undefined
  const onto = (live: KubeObject | undefined): KubeObject => {
    merged = appliedOnto(core, ask, applied, live)
    if (doubled.length > 0 && strictness(ask) === 'Strict')
      throw badRequest(
        `error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n${doubled.map((each) => `  ${each}`).join('\n')}`,
      )
    ask.warnings.push(...doubled)
    if (stored !== undefined && merged === live && doubled.length === 0) noteIdleApply(stored, ask)
    return merged
  }
  const done =
    stored === undefined ? creating(core, write, onto(undefined)) : updating(core, ask, write, onto)
  if (merged !== undefined && doubled.length === 0)
    noteWritten(core, ask, { applied, merged, done })
  return done
}

/** Remembers what was stored as it was asked for: the same apply once more will change nothing. */
function noteWritten(
  core: Core,
  ask: Ask,
  of: { readonly applied: KubeObject; readonly merged: KubeObject; readonly done: Soon<Written> },
): void {
  const { applied, merged, done } = of
  if (done instanceof Promise || done.removed || hasWebhooks(core) || hasPolicies(core)) return
  if (ask.subresource !== '' || isDryRun(ask) || !isRepeatable(applied)) return
  const stored = core.store.get(ask.kind.table, keyOf(ask.kind, ask.namespace, ask.name))
  if (stored === undefined || isUnsettled(stored)) return
  if (!isHeldBy(done.object, merged, managerOf(ask))) return
  noteIdleApply(stored, ask)
}

/** The keys that an applied body repeats; JSON is looked at as the YAML that it is. */
function repeatedIn(ask: Ask, value: Json): readonly string[] {
  const found = repeatedKeys(ask)
  if (found.length > 0 || strictProblems(ask.body, [], value).length === 0) return found
  return repeatedInYaml(ask)
}

/** What an apply answers that is known to change nothing, unless admission has its say. */
function knownToBeIdle(core: Core, ask: Ask, stored: KubeObject): Written | undefined {
  if (hasWebhooks(core) || hasPolicies(core) || !isIdleApply(stored, ask)) return undefined
  const live = converted(stored, ask.kind)
  const request = { operation: 'UPDATE', dryRun: isDryRun(ask) } as const
  if (core.admit(live, request) !== live) return undefined
  ask.warnings.push(...warningsOf(ask.kind, live, live))
  return { object: live, created: false, removed: false }
}

function appliedOnto(
  core: Core,
  ask: Ask,
  applied: KubeObject,
  live: KubeObject | undefined,
): KubeObject {
  if (ask.subresource === 'scale' && live !== undefined)
    return scaleAppliedOnto(core, ask, applied, live)
  const result = applyPatch({
    type: typeOf(ask.kind),
    ...(live === undefined ? {} : { live }),
    apiVersion: groupVersion(ask.kind),
    force: isTrue(ask.query.get('force')),
    reset: resetFieldsOf(ask.kind, ask.subresource),
    ...versionsFor(core, ask.kind),
    applied,
    manager: managerOf(ask),
    now: core.clock.now(),
    ...(ask.subresource === '' ? {} : { subresource: ask.subresource }),
  })
  if ('refusal' in result) throw faultOf(ask.kind, ask.name, result.refusal)
  const read = restored(ask.kind, result.object)
  if ('mismatch' in read) throw unconverted(applied, read.mismatch)
  if (live === undefined) refuseToMake(ask, read.object)
  const next = named(ask, read.object)
  if (live === undefined || result.changed || !sameButTimestamps(live, next)) return next
  if (hasPolicies(core)) return next
  // Nothing new: no need to bring it into form again, unless admission has its say.
  const request = { operation: 'UPDATE', dryRun: isDryRun(ask) } as const
  if (core.admit(live, request) !== live) return next
  if (isUnsettled(live)) return next
  if (ask.subresource === '') ask.warnings.push(...warningsOf(ask.kind, live, live))
  return live
}

function scaleAppliedOnto(core: Core, ask: Ask, applied: KubeObject, live: KubeObject): KubeObject {
  const result = scaleApplied(ask.kind, applied, live, {
    manager: managerOf(ask),
    now: core.clock.now(),
    force: isTrue(ask.query.get('force')),
  })
  if ('refusal' in result) throw faultOf(ask.kind, ask.name, result.refusal)
  const next = named(ask, withScale(ask, live, result.object))
  return withOwners(ask.kind, next, live, result.object)
}

/** What an apply can not make: an object that is to have an id, of another namespace, without a name. */
function refuseToMake(ask: Ask, { metadata }: KubeObject): void {
  const { uid = '', name = '', namespace } = metadata
  if (uid !== '')
    throw conflict(
      ask.kind,
      ask.name,
      `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
    )
  refuseNamespace(ask, namespace)
  if (name === '') throw nameless(ask)
}

function nameless(ask: Ask): StatusFault {
  return badRequest(
    `the name of the object (${ask.name} based on URL) was undeterminable: name must be provided`,
  )
}

/** What the merge of an apply gave that its Go type can not hold. */
function unconverted(applied: KubeObject, mismatch: string): StatusFault {
  const namespace = applied.metadata.namespace ?? ''
  const name = applied.metadata.name ?? ''
  const gvk = goGvk(applied.apiVersion, applied.kind)
  return new StatusFault({
    code: 500,
    reason: '',
    message: `failed to convert new object (${namespace}/${name}; ${gvk}) to proper version: unable to convert unstructured object to ${gvk}: ${mismatch}`,
  })
}

function appliedObject(ask: Ask, value: Json): KubeObject {
  if (!isObject(value) && value !== null)
    throw badRequest(
      `error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${jsonKind(value)} into Go value of type map[string]interface {}`,
    )
  const { kind, apiVersion, metadata } = value ?? {}
  if (value === null || typeof kind !== 'string' || typeof apiVersion !== 'string')
    throw badRequest(`invalid object type: ${goGvk(apiVersion, kind)}`)
  const isScale = ask.subresource === 'scale'
  const wanted = isScale ? SCALE_VERSION : groupVersion(ask.kind)
  if (kind !== (isScale ? 'Scale' : ask.kind.kind) || apiVersion !== wanted)
    throw badRequest(`invalid object type: ${goGvk(apiVersion, kind)}`)
  if (metadata !== undefined && metadata !== null && !isObject(metadata))
    throw new StatusFault({
      code: 500,
      reason: '',
      message: `failed to create typed patch object (/; ${goGvk(apiVersion, kind)}): .metadata: expected map, got &{${printGo(metadata)}}`,
    })
  return { ...value, metadata: isObject(metadata) ? metadata : {} } as unknown as KubeObject
}

function goGvk(apiVersion: Json | undefined, kind: Json | undefined): string {
  const text = typeof apiVersion === 'string' ? apiVersion : ''
  if (text.split('/').length > 2) return '/, Kind='
  const version = text.includes('/') || text === '' ? text || '/' : `/${text}`
  return `${version}, Kind=${typeof kind === 'string' ? kind : ''}`
}

function named(ask: Ask, object: KubeObject): KubeObject {
  const { name, namespace } = object.metadata
  if (name === null) throw nameless(ask)
  if (name !== undefined) checkName(ask, name)
  refuseNamespace(ask, namespace)
  const own = ask.kind.namespaced ? { namespace: ask.namespace } : {}
  return { ...object, metadata: { ...object.metadata, name: ask.name, ...own } }
}

function refuseNamespace(ask: Ask, namespace: string | undefined): void {
  if (ask.kind.namespaced && (namespace ?? '') !== '' && namespace !== ask.namespace)
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    )
}
