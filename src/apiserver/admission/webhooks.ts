import { isFault, uuid } from '../../base/index.ts'
import {
  applyJsonPatch,
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
} from '../../object/index.ts'
import { restated, resuming } from '../convert/convert.ts'
import type { Core } from '../core.ts'
import { groupVersion, type Kind } from '../kind.ts'
import { mismatchOf, withDefaults } from '../pipeline.ts'
import { StatusFault } from '../status.ts'
import { post } from '../webhook/client.ts'
import { WebhookProblem } from '../webhook/review.ts'
import { ADMISSION_GROUP, type Attributes, refused, requestOf } from './attributes.ts'
import { activationOf, conditionsMatch } from './expressions.ts'
import { equivalentOf, objectsOf, selectorsMatch } from './matching.ts'
import { mutatedByPolicies } from './mutating-policies.ts'
import { mutatedByPlugins } from './plugins.ts'
import { answerIn, deniedBy, type WebhookAnswer } from './webhook-answer.ts'

interface Hook {
  readonly name: string
  readonly hook: JsonObject
}

/** A webhook that is to be called, and the kind that it knows the object by. */
interface Call extends Hook {
  readonly as: Kind
  /** The objects of the request, as that kind. */
  readonly object: KubeObject | undefined
  readonly old: KubeObject | undefined
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
 * configurations' names. When one changed it all that may change objects has its turn once more, of the
 * webhooks those that ask for it.
 * @throws StatusFault with what a webhook refused, or 500 when one that must answer does not
 * @see k8s.io/apiserver pkg/admission/plugin/webhook/mutating/dispatcher.go (v0.36.3)
 */
export async function callMutatingWebhooks(
  core: Core,
  attributes: Attributes,
): Promise<KubeObject | undefined> {
  const all = hooksOf(core, attributes, 'mutating')
  if (all.length === 0) return attributes.object
  const resumed = resuming()
  const before: Reinvocation = { waiting: new Set(), due: new Set(), isAgain: false, resumed }
  const first = await turn(core, attributes, all, before)
  if (!first.changed || first.object === undefined) return first.object
  const left = first.object
  const replayed = await resumed(() => mutatedAgain(core, attributes, left))
  if (!isSame(replayed, first.object)) makeDue(before)
  const second = await turn(core, { ...attributes, object: replayed }, all, {
    ...before,
    isAgain: true,
  })
  return second.object
}

/** Which webhooks are to be called again. */
interface Reinvocation {
  /** Called before, and asking to be called again should anything change after them. */
  readonly waiting: Set<JsonObject>
  /** Something did. */
  readonly due: Set<JsonObject>
  readonly isAgain: boolean
  readonly resumed: ReturnType<typeof resuming>
}

function makeDue({ waiting, due }: Reinvocation): void {
  for (const each of waiting) due.add(each)
  waiting.clear()
}

/** Plugins and policies see once more what webhooks left. */
function mutatedAgain(core: Core, attributes: Attributes, object: KubeObject): KubeObject {
  if (attributes.speaks !== undefined) return object
  const next = mutatedByPlugins(core, { ...attributes, object }, object)
  return mutatedByPolicies(core, attributes, next, { again: true })
}

async function turn(
  core: Core,
  attributes: Attributes,
  hooks: readonly Hook[],
  state: Reinvocation,
): Promise<{ readonly object: KubeObject | undefined; readonly changed: boolean }> {
  let { object } = attributes
  let changed = false
  for (const each of hooks) {
    const now = { ...attributes, object }
    const call = await state.resumed(() => callOf(core, now, each))
    if (call === undefined || (state.isAgain && !state.due.has(each.hook))) continue
    const next = await changedBy(core, now, call, state)
    if (!isSame(next, object)) {
      changed = true
      makeDue(state)
    }
    object = next
    if (each.hook['reinvocationPolicy'] === 'IfNeeded') state.waiting.add(each.hook)
  }
  return { object, changed }
}

function isSame(a: KubeObject | undefined, b: KubeObject | undefined): boolean {
  return a === b || JSON.stringify(ordered(a)) === JSON.stringify(ordered(b))
}

function ordered(value: unknown): unknown {
  if (isArray(value as Json)) return (value as Json[]).map(ordered)
  if (!isObject(value as Json)) return value
  const object = value as JsonObject
  return Object.fromEntries(
    Object.keys(object)
      .sort()
      .map((key) => [key, ordered(object[key])]),
  )
}

async function changedBy(
  core: Core,
  attributes: Attributes,
  call: Call,
  { resumed }: Reinvocation,
): Promise<KubeObject | undefined> {
  const { object, kind } = attributes
  const answer = await ask(core, attributes, call, true)
  const { patch, patchType = '' } = answer ?? {}
  if (answer === undefined || patch === undefined) return object
  try {
    if (!isArray(patch) || !patch.every(isObject))
      throw new WebhookProblem(
        `received undecodable patch in webhook response: json: cannot unmarshal ${isArray(patch) ? typeof patch[0] : isObject(patch) ? 'object' : typeof patch} into Go value of type jsonpatch.${isArray(patch) ? 'Operation' : 'Patch'}`,
      )
    if (patch.length === 0) return object
    if (object !== undefined && patchType !== 'JSONPatch')
      throw new WebhookProblem(`unsupported patch type ${JSON.stringify(patchType)}`)
  } catch (error) {
    return failed(call, error, object)
  }
  const shown = call.object
  if (shown === undefined)
    throw internal(
      `admission webhook ${JSON.stringify(call.name)} attempted to modify the object, which is not supported for this operation`,
    )
  const next = patched(shown, patch as readonly JsonObject[], attributes, call.as)
  if (attributes.speaks !== undefined) return next
  return resumed(() => restated(withDefaults(call.as, next), kind, groupVersion(kind)))
}

function patched(
  shown: KubeObject,
  patch: readonly JsonObject[],
  { speaks }: Attributes,
  as: Kind,
): KubeObject {
  let next: KubeObject
  try {
    next = applyJsonPatch(shown as unknown as Json, patch as never) as unknown as KubeObject
  } catch (error) {
    if (!isFault(error, 'JSON_PATCH')) throw error
    throw internal(error.message)
  }
  if (speaks !== undefined) return next
  const { managedFields } = next.metadata
  if (isArray(managedFields as unknown as Json) && managedFields?.length === 0) {
    const { managedFields: _, ...metadata } = next.metadata
    next = { ...next, metadata }
  }
  if (next.kind !== shown.kind || next.apiVersion !== shown.apiVersion) throw unconverted(next, as)
  const mismatch = mismatchOf(as, next)
  if (mismatch !== undefined) throw internal(mismatch)
  return next
}

/** What became of another kind can not be stored as this one. */
function unconverted(next: KubeObject, as: Kind): StatusFault {
  const version = String(next.apiVersion).split('/').at(-1)
  const to = `${as.group === '' ? 'core' : (as.group.split('.')[0] ?? '')}.${as.kind}`
  return new StatusFault({
    code: 500,
    reason: '',
    message: `converting (${version}.${next.kind}) to (${to}): unknown conversion`,
  })
}

/**
 * Calls the webhooks that check what is about to be done, all at once.
 * @throws StatusFault as {@link callMutatingWebhooks}
 */
export async function callValidatingWebhooks(core: Core, attributes: Attributes): Promise<void> {
  const calls = hooksOf(core, attributes, 'validating').flatMap((each) => {
    const call = callOf(core, attributes, each)
    return call === undefined ? [] : [call]
  })
  const asked = calls.map(async (call) => {
    await ask(core, attributes, call, false)
  })
  // What the first of them says is told, whichever answers first.
  for (const result of await Promise.allSettled(asked))
    if (result.status === 'rejected') throw result.reason
}

function hooksOf(core: Core, attributes: Attributes, which: Which): Hook[] {
  // Webhooks are not asked about webhooks, lest a bad one can never be taken away.
  if (attributes.kind.group === ADMISSION_GROUP) return []
  return core.store
    .list(tableOf(which))
    .flatMap((configuration) => objectsOf(configuration['webhooks'] as Json | undefined))
    .map((hook) => ({ name: String(hook['name']), hook }))
}

/** How a webhook is to be called, if it is concerned. */
function callOf(core: Core, attributes: Attributes, each: Hook): Call | undefined {
  const { rules, matchPolicy, namespaceSelector, objectSelector, matchConditions } = each.hook
  const as = equivalentOf(core, attributes, { rules, exact: matchPolicy === 'Exact' })
  if (as === undefined) return undefined
  const selectors = {
    ...(namespaceSelector === undefined ? {} : { namespaceSelector }),
    ...(objectSelector === undefined ? {} : { objectSelector }),
  }
  if (!selectorsMatch(core, attributes, selectors)) return undefined
  const object = attributes.object && seenAs(attributes.object, attributes, as)
  const old = attributes.old && seenAs(attributes.old, attributes, as)
  const call = { ...each, as, object, old }
  if (objectsOf(matchConditions).length === 0) return call
  const shown = { ...attributes, object, old }
  const result = conditionsMatch(matchConditions, activationOf(core, shown, { as }))
  if (result === true) return call
  if (result === false || each.hook['failurePolicy'] === 'Ignore') return undefined
  throw refused(attributes, result.error)
}

/** An object as the one knows it who asked for an equivalent kind. */
function seenAs(object: KubeObject, { speaks, kind }: Attributes, as: Kind): KubeObject {
  return speaks !== undefined || as === kind ? object : restated(object, as, groupVersion(as))
}

/** Asks one webhook; undefined where it failed and may. */
async function ask(
  core: Core,
  attributes: Attributes,
  call: Call,
  mutates: boolean,
): Promise<WebhookAnswer | undefined> {
  const uid = uuid(core.random)
  const { object = null, old = null } = call
  const version = versionFor(call.hook)
  const review = {
    kind: 'AdmissionReview',
    apiVersion: `admission.k8s.io/${version}`,
    request: {
      uid,
      ...requestOf(attributes, call.as),
      object: object as Json,
      oldObject: old as Json,
    },
  }
  let answer: WebhookAnswer
  try {
    const text = await posted(core, call.hook, JSON.stringify(review))
    answer = answerIn(text, { uid, version, mutates })
  } catch (error) {
    return failed(call, error, undefined)
  }
  attributes.warnings.push(...answer.warnings.filter(isTold))
  if (!answer.allowed) throw deniedBy(call.name, answer.status)
  return answer
}

const TIMEOUT_S = 10

async function posted(core: Core, hook: JsonObject, body: string): Promise<string> {
  const { timeoutSeconds: given, clientConfig } = hook
  const seconds = typeof given === 'number' ? given : TIMEOUT_S
  try {
    return await post(core, { clientConfig, seconds }, body)
  } catch (error) {
    if (!(error instanceof WebhookProblem)) throw error
    throw new WebhookProblem(`failed to call webhook: ${error.message}`)
  }
}

/** A header holds no line breaks, and nothing is nothing. */
function isTold(warning: string): boolean {
  return warning !== '' && !/\p{Cc}/u.test(warning)
}

/** The first version of reviews that a webhook understands and the server writes. */
function versionFor(hook: JsonObject): string {
  const versions = isArray(hook['admissionReviewVersions']) ? hook['admissionReviewVersions'] : []
  const found = versions.find((each) => each === 'v1' || each === 'v1beta1')
  return typeof found === 'string' ? found : 'v1'
}

/** What takes the place of an answer that did not come: nothing, where the webhook may fail. */
function failed<T>({ name, hook }: Hook, error: unknown, otherwise: T): T {
  if (!(error instanceof WebhookProblem)) throw error
  if (hook['failurePolicy'] === 'Ignore') return otherwise
  throw internal(`failed calling webhook ${JSON.stringify(name)}: ${error.message}`)
}

function internal(why: string): StatusFault {
  return new StatusFault({
    code: 500,
    reason: 'InternalError',
    message: `Internal error occurred: ${why}`,
    details: { causes: [{ message: why }] },
  })
}
