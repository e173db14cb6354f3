import type { Json, JsonObject } from '../../../src/object/index.ts'
import { builtinType } from '../../../src/schema/index.ts'
import type { ContractStep } from '../../../test/kit/cluster-contract.ts'
import { PATCH, placeOf, seeds } from './cases.ts'
import { made, metadataOf, onPart, parted, type Scene, sent } from './part-scene.ts'
import { valueFor } from './values.ts'

/** Requests for certificates that are decided upon. */
export function approval(scene: Scene): ContractStep[] {
  const { draw, seed, one } = scene
  const condition = (): Json => ({
    type: draw.of(['Approved', 'Denied', 'Failed', 'x', '']),
    ...draw.of<JsonObject>([{ status: 'True' }, { status: 'False' }, {}, { status: 'x' }]),
    ...draw.of<JsonObject>([
      {},
      { reason: 'R', message: 'm' },
      { lastUpdateTime: '2026-01-01T00:00:00Z', lastTransitionTime: '2026-01-01T00:00:00Z' },
    ]),
  }) // prettier-ignore
  const status = (): JsonObject => ({
    ...draw.of<JsonObject>([
      {},
      {},
      { certificate: 'dg==' },
      { certificate: 'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUI=' },
    ]),
    conditions: Array.from({ length: draw.below(3) }, condition),
  }) // prettier-ignore
  const part = draw.of(['approval', 'approval', 'status'])
  const body = (): Json => ({ ...parted(draw, seed, draw.below(2)), status: status() })
  return [
    made(scene),
    ...onPart(scene, part, body(), { status: status() }),
    ...onPart(scene, draw.of(['approval', 'status']), body(), { status: status() }),
    { method: 'GET', path: one },
  ]
}

/** Tokens of service accounts. */
export function token(scene: Scene): ContractStep[] {
  const { draw, one } = scene
  const spec = (): Json => ({
    ...draw.of<JsonObject>([{}, { audiences: ['a'] }, { audiences: [] }, { audiences: 'x' }]),
    ...draw.of<JsonObject>([
      {},
      { expirationSeconds: draw.of<Json>([600, 599, 3600, 5000000000, -1, 'x']) },
    ]),
    ...draw.of<JsonObject>([
      {},
      {},
      {
        boundObjectRef: {
          kind: draw.of(['Pod', 'Secret', 'Node', 'ConfigMap', '']),
          apiVersion: draw.of(['v1', 'v2', '']),
          name: draw.of(['nope', '', 'x']),
          uid: draw.of(['', 'y']),
        },
      },
    ]),
  }) // prettier-ignore
  const body = (): Json => ({
    apiVersion: draw.of(['authentication.k8s.io/v1', 'authentication.k8s.io/v1', 'v1']),
    kind: draw.of(['TokenRequest', 'TokenRequest', 'TokenReview']),
    ...draw.of<JsonObject>([
      {},
      { metadata: { name: 'x' } },
      { metadata: { name: 'y' } },
      { metadata: { namespace: 'other' } },
    ]),
    ...draw.of<JsonObject>([{ spec: spec() }, { spec: spec() }, {}]),
  }) // prettier-ignore
  return [
    made(scene),
    {
      method: 'POST',
      path: `${one}/token${draw.of(['?dryRun=All', ''])}`,
      body: { ...(body() as JsonObject), spec: { expirationSeconds: 599 } },
    },
    {
      method: 'POST',
      path: `${one}${draw.of(['', '', '-nope'])}/token?fieldValidation=${draw.of(['Strict', 'Warn'])}`,
      body: body(),
    },
  ] // prettier-ignore
}

/** Namespaces that somebody keeps. */
export function finalize(scene: Scene): ContractStep[] {
  const { draw, seed, one } = scene
  const body = (): JsonObject => ({
    spec: draw.of<Json>([
      {},
      { finalizers: [] },
      { finalizers: ['kubernetes', 'a.io/b'] },
      { finalizers: ['x'] },
      null,
    ]),
  })
  const metadata = draw.of<Json>([metadataOf(seed), { ...metadataOf(seed), labels: { z: 'z' } }])
  return [
    made(scene),
    {
      method: 'PUT',
      path: `${one}/finalize${draw.of(['', '?dryRun=All'])}`,
      body: { ...seed, metadata, ...body() },
    },
    { method: 'PUT', path: one, body: { ...seed, ...body() } },
    { method: 'GET', path: one },
  ]
}

/** One object in two versions of its kind. */
export function versions(scene: Scene): ContractStep[] {
  const { draw, one } = scene
  const own = seeds.filter((each) => each['kind'] === 'HorizontalPodAutoscaler')
  const paths = new Map(own.map((each) => [each, placeOf(each).one]))
  const step = (): ContractStep => {
    const seed = draw.of(own)
    const at = paths.get(seed) ?? one
    const body = parted(draw, seed, draw.below(2))
    return draw.of<ContractStep>([
      {
        method: 'PATCH',
        path: `${at}?fieldManager=${draw.of(['m1', 'm2'])}${draw.of(['', '&force=true'])}`,
        headers: sent(PATCH.apply),
        body,
      },
      {
        method: 'PATCH',
        path: `${at}?fieldManager=${draw.of(['m1', 'm2'])}`,
        headers: sent(PATCH.apply),
        body: seed,
      },
      { method: 'PUT', path: `${at}?fieldManager=m3`, body },
      {
        method: 'PATCH',
        path: at,
        headers: sent(draw.of([PATCH.merge, PATCH.strategic])),
        body: { spec: { maxReplicas: draw.of<Json>([3, 7]) } },
      },
      { method: 'GET', path: at },
    ]) // prettier-ignore
  }
  return [made(scene), step(), step(), step(), step()]
}

const REVIEWS: readonly (readonly [string, string, string])[] = [
  ['authorization.k8s.io', 'subjectaccessreviews', 'SubjectAccessReview'],
  ['authorization.k8s.io', 'selfsubjectaccessreviews', 'SelfSubjectAccessReview'],
  ['authorization.k8s.io', 'namespaces/{ns}/localsubjectaccessreviews', 'LocalSubjectAccessReview'],
  ['authentication.k8s.io', 'tokenreviews', 'TokenReview'],
]

/** What is asked about access. */
export function reviews({ draw }: Scene): ContractStep[] {
  const one = (): ContractStep => {
    const [group, path, kind] = draw.of(REVIEWS)
    const type = builtinType({ group, version: 'v1', kind })
    const spec = type?.map?.fields.get('spec')?.type
    const body: JsonObject = {
      apiVersion: `${group}/v1`,
      kind,
      ...(draw.below(6) === 0
        ? { metadata: draw.of<Json>([{ name: 'x' }, { namespace: 'y' }, { labels: { a: 'b' } }]) }
        : {}),
      ...(spec === undefined || draw.below(10) === 0
        ? {}
        : { spec: valueFor(draw, spec, 'spec', 0) }),
      ...(draw.below(12) === 0 ? { bogus: 1 } : {}),
    } // prettier-ignore
    const query = draw.of(['', '', '?dryRun=All', '?fieldValidation=Strict', '?fieldManager=m'])
    return {
      method: draw.of(['POST', 'POST', 'POST', 'POST', 'POST', 'GET']),
      path: `/apis/${group}/v1/${path}${query}`,
      body,
    } // prettier-ignore
  }
  return [one(), one(), one()]
}
