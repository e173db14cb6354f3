import { isObject, type Json, type JsonObject } from '../../../src/object/index.ts'
import type { ContractStep } from '../../../test/kit/cluster-contract.ts'
import { PATCH } from './cases.ts'
import { changed, drawChange, typeOfObject } from './mutate.ts'
import type { Draw } from './values.ts'

/** What a play is about. */
export interface Scene {
  readonly draw: Draw
  readonly seed: JsonObject
  readonly list: string
  readonly one: string
}

/** Requests about the object of a scene. */
export type Play = (scene: Scene) => ContractStep[]

/** The header of a body's media type. */
export const sent = (type: string): Readonly<Record<string, string>> => ({ 'content-type': type })

/** The request that makes the object of a scene. */
export function made({ seed, list }: Scene): ContractStep {
  return { method: 'POST', path: `${list}?fieldManager=m0`, body: seed }
}

/** The metadata of a seed. */
export function metadataOf(seed: JsonObject): JsonObject {
  const { metadata } = seed
  return isObject(metadata) ? metadata : {}
}

/** An object changed a few times. */
export function parted(draw: Draw, object: JsonObject, times: number): JsonObject {
  let next = object
  for (let i = 0; i < times; i += 1)
    next = changed(next, [drawChange(draw, next, typeOfObject(object))]) as JsonObject
  return next
}

/** A part written in one of the ways to write it, and read. */
export function onPart(scene: Scene, part: string, body: Json, patch: JsonObject): ContractStep[] {
  const { draw, one } = scene
  return [
    draw.of<ContractStep>([
      { method: 'PUT', path: `${one}/${part}`, body },
      { method: 'PATCH', path: `${one}/${part}`, headers: sent(PATCH.strategic), body: patch },
      { method: 'PATCH', path: `${one}/${part}`, headers: sent(PATCH.merge), body: patch },
      {
        method: 'PATCH',
        path: `${one}/${part}?fieldManager=m1`,
        headers: sent(PATCH.apply),
        body: {
          apiVersion: scene.seed['apiVersion'] ?? '',
          kind: scene.seed['kind'] ?? '',
          metadata: { name: metadataOf(scene.seed)['name'] ?? '' },
          ...patch,
        },
      },
    ]),
    { method: 'GET', path: draw.of([one, `${one}/${part}`]) },
  ] // prettier-ignore
}
