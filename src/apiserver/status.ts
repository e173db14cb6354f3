import { Fault } from '../base/index.ts'
import type { Json, JsonObject } from '../object/index.ts'
import { groupResource, type Kind } from './kind.ts'
import { goQuoted } from './wire/go-json.ts'

/** `reason` of a Status; `''` where the API server gives none. */
export type StatusReason =
  | ''
  | 'AlreadyExists'
  | 'BadRequest'
  | 'Conflict'
  | 'Expired'
  | 'Forbidden'
  | 'Gone'
  | 'InternalError'
  | 'Invalid'
  | 'MethodNotAllowed'
  | 'NotAcceptable'
  | 'NotFound'
  | 'RequestEntityTooLarge'
  | 'ServiceUnavailable'
  | 'Timeout'
  | 'TooManyRequests'
  | 'Unauthorized'
  | 'UnsupportedMediaType'

/** One entry of `details.causes`. */
export interface StatusCause {
  readonly reason?: string
  readonly message?: string
  readonly field?: string
}

/** `details` of a Status. */
export interface StatusDetails {
  readonly name?: string
  readonly group?: string
  readonly kind?: string
  readonly uid?: string
  readonly causes?: readonly StatusCause[]
  readonly retryAfterSeconds?: number
}

/** A request refused: what becomes a Status object with its HTTP code. */
export class StatusFault extends Fault<StatusReason> {
  /** The HTTP code. */
  readonly status: number
  readonly details: StatusDetails | undefined
  /** `metadata` of the Status, as of a list. */
  readonly metadata: JsonObject

  constructor(init: {
    readonly code: number
    readonly reason: StatusReason
    readonly message: string
    readonly details?: StatusDetails
    readonly metadata?: JsonObject
  }) {
    super({ code: init.reason, message: init.message })
    this.status = init.code
    this.details = init.details
    this.metadata = init.metadata ?? {}
  }

  /** The Status object. */
  body(): JsonObject {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: this.metadata,
      status: 'Failure',
      message: this.message,
      ...(this.code === '' ? {} : { reason: this.code }),
      ...(this.details === undefined ? {} : { details: this.details as unknown as Json }),
      code: this.status,
    }
  }
}

type Named = Pick<Kind, 'group' | 'plural'>

function detailsOf(kind: Named, name: string): StatusDetails {
  return {
    ...(name === '' ? {} : { name }),
    ...(kind.group === '' ? {} : { group: kind.group }),
    kind: kind.plural,
  }
}

/** 404 for an object that is not there. */
export function notFound(kind: Named, name: string): StatusFault {
  return new StatusFault({
    code: 404,
    reason: 'NotFound',
    message: `${groupResource(kind)} ${goQuoted(name)} not found`,
    details: detailsOf(kind, name),
  })
}

/** 409 for a name that is taken. */
export function alreadyExists(kind: Named, name: string, isGoing = false): StatusFault {
  const going = isGoing ? 'object is being deleted: ' : ''
  return new StatusFault({
    code: 409,
    reason: 'AlreadyExists',
    message: `${going}${groupResource(kind)} ${JSON.stringify(name)} already exists`,
    details: detailsOf(kind, name),
  })
}

/** 409 for a write on top of an older state. */
export function conflict(kind: Named, name: string, why: string): StatusFault {
  return new StatusFault({
    code: 409,
    reason: 'Conflict',
    message: `Operation cannot be fulfilled on ${groupResource(kind)} ${JSON.stringify(name)}: ${why}`,
    details: detailsOf(kind, name),
  })
}

/** The words of a conflict of resource versions. */
export const MODIFIED =
  'the object has been modified; please apply your changes to the latest version and try again'

/** 403 for what may not be done to an object. */
export function forbidden(kind: Named, name: string, why: string): StatusFault {
  const what = name === '' ? groupResource(kind) : `${groupResource(kind)} ${JSON.stringify(name)}`
  return new StatusFault({
    code: 403,
    reason: 'Forbidden',
    message: `${what} is forbidden: ${why}`,
    details: detailsOf(kind, name),
  })
}

/** 400. */
export function badRequest(message: string): StatusFault {
  return new StatusFault({ code: 400, reason: 'BadRequest', message })
}

/** 422 with its causes, as field validation reports them. */
export function invalid(
  kind: Pick<Kind, 'group' | 'kind'>,
  name: string,
  causes: readonly StatusCause[],
): StatusFault {
  const group = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`
  const texts = [...new Set(causes.map((cause) => `${cause.field}: ${cause.message}`))]
  const list = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`
  return new StatusFault({
    code: 422,
    reason: 'Invalid',
    message: `${group} ${JSON.stringify(name)} is invalid: ${list}`,
    details: {
      ...(name === '' ? {} : { name }),
      ...(kind.group === '' ? {} : { group: kind.group }),
      kind: kind.kind,
      causes,
    },
  })
}

/** 405 for a verb that a resource does not know. */
export function methodNotAllowed(): StatusFault {
  return new StatusFault({
    code: 405,
    reason: 'MethodNotAllowed',
    message: 'the server does not allow this method on the requested resource',
    details: {},
  })
}

/** 405 for a verb that a custom kind does not know. */
export function methodNotSupported(kind: Named, verb: string): StatusFault {
  return new StatusFault({
    code: 405,
    reason: 'MethodNotAllowed',
    message: `${verb} is not supported on resources of kind ${goQuoted(groupResource(kind))}`,
    details: detailsOf(kind, ''),
  })
}

/** 404 for a path that leads to nothing. */
export function nowhere(): StatusFault {
  return new StatusFault({
    code: 404,
    reason: 'NotFound',
    message: 'the server could not find the requested resource',
    details: {},
  })
}

/** 410 for a resource version or continue token that history no longer reaches. */
export function expired(message: string): StatusFault {
  return new StatusFault({ code: 410, reason: 'Expired', message })
}

/** 415 for a body in a form that is not understood. */
export function unsupportedMedia(message: string): StatusFault {
  return new StatusFault({ code: 415, reason: 'UnsupportedMediaType', message })
}
