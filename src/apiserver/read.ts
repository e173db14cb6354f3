import type { KubeObject } from '../object/index.ts'
import type { Ask } from './ask.ts'
import { converted } from './convert/convert.ts'
import type { Core } from './core.ts'
import { type Kind, keyOf } from './kind.ts'
import { checkListOptions } from './list-options.ts'
import { scaleOf } from './scale.ts'
import { selectorOf } from './select.ts'
import { badRequest, notFound, StatusFault } from './status.ts'
import { pageOf } from './store/pages.ts'
import { type Answer, answerJson } from './wire/respond.ts'
import { shapeList, shapeObject } from './wire/shape.ts'

/** Answers one object. */
export function getObject(core: Core, ask: Ask): Answer {
  const revision = ask.query.get('resourceVersion') ?? ''
  if (!/^\d*$/.test(revision)) throw unreadable(revision)
  checkRevision(core, revision)
  const live = liveObject(core, ask)
  const object = ask.subresource === 'scale' ? scaleOf(ask.kind, live) : live
  return answerJson(200, shapeObject(core, ask.kind, object, ask), {
    format: ask.accepted.format,
    warnings: ask.warnings,
  })
}

/** A revision that is no number, where it is looked at late. */
export function unreadable(revision: string): StatusFault {
  const text = JSON.stringify(revision)
  return new StatusFault({
    code: 500,
    reason: '',
    message: `resourceVersion: Invalid value: ${text}: strconv.ParseUint: parsing ${text}: invalid syntax`,
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
  const { kind, namespace, name } = at
  const stored = core.store.get(kind.table, keyOf(kind, namespace, name))
  if (stored === undefined) throw notFound(kind, name)
  return converted(stored, kind)
}

/** Answers a list: selected, in order, in pages where a limit is given. */
export function listObjects(core: Core, ask: Ask): Answer {
  const { kind, query } = ask
  const matches = selectorOf(kind, query)
  checkListOptions(query)
  if ((query.get('continue') ?? '') === '') checkRevision(core, query.get('resourceVersion') ?? '')
  const page = pageOf(core, kind, { namespace: ask.namespace, matches, query })
  return answerJson(200, shapeList(core, kind, page, ask), {
    format: ask.accepted.format,
    warnings: ask.warnings,
  })
}

/** @throws StatusFault 504 for a revision that has not been yet */
export function checkRevision(core: Core, text: string): void {
  if (text === '' || text === '0') return
  const revision = Number(text)
  if (!/^\d+$/.test(text))
    throw badRequest(
      `invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
    )
  if (revision <= core.store.revision) return
  throw new StatusFault({
    code: 504,
    reason: 'Timeout',
    message: `Timeout: Too large resource version: ${revision}, current: ${core.store.revision}`,
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  })
}
