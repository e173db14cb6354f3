import type { Json, JsonObject } from '../../../src/object/index.ts'
import type { Hooks, Reply } from './hook.ts'
import type { AdmissionCase, Step } from './play.ts'

const HOOKS = '/apis/admissionregistration.k8s.io/v1'
export const MAPS = '/api/v1/namespaces/{ns}/configmaps'

export function map(name: string, more: JsonObject = {}): JsonObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...more } }
}

/** One webhook of a configuration. */
interface Hook {
  readonly name?: string
  readonly reply?: Reply
  readonly url?: string
  readonly rules?: readonly JsonObject[]
  readonly more?: JsonObject
}

export const ALL: readonly JsonObject[] = [
  { apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*/*'] },
]
export const CONFIG_MAPS: readonly JsonObject[] = [
  { apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['configmaps'] },
]

/** A configuration with webhooks that see one namespace. */
export function configuration(
  kind: 'Mutating' | 'Validating',
  name: string,
  {
    hooks,
    namespace,
    list,
  }: { readonly hooks: Hooks; readonly namespace: string; readonly list: readonly Hook[] },
): Step {
  return {
    method: 'POST',
    path: `${HOOKS}/${kind.toLowerCase()}webhookconfigurations`,
    body: {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: `${kind}WebhookConfiguration`,
      metadata: { name: `${namespace}-${name}` },
      webhooks: list.map((each, i) => ({
        name: each.name ?? `h${i}.${name}.example.org`,
        clientConfig: {
          url: each.url ?? hooks.url(`${name}${i}`, each.reply ?? {}),
          caBundle: hooks.caBundle,
        },
        rules: each.rules ?? CONFIG_MAPS,
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
        ...each.more,
      })) as unknown as Json,
    },
  }
}

export const post = (name: string, more: JsonObject = {}): Step => ({
  method: 'POST',
  path: MAPS,
  body: map(name, more),
})
export const label = (key: string, value: string): JsonObject => ({
  op: 'add',
  path: `/metadata/labels/${key}`,
  value,
})

/** A case with one configuration of each sort that is given. */
export function one(
  name: string,
  given: { readonly mutating?: readonly Hook[]; readonly validating?: readonly Hook[] },
  steps: readonly Step[] = [post('a', { labels: { x: 'y' } })],
): AdmissionCase {
  return {
    name,
    setup: (hooks, namespace) => [
      ...(given.mutating === undefined
        ? []
        : [configuration('Mutating', 'm', { hooks, namespace, list: given.mutating })]),
      ...(given.validating === undefined
        ? []
        : [configuration('Validating', 'v', { hooks, namespace, list: given.validating })]),
    ],
    steps,
  }
}

export const validates = (
  name: string,
  response: JsonObject,
  more: JsonObject = {},
): AdmissionCase => one(name, { validating: [{ reply: { response }, more }] })
export const patches = (name: string, patch: readonly JsonObject[]): AdmissionCase =>
  one(name, { mutating: [{ reply: { patch } }] })
export const answers = (name: string, reply: Reply): readonly AdmissionCase[] => [
  one(`${name}-fail`, { validating: [{ reply }] }),
  one(`${name}-ignore`, { validating: [{ reply, more: { failurePolicy: 'Ignore' } }] }),
  one(`${name}-mutating`, { mutating: [{ reply }] }),
]

export const DEPLOYMENT: JsonObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd' },
  spec: {
    replicas: 0,
    selector: { matchLabels: { a: 'b' } },
    template: {
      metadata: { labels: { a: 'b' } },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    },
  },
}
export const POD: JsonObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p' },
  spec: { containers: [{ name: 'c', image: 'i' }] },
}
export const PODS = '/api/v1/namespaces/{ns}/pods'
export const DEPLOYMENTS = '/apis/apps/v1/namespaces/{ns}/deployments'
export const MERGE = 'application/merge-patch+json'
