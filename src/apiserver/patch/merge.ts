import { isFault } from '../../base/index.ts'
import {
  applyJsonPatch,
  isArray,
  isObject,
  type Json,
  type JsonObject,
  jsonMergePatch,
} from '../../object/index.ts'
import type { Refusal } from '../builtin/index.ts'

/** What a patch made of an object. */
export type Patched = { readonly object: JsonObject } | { readonly refusal: Refusal }

const MOST_OPERATIONS = 10_000

/** Applies a JSON merge patch (RFC 7396). */
export function mergePatch(object: JsonObject, patch: Json): Patched {
  if (!isObject(patch)) return { refusal: badRequest('Invalid JSON Patch') }
  return { object: jsonMergePatch(object, prunedLists(patch)) as JsonObject }
}

/** Maps in lists of a patch come without nulls, which the RFC leaves in them. */
function prunedLists(value: Json): Json {
  if (isArray(value)) return value.map(withoutNulls)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, prunedLists(item ?? null)]),
  )
}

function withoutNulls(value: Json): Json {
  if (!isObject(value)) return prunedLists(value)
  const kept = Object.entries(value).filter(([, item]) => item !== null)
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutNulls(item ?? null)]))
}

/**
 * Applies a JSON patch (RFC 6902), with the answers of the API server.
 * @see k8s.io/apiserver pkg/endpoints/handlers/patch.go (v0.36.3)
 */
export function jsonPatch(object: JsonObject, operations: Json): Patched {
  if (!isArray(operations) || !operations.every(isObject))
    return {
      refusal: badRequest(
        `error decoding patch: json: cannot unmarshal ${isObject(operations) ? 'object' : typeof operations} into Go value of type []handlers.jsonPatchOp`,
      ),
    }
  if (operations.length > MOST_OPERATIONS)
    return {
      refusal: {
        code: 413,
        reason: 'RequestEntityTooLarge',
        message: `Request entity too large: The allowed maximum operations in a JSON patch is ${MOST_OPERATIONS}, got ${operations.length}`,
      },
    }
  try {
    const patched = applyJsonPatch(
      object,
      operations.map((each) => ({ ...each, op: String(each['op'] ?? '') }) as never),
    )
    return isObject(patched) ? { object: patched } : { refusal: unprocessable() }
  } catch (error) {
    if (isFault(error, 'JSON_PATCH')) return { refusal: unprocessable() }
    throw error
  }
}

function unprocessable(): Refusal {
  return {
    code: 422,
    reason: 'Invalid',
    message: 'the server rejected our request due to an error in our request',
  }
}

function badRequest(message: string): Refusal {
  return { code: 400, reason: 'BadRequest', message }
}
