import { messageOf, uuid } from '../../base/index.ts'
import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  stringAt,
  valueAt,
} from '../../object/index.ts'
import type { Core } from '../core.ts'
import { jsonPatch } from '../patch/index.ts'
import { StatusFault, type StatusReason } from '../status.ts'
import { ADMISSION_GROUP, type Attributes, requestOf } from './attributes.ts'
import { activationOf, conditionsMatch } from './expressions.ts'
import { objectsOf, rulesMatch, selectorsMatch } from './matching.ts'
import { post } from './webhook-client.ts'

const REVIEW = 'admission.k8s.io/v1'

interface Hook {
  readonly name: string
  readonly hook: JsonObject
}

type Which = 'mutating' | 'validating'

function tableOf(which: Which): string {
  return `${which}webhookconfigurations.${ADMISSION_GROUP}`
}

/** Whether any webhook is configured at all: without one, writes need not wait for anything. */
export function hasWebhooks(core: Core): boolean {
  return core.store.count(tableOf('mutating')) + core.store.count(tableOf('validating')) > 0
}

/**
 * Calls the webhooks that may change an object, one after another in the order of their
 * configurations' names; those that ask for it once more when a later one changed it.
 * @throws StatusFault with what a webhook refused, or 500 when one that must answer does not
 * @see k8s.io/apiserver pkg/admission/plugin/webhook/mutating/dispatcher.go (v0.36.3)
 */
export async function callMutatingWebhooks(
  core: Core,
  attributes: Attributes,
): Promise<KubeObject | undefined> {
  let { object } = attributes
  const hooks = hooksFor(core, attributes, 'mutating')
  const changedAt: number[] = []
  for (const [i, each] of hooks.entries()) {
    const next = await changedBy(core, { ...attributes, object }, each)
    if (next !== object) changedAt.push(i)
    object = next
  }
  const last = changedAt.at(-1) ?? -1
  for (const [i, each] of hooks.entries())
    if (each.hook['reinvocationPolicy'] === 'IfNeeded' && i < last)
      object = await changedBy(core, { ...attributes, object }, each)
  return object
}

async function changedBy(
  core: Core,
  attributes: Attributes,
  each: Hook,
): Promise<KubeObject | undefined> {
  const { object } = attributes
  const patch = await call(core, attributes, each)
  if (patch === undefined || object === undefined || patch.length === 0) return object
  const result = jsonPatch(object as unknown as JsonObject, patch)
  if ('refusal' in result) throw internal(result.refusal.message)
  return result.object as unknown as KubeObject
}

/**
 * Calls the webhooks that check what is about to be done, all at once.
 * @throws StatusFault as {@link callMutatingWebhooks}
 */
export async function callValidatingWebhooks(core: Core, attributes: Attributes): Promise<void> {
  const hooks = hooksFor(core, attributes, 'validating')
  const calls = hooks.map((each) => call(core, attributes, each))
  // What the first of them says is told, whichever answers first.
  for (const result of await Promise.allSettled(calls))
    if (result.status === 'rejected') throw result.reason
}

function hooksFor(core: Core, attributes: Attributes, which: Which): Hook[] {
  // Webhooks are not asked about webhooks, lest a bad one can never be taken away.
  if (attributes.kind.group === ADMISSION_GROUP) return []
  return core.store
    .list(tableOf(which))
    .flatMap((configuration) => objectsOf(configuration['webhooks'] as Json | undefined))
    .filter((hook) => concerns(core, attributes, hook))
    .map((hook) => ({ name: String(hook['name']), hook }))
}

function concerns(core: Core, attributes: Attributes, hook: JsonObject): boolean {
  const { rules, namespaceSelector, objectSelector, matchConditions } = hook
  if (!rulesMatch(attributes, rules)) return false
  const selectors = {
    ...(namespaceSelector === undefined ? {} : { namespaceSelector }),
    ...(objectSelector === undefined ? {} : { objectSelector }),
  }
  if (!selectorsMatch(core, attributes, selectors)) return false
  if (objectsOf(matchConditions).length === 0) return true
  const result = conditionsMatch(matchConditions, activationOf(core, attributes, {}))
  if (typeof result === 'boolean') return result
  if (hook['failurePolicy'] === 'Ignore') return false
  throw internal(result.error)
}

/** Asks one webhook; answers its patch. */
async function call(
  core: Core,
  attributes: Attributes,
  { name, hook }: Hook,
): Promise<readonly Json[] | undefined> {
  const uid = uuid(core.random)
  const { object, old } = attributes
  const review = {
    kind: 'AdmissionReview',
    apiVersion: REVIEW,
    request: {
      uid,
      ...requestOf(attributes),
      object: (object ?? null) as Json,
      oldObject: (old ?? null) as Json,
    },
  }
  let response: JsonObject
  try {
    response = responseIn(await post(core, hook, JSON.stringify(review)), uid)
  } catch (error) {
    if (hook['failurePolicy'] === 'Ignore') return undefined
    const why = `failed calling webhook ${JSON.stringify(name)}: failed to call webhook: ${messageOf(error)}`
    throw internal(why)
  }
  for (const warning of listOf(response['warnings'])) attributes.warnings.push(String(warning))
  if (response['allowed'] !== true) throw denied(name, response)
  const patch = stringAt(response, 'patch')
  if (patch === undefined) return undefined
  const operations = JSON.parse(Buffer.from(patch, 'base64').toString()) as Json
  return listOf(operations)
}

/** The response in a review. @throws Error when it answers another question */
function responseIn(answer: Json, uid: string): JsonObject {
  const { apiVersion, kind } = isObject(answer) ? answer : {}
  if (apiVersion !== REVIEW || kind !== 'AdmissionReview')
    throw new Error(
      `expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got ${gvkText(apiVersion, kind)}`,
    )
  const response = valueAt(answer, 'response')
  if (!isObject(response)) throw new Error('webhook response was absent')
  if (response['uid'] !== uid)
    throw new Error(
      `expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response['uid'] ?? '')}`,
    )
  return response
}

function gvkText(apiVersion: Json | undefined, kind: Json | undefined): string {
  const version = typeof apiVersion === 'string' && apiVersion !== '' ? apiVersion : '/'
  return `${version}, Kind=${typeof kind === 'string' ? kind : ''}`
}

function listOf(value: Json | undefined): readonly Json[] {
  return isArray(value) ? value : []
}

/** @see k8s.io/apiserver pkg/admission/plugin/webhook/errors/statuserror.go (v0.36.3) */
function denied(name: string, response: JsonObject): StatusFault {
  const status = isObject(response['status']) ? response['status'] : {}
  const reason = stringAt(status, 'reason') ?? ''
  const given = stringAt(status, 'message') ?? ''
  const why = given === '' ? reason : given
  const code = status['code']
  const { details } = status
  return new StatusFault({
    code: typeof code === 'number' && code >= 400 ? code : 400,
    reason: reason as StatusReason,
    message: `admission webhook ${JSON.stringify(name)} denied the request${why === '' ? ' without explanation' : `: ${why}`}`,
    ...(isObject(details) ? { details: details as StatusFault['details'] & object } : {}),
  })
}

function internal(why: string): StatusFault {
  return new StatusFault({
    code: 500,
    reason: 'InternalError',
    message: `Internal error occurred: ${why}`,
    details: { causes: [{ message: why }] },
  })
}
