import type { Json, JsonObject } from '../../../src/object/index.ts'
import type { AdmissionCase, Step } from './play.ts'
import { DEPLOYMENT, DEPLOYMENTS, MAPS, map, POD, PODS, post } from './webhook.ts'

const GROUP = '/apis/admissionregistration.k8s.io/v1'

type Which = 'Mutating' | 'Validating'

/** What a policy and its binding say beside the usual. */
interface Given {
  readonly spec: JsonObject
  readonly binding?: JsonObject
  readonly name?: string
}

/** A policy and a binding of it to one namespace. */
function policy(which: Which, namespace: string, { spec, binding, name = 'p' }: Given): Step[] {
  const plural = `${which.toLowerCase()}admissionpolicies`
  const apiVersion = 'admissionregistration.k8s.io/v1'
  const rules = {
    apiGroups: [''],
    apiVersions: ['v1'],
    operations: ['*'],
    resources: ['configmaps'],
  }
  const named = { name: `${namespace}-${name}` }
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': namespace } }
  const defaults = which === 'Validating' ? { validationActions: ['Deny'] } : ({} as JsonObject)
  return [
    {
      method: 'POST',
      path: `${GROUP}/${plural}`,
      body: {
        apiVersion,
        kind: `${which}AdmissionPolicy`,
        metadata: named,
        spec: {
          matchConstraints: { resourceRules: [rules] },
          ...(which === 'Mutating' ? { reinvocationPolicy: 'Never' } : {}),
          ...spec,
        },
      },
    },
    {
      method: 'POST',
      path: `${GROUP}/${plural.replace(/ies$/, 'y')}bindings`,
      body: {
        apiVersion,
        kind: `${which}AdmissionPolicyBinding`,
        metadata: named,
        spec: {
          policyName: named.name,
          ...defaults,
          matchResources: { namespaceSelector },
          ...binding,
        },
      },
    },
  ]
}

export function one(
  which: Which,
  name: string,
  given: Given | readonly Given[],
  steps: readonly Step[] = [post('a', { labels: { x: 'y' } })],
  more: readonly Step[] = [],
): AdmissionCase {
  const list = 'spec' in given ? [given] : given
  return {
    name,
    setup: (_, namespace) => [...more, ...list.flatMap((each) => policy(which, namespace, each))],
    steps,
  }
}

export const checks = (
  name: string,
  validations: readonly JsonObject[],
  steps?: readonly Step[],
  spec: JsonObject = {},
  binding: JsonObject = {},
): AdmissionCase =>
  one(
    'Validating',
    name,
    { spec: { validations: validations as unknown as Json, ...spec }, binding },
    steps,
  )

export const applies = (
  name: string,
  expression: string,
  steps?: readonly Step[],
  spec: JsonObject = {},
): AdmissionCase =>
  one(
    'Mutating',
    name,
    {
      spec: {
        mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }],
        ...spec,
      },
    },
    steps,
  )

export const patches = (
  name: string,
  expression: string,
  steps?: readonly Step[],
  spec: JsonObject = {},
): AdmissionCase =>
  one(
    'Mutating',
    name,
    { spec: { mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression } }], ...spec } },
    steps,
  )

export const PARAM_KIND: JsonObject = { apiVersion: 'v1', kind: 'ConfigMap' }
export const param = (name: string, data: JsonObject, labels: JsonObject = {}): Step => ({
  method: 'POST',
  path: MAPS,
  body: { ...map(name, { labels }), data },
})
export const params = (
  name: string,
  paramRef: JsonObject,
  more: readonly Step[],
  steps: readonly Step[] = [post('a')],
): AdmissionCase =>
  one(
    'Validating',
    name,
    {
      spec: {
        paramKind: PARAM_KIND,
        matchConditions: [
          { name: 'not-params', expression: '!object.metadata.name.startsWith("par")' },
        ],
        validations: [
          {
            expression: 'object.metadata.name == params.data.name',
            messageExpression: '"wanted " + params.data.name',
          },
        ],
      },
      binding: { paramRef },
    },
    steps,
    more,
  )

export const ANY: JsonObject = {
  resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*/*'] }],
}
export const DEPLOYED: JsonObject = {
  matchConstraints: {
    resourceRules: [
      { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['*'], resources: ['deployments'] },
    ],
  },
}
export const PODDED: JsonObject = {
  matchConstraints: {
    resourceRules: [
      { apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['pods'] },
    ],
  },
}
export const deployment: Step = { method: 'POST', path: DEPLOYMENTS, body: DEPLOYMENT }
export const pod: Step = { method: 'POST', path: PODS, body: POD }
