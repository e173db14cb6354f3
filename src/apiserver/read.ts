import type { KubeObject } from '../object/index.ts'
import type { Ask } from './ask.ts'
import { converted, type Soon } from './convert/convert.ts'
import type { Core } from './core.ts'
import { type Kind, keyOf } from './kind.ts'
import { type ListOptions, listOptions } from './list-options.ts'
import { checkRevision, onceFresh, unreadable } from './revisions.ts'
import { isTrue } from './route.ts'
import { readScale } from './scale.ts'
import { badRequest, notFound } from './status.ts'
import { pageOf } from './store/pages.ts'
import { type Answer, answerJson } from './wire/respond.ts'
import { shapeList, shapeObject } from './wire/shape.ts'

/** Answers one object. */
export function getObject(core: Core, ask: Ask): Soon<Answer> {
  const revision = ask.query.get('resourceVersion') ?? ''
  if (isTrue(ask.query.get('export')))
    throw badRequest('the export parameter, deprecated since v1.14, is no longer supported')
  return onceFresh(core, revision, () => getNow(core, ask, revision))
}

function getNow(core: Core, ask: Ask, revision: string): Answer {
  // What is kept in no cache is read late, and by another reader.
  const isLate = ask.kind.table === 'events'
  const fault = isLate ? undefined : unreadable(revision)
  if (fault !== undefined) throw fault
  checkRevision(core, revision, isLate)
  const live = liveObject(core, ask)
  const object = ask.subresource === 'scale' ? readScale(ask.kind, live) : live
  return answerJson(200, shapeObject(core, ask.kind, object, ask), {
    format: ask.accepted.format,
    warnings: ask.warnings,
  })
}

/**
 * The live object that a request names, in the version of the request.
 * @throws StatusFault 404
 */
export function liveObject(
  core: Core,
  at: { readonly kind: Kind; readonly namespace: string; readonly name: string },
): KubeObject {
  return converted(storedAt(core, at), at.kind)
}

/**
 * The same as it is stored.
 * @throws StatusFault 404
 */
export function storedAt(
  core: Core,
  at: { readonly kind: Kind; readonly namespace: string; readonly name: string },
): KubeObject {
  const { kind, namespace, name } = at
  const stored = core.store.get(kind.table, keyOf(kind, namespace, name))
  if (stored === undefined) throw notFound(kind, name)
  return stored
}

/** Answers a list: selected, in order, in pages where a limit is given. */
export function listObjects(core: Core, ask: Ask): Soon<Answer> {
  const options = listOptions(ask.kind, ask.query, ask.name)
  return onceFresh(core, options.resourceVersion, () => listNow(core, ask, options))
}

function listNow(core: Core, ask: Ask, options: ListOptions): Answer {
  const { kind, namespace } = ask
  const page = pageOf(core, kind, { namespace, options })
  return answerJson(200, shapeList(core, kind, page, ask), {
    format: ask.accepted.format,
    warnings: ask.warnings,
  })
}
