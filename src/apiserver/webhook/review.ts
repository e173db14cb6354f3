import { isObject, type Json, type JsonObject } from '../../object/index.ts'

/** That a webhook could not be asked, or answered nothing that can be used. */
export class WebhookProblem extends Error {}

/** A review that webhooks speak: AdmissionReview, ConversionReview. */
export interface ReviewKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/**
 * The review that a webhook answered; one without a kind is taken for what was asked for.
 * @throws WebhookProblem in Go's words
 */
export function reviewIn(text: string, wanted: ReviewKind): JsonObject {
  if (text === '')
    throw new WebhookProblem(
      '0-length response with status code: 200 and content type: application/json',
    )
  const review = jsonOr(text)
  if (!isObject(review))
    throw new WebhookProblem(
      'couldn\'t get version/kind; json parse error: json: cannot unmarshal string into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }',
    )
  const { kind, apiVersion } = review
  const isNamed = typeof apiVersion === 'string' && typeof kind === 'string' && kind !== ''
  const { group, version } = wanted
  if (!isNamed || (kind === wanted.kind && apiVersion === `${group}/${version}`)) return review
  if (kind === wanted.kind && [`${group}/v1`, `${group}/v1beta1`].includes(apiVersion))
    throw new WebhookProblem(
      `converting (${apiVersion.slice(group.length + 1)}.${kind}) to (${version}.${kind}): unknown conversion`,
    )
  throw new WebhookProblem(
    `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/runtime/scheme.go:111"`,
  )
}

/** JSON; what is none is read as a YAML scalar, that is as a text. */
function jsonOr(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

/** `apps/v1, Kind=Deployment`: what an object says it is. */
export function kindText({ apiVersion, kind }: JsonObject): string {
  const version = typeof apiVersion === 'string' && apiVersion !== '' ? apiVersion : '/'
  return `${version}, Kind=${typeof kind === 'string' ? kind : ''}`
}
