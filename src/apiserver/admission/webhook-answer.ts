import { isArray, isObject, type Json, type JsonObject, stringAt } from '../../object/index.ts'
import { StatusFault, type StatusReason } from '../status.ts'
import { kindText, reviewIn, WebhookProblem } from '../webhook/review.ts'

/** What a webhook said. */
export interface WebhookAnswer {
  readonly allowed: boolean
  readonly warnings: readonly string[]
  readonly status: JsonObject
  /** The operations of its patch; absent where it has none. */
  readonly patch?: Json
  readonly patchType?: string
}

const GROUP = 'admission.k8s.io'

/**
 * Reads the review that a webhook answered.
 * @throws WebhookProblem in Go's words
 * @see k8s.io/apiserver pkg/admission/plugin/webhook/request/admissionreview.go (v0.36.3)
 */
export function answerIn(
  text: string,
  asked: { readonly uid: string; readonly version: string; readonly mutates: boolean },
): WebhookAnswer {
  const review = reviewOf(text, asked.version)
  const { response } = review
  const invalid = (why: string): WebhookProblem =>
    new WebhookProblem(`received invalid webhook response: ${why}`)
  if (!isObject(response)) throw invalid('webhook response was absent')
  const answer = decoded(response)
  if (asked.version === 'v1beta1') {
    const { patch } = answer
    return asked.mutates && patch !== undefined ? { ...answer, patchType: 'JSONPatch' } : answer
  }
  const uid = stringAt(response, 'uid') ?? ''
  if (uid !== asked.uid)
    throw invalid(`expected response.uid=${JSON.stringify(asked.uid)}, got ${JSON.stringify(uid)}`)
  const wanted = `${GROUP}/v1, Kind=AdmissionReview`
  const got = kindText(review)
  if (got !== wanted) throw invalid(`expected webhook response of ${wanted}, got ${got}`)
  const hasPatch = (stringAt(response, 'patch') ?? '') !== ''
  const { patchType } = answer
  if (!asked.mutates && hasPatch) throw invalid('validating webhook may not return response.patch')
  if (!asked.mutates && patchType !== undefined)
    throw invalid('validating webhook may not return response.patchType')
  if (hasPatch && patchType === undefined)
    throw invalid('webhook returned response.patch but not response.patchType')
  if (!hasPatch && patchType !== undefined)
    throw invalid('webhook returned response.patchType but not response.patch')
  if (patchType === '') throw invalid('webhook returned invalid response.patchType of ""')
  return answer
}

function reviewOf(text: string, version: string): JsonObject {
  try {
    return reviewIn(text, { group: GROUP, version, kind: 'AdmissionReview' })
  } catch (error) {
    if (!(error instanceof WebhookProblem)) throw error
    throw new WebhookProblem(`failed to call webhook: ${error.message}`)
  }
}

function decoded(response: JsonObject): WebhookAnswer {
  const fail = (why: string): WebhookProblem => new WebhookProblem(`failed to call webhook: ${why}`)
  const { allowed = false, patchType, status, warnings } = response
  if (typeof allowed !== 'boolean')
    throw fail(
      `json: cannot unmarshal ${goKind(allowed)} into Go struct field AdmissionResponse.response.allowed of type bool`,
    )
  const patch = stringAt(response, 'patch') ?? ''
  const wrong = /[^A-Za-z0-9+/=\r\n]/.exec(patch)
  if (wrong !== null) throw fail(`illegal base64 data at input byte ${wrong.index}`)
  return {
    allowed,
    warnings: (isArray(warnings) ? warnings : []).map(String),
    status: isObject(status) ? status : {},
    ...(typeof patchType === 'string' ? { patchType } : {}),
    ...(patch === '' ? {} : { patch: operationsIn(patch) }),
  }
}

function operationsIn(patch: string): Json {
  const text = Buffer.from(patch, 'base64').toString()
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

function goKind(value: Json): string {
  if (isArray(value)) return 'array'
  return value !== null && typeof value === 'object' ? 'object' : typeof value
}

/**
 * A refusal by a webhook, with whatever of a Status it gave.
 * @see k8s.io/apiserver pkg/admission/plugin/webhook/errors/statuserror.go (v0.36.3)
 */
export function deniedBy(name: string, status: JsonObject): StatusFault {
  const reason = stringAt(status, 'reason') ?? ''
  const given = stringAt(status, 'message') ?? ''
  const why = given === '' ? reason : given
  const { code, details, metadata } = status
  return new StatusFault({
    code: typeof code === 'number' && code >= 400 ? code : 400,
    reason: reason as StatusReason,
    message: `admission webhook ${JSON.stringify(name)} denied the request${why === '' ? ' without explanation' : `: ${why}`}`,
    ...(isObject(details) ? { details: details as StatusFault['details'] & object } : {}),
    ...(isObject(metadata) ? { metadata } : {}),
  })
}
