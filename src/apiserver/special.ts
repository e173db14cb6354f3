import { rfc3339 } from '../base/index.ts'
import { isObject, type Json, type JsonObject, type KubeObject } from '../object/index.ts'
import type { Attributes } from './admission/index.ts'
import { consulted, type Soon, whenThere } from './admitted.ts'
import type { Ask } from './ask.ts'
import { isDryRun, managerOf } from './ask.ts'
import { review } from './auth/reviews.ts'
import type { Tokens } from './auth/tokens.ts'
import { topologyOf } from './controllers/placement.ts'
import type { Core } from './core.ts'
import { evict } from './eviction.ts'
import { trackUpdate } from './fields/index.ts'
import { checkOptions, optionsIn } from './options.ts'
import { typeOf } from './pipeline.ts'
import { liveObject } from './read.ts'
import { badRequest, conflict, nowhere, StatusFault } from './status.ts'
import { checkNamespace, checkStrict, refuseBody } from './strictly.ts'
import { decode, readBodyOf } from './wire/decode.ts'
import { type Answer, answerJson } from './wire/respond.ts'
import { replaceObject } from './writes.ts'

/** POSTs that store nothing under their own name; undefined for those that do. */
export function special(
  gate: { readonly core: Core; readonly tokens: Tokens },
  ask: Ask,
): Soon<Answer> | undefined {
  const { core } = gate
  const isReview = ask.kind.verbs.length === 1
  if (!isReview && ask.subresource === '') return undefined
  checkOptions(ask, 'CreateOptions')
  const decoded = decode(ask, readBodyOf(ask))
  const speaking = { ...ask, kind: { ...ask.kind, ...spoken(ask) } }
  const body = inPlace(ask, checkStrict(speaking, decoded, refuseBody))
  checkNamespace(ask, body)
  return whenThere(consulted(core, posting(ask, tracked(core, ask, body))), (next) =>
    performed(gate, ask, next),
  )
}

/** What is asked of a whole cluster is in no namespace. */
function inPlace({ kind }: Ask, body: KubeObject): KubeObject {
  if (kind.namespaced || body.metadata.namespace === undefined) return body
  const { namespace: _, ...metadata } = body.metadata
  return { ...body, metadata }
}

/** What is posted as admission sees it. */
function posting(ask: Ask, object: KubeObject): Attributes {
  const { kind, subresource, user, warnings } = ask
  const { name = '' } = object.metadata
  const metadata = kind.namespaced
    ? { ...object.metadata, namespace: ask.namespace }
    : object.metadata
  return {
    kind,
    subresource,
    operation: 'CREATE',
    namespace: kind.namespaced ? ask.namespace : '',
    name: ask.name === '' ? name : ask.name,
    user,
    dryRun: isDryRun(ask),
    object: { ...object, metadata },
    old: undefined,
    speaks: spoken(ask),
    options: optionsIn(ask),
    warnings,
  }
}

function performed(
  gate: { readonly core: Core; readonly tokens: Tokens },
  ask: Ask,
  body: KubeObject,
): Answer {
  const { core } = gate
  if (ask.subresource === 'eviction') {
    evict(core, ask, body)
    return success()
  }
  if (ask.subresource === 'binding') return bind(core, ask, body)
  if (ask.kind.plural === 'bindings') return bind(core, podAsk(core, ask, body), body)
  const answer = review(core, gate.tokens, ask, body)
  if (answer === undefined) throw nowhere()
  return answerJson(201, answer as unknown as Json, {
    format: ask.accepted.format,
    warnings: ask.warnings,
  })
}

function tracked(core: Core, ask: Ask, body: KubeObject): KubeObject {
  return trackUpdate({
    type: typeOf({ ...ask.kind, ...spoken(ask) }),
    next: filled(ask, body),
    ...(ask.subresource === '' ? {} : { subresource: ask.subresource }),
    manager: managerOf(ask),
    now: core.clock.now(),
    reset: [['status']],
  })
}

/** A token lasts an hour unless somebody says otherwise. */
function filled({ subresource }: Ask, body: KubeObject): KubeObject {
  const { spec } = body
  if (subresource !== 'token' || !isObject(spec as Json)) return body
  const given = spec as JsonObject
  return { ...body, spec: { ...given, expirationSeconds: given['expirationSeconds'] ?? 3600 } }
}

/** The kind that is posted there. */
function spoken({ kind, subresource }: Ask): NonNullable<Attributes['speaks']> {
  const own = { group: kind.group, version: kind.version, kind: kind.kind }
  const part = kind.subresources.find((each) => each.name === subresource)?.kind
  return part === undefined ? own : { ...part, version: part.version || kind.version }
}

function success(): Answer {
  return answerJson(201, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    code: 201,
  })
}

/** A binding that is posted by itself names its pod. */
function podAsk(core: Core, ask: Ask, body: KubeObject): Ask {
  const { name = '' } = body.metadata
  const pods = core.registry.find('', 'v1', 'pods')
  if (pods === undefined) throw nowhere()
  return { ...ask, kind: pods, name, subresource: 'binding' }
}

/** @throws StatusFault 400 for another name, 500 for what is no node */
function refuseBinding(ask: Ask, body: KubeObject, target: JsonObject): void {
  if ((body.metadata.name ?? '') !== ask.name)
    throw badRequest('name in URL does not match name in Binding object')
  const { kind = '', name = '' } = target
  const wrong: string[] = []
  if (kind !== '' && kind !== 'Node')
    wrong.push(
      `target.kind: Unsupported value: ${JSON.stringify(kind)}: supported values: "Node", "<empty>"`,
    )
  if (name === '') wrong.push('target.name: Required value')
  const message = wrong.length === 1 ? (wrong[0] ?? '') : `[${wrong.join(', ')}]`
  if (wrong.length > 0) throw new StatusFault({ code: 500, reason: '', message })
  if (ask.name === '') throw badRequest('Name parameter required.')
}

function bind(core: Core, ask: Ask, body: KubeObject): Answer {
  const target = (body['target'] ?? {}) as JsonObject
  refuseBinding(ask, body, target)
  const pod = liveObject(core, ask)
  const { nodeName } = (pod['spec'] ?? {}) as JsonObject
  const part = { group: '', plural: 'pods/binding' }
  if (pod.metadata.deletionTimestamp !== undefined)
    throw conflict(part, ask.name, `pod ${ask.name} is being deleted, cannot be assigned to a host`)
  if (typeof nodeName === 'string' && nodeName !== '')
    throw conflict(part, ask.name, `pod ${ask.name} is already assigned to node "${nodeName}"`)
  const status = (pod['status'] ?? {}) as JsonObject
  const now = rfc3339(core.clock.now())
  const had = Array.isArray(status['conditions']) ? (status['conditions'] as JsonObject[]) : []
  const scheduled = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: now,
  }
  const conditions = [...had.filter((each) => each['type'] !== 'PodScheduled'), scheduled]
  const { annotations } = body.metadata
  const own = topologyOf(core.store.get('nodes', String(target['name'] ?? '')))
  const labels = { ...body.metadata.labels, ...own }
  const next: KubeObject = {
    ...pod,
    metadata: {
      ...pod.metadata,
      ...(annotations === undefined
        ? {}
        : { annotations: { ...pod.metadata.annotations, ...annotations } }),
      ...(Object.keys(labels).length === 0
        ? {}
        : { labels: { ...pod.metadata.labels, ...labels } }),
    },
    spec: { ...(pod['spec'] as JsonObject), nodeName: target['name'] ?? '' },
    status: { ...status, conditions },
  }
  const write = {
    kind: ask.kind,
    namespace: ask.namespace,
    name: ask.name,
    subresource: 'binding',
    manager: managerOf(ask),
    user: ask.user,
    dryRun: isDryRun(ask),
    // Nobody owns where a pod runs.
    tracked: true,
  }
  replaceObject(core, write, pod, next)
  return success()
}
