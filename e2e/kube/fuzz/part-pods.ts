import { isObject, type Json, type JsonObject } from '../../../src/object/index.ts'
import type { ContractStep } from '../../../test/kit/cluster-contract.ts'
import { PATCH } from './cases.ts'
import { changed, typeOfObject } from './mutate.ts'
import { made, metadataOf, onPart, parted, type Scene, sent } from './part-scene.ts'
import { valueFor } from './values.ts'

/** Containers for debugging. */
export function ephemeral(scene: Scene): ContractStep[] {
  const { draw, seed } = scene
  const type = typeOfObject(seed)
    .map?.fields.get('spec')
    ?.type.map?.fields.get('ephemeralContainers')?.type.list?.element
  const container = (): Json => {
    const base = { name: draw.of(['d', 'c', 'init', 'D']), image: draw.of(['i:2', '', 'b']) }
    if (type === undefined || draw.below(2) === 0)
      return { ...base, targetContainerName: draw.of(['c', 'nope', '']) }
    const drawn = valueFor(draw, type, 'ephemeralContainers', 1)
    return isObject(drawn) ? { ...base, ...drawn } : drawn
  }
  const list = (): JsonObject => ({
    spec: { ephemeralContainers: Array.from({ length: 1 + draw.below(2) }, container) },
  })
  const body = (): Json => {
    const { spec } = list()
    return { ...seed, spec: { ...(seed['spec'] as JsonObject), ...(spec as JsonObject) } }
  }
  return [
    made(scene),
    ...onPart(scene, 'ephemeralcontainers', body(), list()),
    ...onPart(scene, 'ephemeralcontainers', body(), list()),
  ]
}

/** What containers ask for, changed while they run. */
export function resize(scene: Scene): ContractStep[] {
  const { draw, seed } = scene
  const resources = draw.of<Json>([
    { requests: { cpu: '200m' } },
    { limits: { memory: '256Mi' }, requests: { memory: '128Mi', cpu: '1' } },
    {},
    { limits: { cpu: '-1' } },
    { requests: { cpu: '2' }, limits: { cpu: '1' } },
    { requests: { 'a.io/b': '1' } },
    { requests: { 'ephemeral-storage': '1Gi' } },
    null,
  ]) // prettier-ignore
  const container = {
    name: draw.of(['c', 'init', 'nope']),
    resources,
    ...(draw.below(3) === 0
      ? {
          resizePolicy: [
            {
              resourceName: draw.of(['cpu', 'x']),
              restartPolicy: draw.of(['NotRequired', 'RestartContainer', 'x']),
            },
          ],
        }
      : {}),
    ...(draw.below(5) === 0 ? { image: 'other' } : {}),
  } // prettier-ignore
  const patch = { spec: { containers: [container] } }
  const body = changed(seed, [{ path: ['spec', 'containers', 0, 'resources'], value: resources }])
  return [
    made(scene),
    ...onPart(scene, 'resize', draw.below(4) === 0 ? parted(draw, seed, 2) : body, patch),
  ]
}

/** Pods that are told their node. */
export function binding(scene: Scene): ContractStep[] {
  const { draw, seed, one, list } = scene
  const name = metadataOf(seed)['name'] ?? ''
  const body = (): Json => ({
    apiVersion: 'v1',
    kind: draw.of(['Binding', 'Binding', 'Binding', 'Pod']),
    metadata: {
      name: draw.of<Json>([name, '', 'y']),
      annotations: { a: 'b' },
      labels: draw.of<Json>([{}, { l: 'm' }]),
    },
    ...draw.of<JsonObject>([
      { target: { kind: 'Node', name: 'n' } },
      { target: { name: 'n' } },
      { target: { kind: 'Pod', name: 'n' } },
      { target: {} },
      {},
      { target: { kind: 'Node', name: draw.of<Json>(['A b', '', 5]), apiVersion: 'v1' } },
    ]),
  }) // prettier-ignore
  const at = draw.of([
    `${one}/binding`,
    `${one}/binding`,
    list.replace('/pods', '/bindings'),
    `${one}-nope/binding`,
  ])
  return [
    made(scene),
    { method: 'POST', path: at + draw.of(['', '?dryRun=All', '?fieldManager=b']), body: body() },
    { method: 'GET', path: one },
    { method: 'POST', path: `${one}/binding`, body: body() },
    { method: 'GET', path: one },
  ]
}

/** Pods that are asked to leave. */
export function eviction(scene: Scene): ContractStep[] {
  const { draw, seed, one } = scene
  const name = metadataOf(seed)['name'] ?? ''
  const budget = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'b' },
    spec: {
      ...draw.of<JsonObject>([{ minAvailable: 1 }, { maxUnavailable: 0 }, {}]),
      selector: { matchLabels: { app: draw.of(['x', 'y']) } },
      ...draw.of<JsonObject>([
        {},
        { unhealthyPodEvictionPolicy: 'AlwaysAllow' },
        { unhealthyPodEvictionPolicy: 'IfHealthyBudget' },
      ]),
    },
  } // prettier-ignore
  const body = (): Json => ({
    apiVersion: draw.of(['policy/v1', 'policy/v1', 'policy/v1beta1', 'v1']),
    kind: draw.of(['Eviction', 'Eviction', 'Pod']),
    metadata: {
      name: draw.of<Json>([name, name, 'y', '']),
      namespace: draw.of(['{ns}', '{ns}', 'other']),
    },
    ...draw.of<JsonObject>([
      {},
      { deleteOptions: { dryRun: ['All'] } },
      { deleteOptions: { gracePeriodSeconds: draw.of<Json>([0, -1, 1]) } },
      { deleteOptions: { preconditions: { uid: 'x' } } },
      { deleteOptions: { propagationPolicy: 'x' } },
      { bogus: 1 },
    ]),
  }) // prettier-ignore
  return [
    made(scene),
    ...(draw.below(2) === 0
      ? [
          {
            method: 'POST' as const,
            path: '/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets',
            body: budget,
          },
        ]
      : []),
    {
      method: 'PATCH',
      path: `${one}/status`,
      headers: sent(PATCH.merge),
      body: draw.of<Json>([
        { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } },
        { status: { phase: 'Failed' } },
        {},
      ]),
    },
    {
      method: 'POST',
      path: `${one}${draw.of(['', '', '-nope'])}/eviction${draw.of(['', '', '?dryRun=All', '?dryRun=x', '?fieldValidation=Strict'])}`,
      body: body(),
    },
    { method: 'GET', path: one },
  ] // prettier-ignore
}
