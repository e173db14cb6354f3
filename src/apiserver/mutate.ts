import type { KubeObject } from '../object/index.ts'
import { creating, type Soon, updating, whenThere } from './admitted.ts'
import { apply } from './apply.ts'
import { type Ask, headerOf } from './ask.ts'
import type { Core } from './core.ts'
import { keyOf } from './kind.ts'
import { checkOptions } from './options.ts'
import { PATCHES, patched, STRATEGIC } from './patched.ts'
import { liveObject } from './read.ts'
import { scaleOf, scaleToChange, withScale } from './scale.ts'
import { badRequest, StatusFault } from './status.ts'
import { checkName, checkNamespace, checkStrict, refuseBody } from './strictly.ts'
import { isMadeByUpdate, needsRevision, revisionMissing } from './update-rules.ts'
import { decode, readBodyOf, refuseOtherKind } from './wire/decode.ts'
import { type Answer, answerJson } from './wire/respond.ts'
import { shapeObject } from './wire/shape.ts'
import { writeOf } from './write.ts'
import type { Written } from './writes.ts'

/** POST on a collection. */
export function create(core: Core, ask: Ask): Soon<Answer> {
  checkOptions(ask, 'CreateOptions')
  const decoded = decode(ask, readBodyOf(ask))
  const body = checkStrict(ask, decoded, refuseBody)
  checkNamespace(ask, body)
  refuseOtherKind(ask, body)
  const { name = '', resourceVersion: revision } = body.metadata
  const write = {
    ...writeOf(ask, name),
    conformed: true,
    ...(revision === undefined ? {} : { revision }),
  }
  return whenThere(creating(core, write, body), (written) => answered(core, ask, written))
}

/** PUT on an object or its subresource. */
export function update(core: Core, ask: Ask): Soon<Answer> {
  checkOptions(ask, 'UpdateOptions')
  const { kind } = ask
  const isScale = ask.subresource === 'scale'
  const body =
    isScale && kind.custom !== undefined
      ? customScale(ask)
      : checkStrict(isScale ? ofScale(ask) : ask, decode(ask, readBodyOf(ask)), refuseBody)
  checkNamespace(ask, body)
  const name = body.metadata.name ?? ''
  if (name === '')
    throw badRequest(
      `the name of the object (${ask.name} based on URL) was undeterminable: name must be provided`,
    )
  checkName(ask, name)
  const there = core.store.get(kind.table, keyOf(kind, ask.namespace, ask.name))
  if (there === undefined && ask.subresource === '' && isMadeByUpdate(kind)) {
    const write = { ...writeOf(ask, name), conformed: true }
    return whenThere(creating(core, write, body), (done) => answered(core, ask, done))
  }
  liveObject(core, ask)
  if (!isScale && needsRevision(kind) && /^0*$/.test(body.metadata.resourceVersion ?? ''))
    throw revisionMissing(kind, ask.name)
  if (!isScale) refuseOtherKind(ask, body)
  const write = { ...writeOf(ask, ask.name), conformed: !isScale }
  const written = updating(core, ask, write, (live) =>
    isScale ? withScale(ask, live, body) : body,
  )
  return whenThere(written, (done) => answered(core, ask, done))
}

/** The Scale of a custom object: whatever is wrong with it is said in one way. */
function customScale(ask: Ask): KubeObject {
  try {
    return checkStrict(ofScale(ask), decode(ask, readBodyOf(ask)), refuseBody)
  } catch (error) {
    if (!(error instanceof StatusFault)) throw error
    throw badRequest(
      'no kind is registered for the type v1.Scale in scheme "pkg/runtime/scheme.go:111"',
    )
  }
}

/** The request as one about a Scale. */
function ofScale(ask: Ask): Ask {
  const { custom: _, ...kind } = ask.kind
  return { ...ask, kind: { ...kind, group: 'autoscaling', version: 'v1', kind: 'Scale' } }
}

function unsupportedPatch(ask: Ask): string {
  if (ask.kind.custom === undefined) return '415: Unsupported Media Type'
  const types = [...PATCHES.slice(0, 2), 'application/apply-patch+yaml']
  return `the body of the request was in an unknown format - accepted media types include: ${types.join(', ')}`
}

/** The form of a patch, by its name alone. */
function patchType(header = ''): string {
  return header.split(';')[0] ?? ''
}

/** PATCH in each of its four forms. */
export function patch(core: Core, ask: Ask): Soon<Answer> {
  const type = patchType(headerOf(ask.headers, 'content-type'))
  const isApply = type === 'application/apply-patch+yaml'
  if (
    !isApply &&
    (!PATCHES.includes(type) || (ask.kind.custom !== undefined && type === STRATEGIC))
  )
    throw new StatusFault({
      code: 415,
      reason: 'UnsupportedMediaType',
      message: unsupportedPatch(ask),
      ...(ask.kind.custom === undefined ? { details: {} } : {}),
    })
  checkOptions(ask, isApply ? 'apply' : 'PatchOptions')
  if (isApply) return whenThere(apply(core, ask), (done) => answered(core, ask, done))
  const isScale = ask.subresource === 'scale'
  const write = { ...writeOf(ask, ask.name), conformed: !isScale }
  const written = updating(core, ask, write, (live) => {
    const next = patched(ask, type, isScale ? scaleToChange(ask.kind, live) : live)
    return isScale ? withScale(ask, live, next) : next
  })
  return whenThere(written, (done) => answered(core, ask, done))
}

function answered(core: Core, ask: Ask, written: Written): Answer {
  const isScale = ask.subresource === 'scale'
  const object = isScale ? scaleOf(ask.kind, written.object) : written.object
  return answerJson(written.created ? 201 : 200, shapeObject(core, ask.kind, object, ask), {
    format: ask.accepted.format,
    warnings: ask.warnings,
  })
}
