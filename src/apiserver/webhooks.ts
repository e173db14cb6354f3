import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { messageOf, uuid } from '../base/index.ts'
import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  stringAt,
  valueAt,
} from '../object/index.ts'
import { type Ask, isDryRun } from './ask.ts'
import { parseSelectorObject } from './controllers/label-selector.ts'
import type { Core } from './core.ts'
import { jsonPatch } from './patch/index.ts'
import { StatusFault } from './status.ts'

const GROUP = 'admissionregistration.k8s.io'
const TIMEOUT_S = 10
const ANSWER_MAX_BYTES = 4 * 1024 * 1024

/** What is about to be written. */
export interface Admitting {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE'
  readonly object: KubeObject | undefined
  readonly old: KubeObject | undefined
}

interface Hook {
  readonly configuration: string
  readonly hook: JsonObject
}

/** Whether any webhook is configured at all: without one, writes need not wait for anything. */
export function hasWebhooks(core: Core): boolean {
  return (
    core.store.count(`mutatingwebhookconfigurations.${GROUP}`) > 0 ||
    core.store.count(`validatingwebhookconfigurations.${GROUP}`) > 0
  )
}

/**
 * Calls the webhooks that a write concerns: first those that change it, one after another, then
 * those that check it, all at once. Answers the object as it then is.
 * @throws StatusFault with what a webhook refused, or 500 when one that must answer does not
 * @see k8s.io/apiserver pkg/admission/plugin/webhook (v0.36.3)
 */
export async function callWebhooks(
  core: Core,
  ask: Ask,
  admitting: Admitting,
): Promise<KubeObject | undefined> {
  let { object } = admitting
  for (const each of hooksFor(core, ask, admitting, 'mutating')) {
    const patch = await call(core, ask, { ...admitting, object }, each)
    if (patch === undefined || object === undefined) continue
    const result = jsonPatch(object as unknown as JsonObject, patch)
    if ('refusal' in result) throw failure(each, `cannot be patched: ${result.refusal.message}`)
    object = result.object as unknown as KubeObject
  }
  const checking = hooksFor(core, ask, { ...admitting, object }, 'validating')
  await Promise.all(checking.map((each) => call(core, ask, { ...admitting, object }, each)))
  return object
}

function hooksFor(
  core: Core,
  ask: Ask,
  admitting: Admitting,
  which: 'mutating' | 'validating',
): Hook[] {
  // Webhooks are not asked about webhooks, lest a bad one can never be taken away.
  if (ask.kind.group === GROUP) return []
  return core.store.list(`${which}webhookconfigurations.${GROUP}`).flatMap((configuration) => {
    const hooks = configuration['webhooks'] as Json | undefined
    return (isArray(hooks) ? hooks.filter(isObject) : [])
      .filter((hook) => concerns(core, ask, admitting, hook))
      .map((hook) => ({ configuration: configuration.metadata.name ?? '', hook }))
  })
}

function concerns(core: Core, ask: Ask, admitting: Admitting, hook: JsonObject): boolean {
  const { kind } = ask
  const resource = ask.subresource === '' ? kind.plural : `${kind.plural}/${ask.subresource}`
  const scope = kind.namespaced ? 'Namespaced' : 'Cluster'
  const has = (rule: JsonObject, key: string, wanted: string): boolean => {
    const list = rule[key]
    return isArray(list) && (list.includes('*') || list.includes(wanted))
  }
  const resources = (rule: JsonObject): boolean =>
    (has(rule, 'resources', resource) && (ask.subresource === '' || !isPlainStar(rule))) ||
    has(rule, 'resources', '*/*')
  const rules = isArray(hook['rules']) ? hook['rules'].filter(isObject) : []
  const matches = rules.some(
    (rule) =>
      has(rule, 'operations', admitting.operation) &&
      has(rule, 'apiGroups', kind.group) &&
      has(rule, 'apiVersions', kind.version) &&
      resources(rule) &&
      [undefined, '*', scope].includes(rule['scope'] as string | undefined),
  )
  return matches && isSelected(core, ask, admitting, hook)
}

function isPlainStar(rule: JsonObject): boolean {
  return isArray(rule['resources']) && rule['resources'].includes('*')
}

function isSelected(core: Core, ask: Ask, admitting: Admitting, hook: JsonObject): boolean {
  const { namespaceSelector, objectSelector } = hook
  const isNamespace = ask.kind.group === '' && ask.kind.plural === 'namespaces'
  const namespace = isNamespace ? admitting.object : core.store.get('namespaces', ask.namespace)
  const inNamespace =
    !isObject(namespaceSelector) ||
    (!ask.kind.namespaced && !isNamespace) ||
    parseSelectorObject(namespaceSelector)(namespace?.metadata.labels)
  const subject = admitting.object ?? admitting.old
  return (
    inNamespace &&
    (!isObject(objectSelector) || parseSelectorObject(objectSelector)(subject?.metadata.labels))
  )
}

/** Asks one webhook; answers its patch. */
async function call(
  core: Core,
  ask: Ask,
  admitting: Admitting,
  each: Hook,
): Promise<readonly Json[] | undefined> {
  const uid = uuid(core.random)
  const review = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: requestOf(ask, admitting, uid),
  }
  let answer: Json
  try {
    answer = await post(each.hook, JSON.stringify(review))
  } catch (error) {
    if (each.hook['failurePolicy'] === 'Ignore') return undefined
    throw failure(each, messageOf(error))
  }
  for (const warning of listOf(valueAt(answer, 'response', 'warnings')))
    ask.warnings.push(String(warning))
  if (valueAt(answer, 'response', 'allowed') !== true) throw denied(each, answer)
  const patch = stringAt(answer, 'response', 'patch')
  if (patch === undefined) return undefined
  const operations = JSON.parse(Buffer.from(patch, 'base64').toString()) as Json
  return isArray(operations) ? operations : []
}

function listOf(value: Json | undefined): readonly Json[] {
  return isArray(value) ? value : []
}

function requestOf(ask: Ask, admitting: Admitting, uid: string): JsonObject {
  const { group, version, kind, plural } = ask.kind
  const gvk = { group, version, kind }
  const gvr = { group, version, resource: plural }
  const name = admitting.object?.metadata.name ?? ask.name
  return {
    uid,
    kind: gvk,
    resource: gvr,
    requestKind: gvk,
    requestResource: gvr,
    ...(ask.subresource === '' ? {} : { subResource: ask.subresource }),
    ...(name === '' ? {} : { name }),
    ...(ask.namespace === '' ? {} : { namespace: ask.namespace }),
    operation: admitting.operation,
    userInfo: { username: ask.user.name, groups: ask.user.groups },
    object: (admitting.object ?? null) as Json,
    oldObject: (admitting.old ?? null) as Json,
    dryRun: isDryRun(ask),
    options: null,
  }
}

function denied({ hook }: Hook, answer: Json): StatusFault {
  const name = JSON.stringify(hook['name'])
  const status = valueAt(answer, 'response', 'status')
  const reason = stringAt(status, 'message') ?? stringAt(status, 'reason')
  const code = valueAt(status, 'code')
  return new StatusFault({
    code: typeof code === 'number' && code >= 400 ? code : 403,
    reason: (stringAt(status, 'reason') ?? 'Forbidden') as 'Forbidden',
    message: `admission webhook ${name} denied the request${reason === undefined ? ' without explanation' : `: ${reason}`}`,
  })
}

function failure({ hook }: Hook, why: string): StatusFault {
  return new StatusFault({
    code: 500,
    reason: 'InternalError',
    message: `Internal error occurred: failed calling webhook ${JSON.stringify(hook['name'])}: failed to call webhook: ${why}`,
  })
}

/** Posts a review to the URL of a webhook; a service has no address here, so it needs a URL. */
function post(hook: JsonObject, body: string): Promise<Json> {
  const url = stringAt(hook, 'clientConfig', 'url')
  if (url === undefined)
    return Promise.reject(new Error('clientConfig.service is not reachable from this server'))
  const ca = stringAt(hook, 'clientConfig', 'caBundle')
  const seconds = typeof hook['timeoutSeconds'] === 'number' ? hook['timeoutSeconds'] : TIMEOUT_S
  const send = url.startsWith('https:') ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const call = send(
      url,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
        timeout: seconds * 1000,
        ...(ca === undefined ? {} : { ca: Buffer.from(ca, 'base64') }),
      },
      (incoming) => {
        let text = ''
        incoming.on('data', (chunk: Buffer) => {
          text += chunk.toString('utf8')
          if (text.length > ANSWER_MAX_BYTES) incoming.destroy(new Error('answer is too large'))
        })
        incoming.on('error', reject)
        incoming.on('end', () => {
          try {
            resolve(JSON.parse(text) as Json)
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)))
          }
        })
      },
    )
    call.on('timeout', () => call.destroy(new Error('context deadline exceeded')))
    call.on('error', reject)
    call.end(body)
  })
}
