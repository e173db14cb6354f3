import type { Json, JsonObject } from '../../../src/object/index.ts'
import type { ContractStep } from '../../../test/kit/cluster-contract.ts'
import { PATCH, seeds } from './cases.ts'
import { made, type Scene, sent } from './part-scene.ts'

const VERSIONS: readonly string[] = [
  'v1',
  'v2',
  'apps/v1',
  'apps/v1beta1',
  'extensions/v1beta1',
  'policy/v1beta1',
  'x/v1',
  'a/b/c',
  '',
]

const TYPES: readonly string[] = [
  '',
  'application/json',
  'application/json; charset=utf-8',
  'application/json; a',
  'Application/merge-patch+json',
  'application/yaml',
  'application/cbor',
  'text/plain',
  'application/vnd.kubernetes.protobuf',
  ';',
]

/** Requests that say another kind, version or media type than they mean, or ask of all namespaces. */
export function odd(scene: Scene): ContractStep[] {
  const { draw, seed, list, one } = scene
  const other = (): Json => ({
    ...draw.of(seeds),
    ...draw.of<JsonObject>([{}, { apiVersion: draw.of(VERSIONS) }, { kind: draw.of(KINDS) }]),
  })
  const everywhere = list.replace('/namespaces/{ns}', '')
  const way = (): ContractStep =>
    draw.of<ContractStep>([
      { method: 'POST', path: `${list}?dryRun=All`, body: other() },
      { method: 'PUT', path: `${one}?dryRun=All`, body: other() },
      {
        method: 'PATCH',
        path: `${one}?dryRun=All&fieldManager=m`,
        headers: sent(PATCH.apply),
        body: other(),
      },
      {
        method: 'PATCH',
        path: `${one}?dryRun=All${draw.of(['', '&fieldValidation=Ignore'])}`,
        headers: sent(draw.of([PATCH.merge, PATCH.strategic, PATCH.json, PATCH.apply])),
        body: draw.of(['null', '[]', '1', '"x"', '{}', '']),
      },
      { method: 'POST', path: `${list}?dryRun=All`, headers: sent(draw.of(TYPES)), body: seed },
      { method: 'PATCH', path: `${one}?dryRun=All`, headers: sent(draw.of(TYPES)), body: '{}' },
      { method: 'GET', path: `${list}?continue=${draw.of(['x', 'a!b', 'eyJ2', 'e30', 'bnVsbA'])}` },
      { method: draw.of(['POST', 'PUT', 'PATCH']), path: `${everywhere}?dryRun=All`, body: seed },
      { method: 'POST', path: `${one}/${draw.of(['nope', 'status', 'scale'])}`, body: seed },
    ]) // prettier-ignore
  return [made(scene), way(), way(), way()]
}

const KINDS: readonly string[] = ['Pod', 'List', 'Status', 'DeleteOptions', 'PodList', 'Y', '']
