import { uuid } from '../../base/index.ts'
import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  stringAt,
  valueAt,
} from '../../object/index.ts'
import { annotations, type Cause, labels } from '../builtin/index.ts'
import type { Core } from '../core.ts'
import type { Conversion } from '../kind.ts'
import { StatusFault } from '../status.ts'
import { post } from '../webhook/client.ts'
import { kindText, reviewIn, WebhookProblem } from '../webhook/review.ts'
import { goType } from '../wire/go-json.ts'
import { ordered } from './ordered.ts'

/** An object that a webhook is to give in another version. */
export interface Need {
  readonly object: KubeObject
  /** The apiVersion that is needed. */
  readonly to: string
  readonly by: Conversion
}

const GROUP = 'apiextensions.k8s.io'
const KIND = 'ConversionReview'
const TIMEOUT_S = 30

/**
 * Asks the webhook of a definition for an object in another version. It may change labels and
 * annotations, and no other metadata.
 * @throws StatusFault in the words of the real server
 * @see k8s.io/apiextensions-apiserver pkg/apiserver/conversion/webhook_converter.go (v0.36.3)
 */
export async function convertedByWebhook(core: Core, need: Need): Promise<KubeObject> {
  const { object, to } = need
  const given = await askedOf(core, need)
  if (given.length !== 1) throw failed(object, `returned ${given.length} objects, expected 1`)
  return checkedAnswer(object, given[0], to)
}

async function askedOf(core: Core, { object, to, by }: Need): Promise<readonly Json[]> {
  const uid = uuid(core.random)
  const version = by.reviewVersions.find((each) => each === 'v1' || each === 'v1beta1')
  if (version === undefined) throw fault('no supported conversion review versions')
  const review = {
    kind: KIND,
    apiVersion: `${GROUP}/${version}`,
    request: { uid, desiredAPIVersion: to, objects: [object] },
    response: { uid: '', convertedObjects: null, result: { metadata: {} } },
  }
  const { clientConfig } = by
  try {
    const text = await post(core, { clientConfig, seconds: TIMEOUT_S }, JSON.stringify(review))
    return objectsIn(reviewIn(text, { group: GROUP, version, kind: KIND }), { uid, version })
  } catch (error) {
    if (!(error instanceof WebhookProblem)) throw error
    throw failed(object, `failed: ${error.message}`)
  }
}

/** @throws WebhookProblem for an answer that is none */
function objectsIn(
  review: JsonObject,
  asked: { readonly uid: string; readonly version: string },
): readonly Json[] {
  const { response } = review
  const isChecked = asked.version === 'v1'
  const wanted = `${GROUP}/v1, Kind=${KIND}`
  if (isChecked && kindText(review) !== wanted)
    throw new WebhookProblem(`expected webhook response of ${wanted}, got ${kindText(review)}`)
  if (!isObject(response)) throw new WebhookProblem('no response provided')
  const uid = stringAt(response, 'uid') ?? ''
  if (isChecked && uid !== asked.uid)
    throw new WebhookProblem(
      `expected response.uid=${JSON.stringify(asked.uid)}, got ${JSON.stringify(uid)}`,
    )
  const status = stringAt(response, 'result', 'status') ?? ''
  const message = stringAt(response, 'result', 'message') ?? ''
  if (status !== 'Success')
    throw new WebhookProblem(
      message === '' ? `response.result.status was '${status}', not 'Success'` : message,
    )
  const objects = response['convertedObjects']
  return isArray(objects) ? objects : []
}

function checkedAnswer(object: KubeObject, given: Json | undefined, to: string): KubeObject {
  const next = isObject(given) ? given : {}
  const refuse = (why: string): StatusFault => failed(object, `returned invalid object${why}`)
  const [group, kind] = [stringAt(next, 'apiVersion') ?? '', stringAt(next, 'kind') ?? '']
  if (kind === '')
    throw refuse(` at index 0: Object 'Kind' is missing in '${JSON.stringify(given ?? null)}'`)
  if (group !== to)
    throw refuse(` at index 0: invalid groupVersion (expected ${to}, received ${group || '/'})`)
  if (kind !== object.kind)
    throw refuse(` at index 0: invalid kind (expected ${object.kind}, received ${kind})`)
  for (const key of ['name', 'namespace', 'uid'] as const) {
    const [want = '', got = ''] = [object.metadata[key], stringAt(next, 'metadata', key)]
    const name = key === 'uid' ? 'UID' : key
    if (want !== got) throw refuse(`: must have the same ${name}: ${want} != ${got}`)
  }
  return ordered({ ...next, metadata: metadataOf(object, next) } as Json) as unknown as KubeObject
}

/** Metadata as it was, with the labels and annotations that came back. */
function metadataOf(object: KubeObject, next: JsonObject): JsonObject {
  const refuse = (why: string): StatusFault => failed(object, `returned invalid metadata: ${why}`)
  const { metadata } = next
  if (metadata === undefined) throw refuse('missing metadata in converted object')
  if (!isObject(metadata))
    throw refuse(`invalid metadata of type ${goType(metadata)} in converted object`)
  const { labels: _l, annotations: _a, ...kept } = object.metadata
  const result: Record<string, Json | undefined> = { ...(kept as unknown as JsonObject) }
  for (const field of ['labels', 'annotations'] as const) {
    const value = metadata[field]
    if (value === undefined || value === null) continue
    if (!isObject(value))
      throw refuse(`invalid metadata.${field} of type ${goType(value)} in converted object`)
    for (const [key, text] of Object.entries(value))
      if (typeof text !== 'string')
        throw refuse(
          `metadata.${field}[${key}] must be a string, but is ${goType(text ?? null)} in converted object`,
        )
    if (isChanged(valueAt(object as never, 'metadata', field), value)) {
      const causes =
        field === 'labels'
          ? labels(value, 'metadata.labels')
          : annotations(value, 'metadata.annotation')
      if (causes.length > 0) throw refuse(aggregated(causes))
    }
    result[field] = value
  }
  return result
}

function isChanged(before: Json | undefined, next: JsonObject): boolean {
  const had = isObject(before) ? before : {}
  const keys = Object.keys(next)
  return keys.length !== Object.keys(had).length || keys.some((key) => had[key] !== next[key])
}

/** Several faults as Go puts them into one text. */
function aggregated(causes: readonly Cause[]): string {
  const texts = [...new Set(causes.map(({ field, message }) => `${field}: ${message}`))]
  return texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`
}

function failed(object: KubeObject, why: string): StatusFault {
  return fault(`conversion webhook for ${object.apiVersion}, Kind=${object.kind} ${why}`)
}

function fault(message: string): StatusFault {
  return new StatusFault({ code: 500, reason: '', message })
}
