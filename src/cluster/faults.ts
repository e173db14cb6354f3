import {
  type ApiCode,
  ApiFault,
  type ApiRequest,
  type ApiResponse,
  isObject,
  type Json,
  type JsonObject,
  stringAt,
  valueAt,
} from '../object/index.ts'

/** Codes by `reason` of a Status; what is not here is told by the HTTP status. */
const BY_REASON: Readonly<Record<string, ApiCode>> = {
  NotFound: 'NOT_FOUND',
  AlreadyExists: 'ALREADY_EXISTS',
  Conflict: 'CONFLICT',
  Invalid: 'INVALID',
  BadRequest: 'BAD_REQUEST',
  Forbidden: 'FORBIDDEN',
  Unauthorized: 'UNAUTHORIZED',
  Expired: 'EXPIRED',
  Gone: 'EXPIRED',
  TooManyRequests: 'TOO_MANY_REQUESTS',
  UnsupportedMediaType: 'UNSUPPORTED',
  MethodNotAllowed: 'UNSUPPORTED',
  NotAcceptable: 'UNSUPPORTED',
}

const BY_STATUS: Readonly<Record<number, { readonly code: ApiCode; readonly message: string }>> = {
  400: { code: 'BAD_REQUEST', message: 'the server rejected our request for an unknown reason' },
  401: {
    code: 'UNAUTHORIZED',
    message: 'the server has asked for the client to provide credentials',
  },
  403: { code: 'FORBIDDEN', message: 'the server does not allow access to the requested resource' },
  404: { code: 'NOT_FOUND', message: 'the server could not find the requested resource' },
  405: {
    code: 'UNSUPPORTED',
    message: 'the server does not allow this method on the requested resource',
  },
  406: {
    code: 'UNSUPPORTED',
    message: 'the server was unable to respond with a content type that the client supports',
  },
  409: { code: 'CONFLICT', message: 'the server reported a conflict' },
  410: { code: 'EXPIRED', message: 'the requested resource version is no longer available' },
  415: { code: 'UNSUPPORTED', message: 'the body of the request was in an unknown format' },
  422: {
    code: 'INVALID',
    message: 'the server rejected our request due to an error in our request',
  },
  429: {
    code: 'TOO_MANY_REQUESTS',
    message: 'the server has received too many requests and has asked us to try again later',
  },
}

/** What was asked, for messages where the server gave none: `get configmaps settings`. */
export interface Asked {
  readonly verb: string
  readonly resource: string
  readonly name?: string
}

/** The fault for an answer that is not a success; its body is the Status object, where it is one. */
export function faultOf(
  status: number,
  headers: ApiResponse['headers'],
  body: string,
  asked: Asked,
): ApiFault {
  const parsed = parseStatus(body)
  const retryAfterMs = retryAfter(headers, parsed)
  return statusFault(status, parsed, asked, retryAfterMs)
}

/** The fault for a Status object, as it also stands in the ERROR event of a watch. */
export function statusFault(
  status: number,
  body: JsonObject | undefined,
  asked: Asked,
  retryAfterMs?: number,
): ApiFault {
  const apiReason = stringAt(body, 'reason') ?? ''
  const known = BY_STATUS[status] ?? {
    code: 'SERVER_ERROR' as const,
    message: `an error on the server ("${status}") has prevented the request from succeeding`,
  }
  const message = stringAt(body, 'message') ?? ''
  const details = valueAt(body, 'details')
  return new ApiFault({
    code: BY_REASON[apiReason] ?? known.code,
    message: message === '' ? `${known.message} (${askedText(asked)})` : message,
    status,
    apiReason,
    ...(isObject(details) ? { details } : {}),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}

/** The fault for a request that got no answer. */
export function unreachable(request: ApiRequest, server: string, cause: unknown): ApiFault {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new ApiFault({
    code: 'UNREACHABLE',
    message: `${request.method} ${server}${request.path.split('?')[0]}: ${why}`,
    status: 0,
    cause,
  })
}

/**
 * Says whether a 404 is about the path (the kind is not served) and not about an object: the server
 * names the object in `details`, and has no Status at all for a path that it does not know.
 */
export function isUnknownPath(fault: ApiFault): boolean {
  return fault.status === 404 && (stringAt(fault.details, 'name') ?? '') === ''
}

function askedText(asked: Asked): string {
  const name = asked.name === undefined || asked.name === '' ? '' : ` ${asked.name}`
  return `${asked.verb} ${asked.resource}${name}`
}

function parseStatus(body: string): JsonObject | undefined {
  try {
    const value = JSON.parse(body) as Json
    return isObject(value) && value['kind'] === 'Status' ? value : undefined
  } catch {
    return undefined
  }
}

function retryAfter(
  headers: ApiResponse['headers'],
  body: JsonObject | undefined,
): number | undefined {
  const seconds = Number(headers['retry-after'] ?? valueAt(body, 'details', 'retryAfterSeconds'))
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined
}
