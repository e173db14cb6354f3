import { type JsonObject, type KubeObject, parseApiVersion, sameJson } from '../../object/index.ts'
import { type CustomKind, groupVersion, inVersion, type Kind } from '../kind.ts'
import { StatusFault } from '../status.ts'
import { compileStructural, type StructuralSchema } from '../structural/index.ts'
import { noteReread } from '../unsettled.ts'
import { inOrder } from './ordered.ts'
import { givenByWebhook, Unconverted } from './run.ts'
import type { Need } from './webhook.ts'

/** Objects by what was read. */
type Known = WeakMap<CustomKind, WeakMap<KubeObject, KubeObject>>

const read: Known = new WeakMap()
const told: Known = new WeakMap()
const schemas = new WeakMap<JsonObject, StructuralSchema>()

/**
 * A custom object as its storage gives it: by the schema of the version that it is stored in, with its
 * defaults, then in the version of the kind, without what that does not know. Objects that were
 * written by that very schema are so.
 * @throws Unconverted where a webhook has to be asked
 * @see k8s.io/apiextensions-apiserver pkg/apiserver/customresource_handler.go (v0.36.3)
 */
export function readCustom(object: KubeObject, kind: Kind, custom: CustomKind): KubeObject {
  if (!custom.versionsDiffer) {
    const isNewer = Number(object.metadata.resourceVersion) > custom.revision
    if (isNewer) return inVersion(object, groupVersion(kind))
  }
  const decoded = once(read, custom, object, () => decodedOf(object, custom))
  const next = inVersionOf(decoded, groupVersion(kind), custom)
  return next === object ? next : noteReread(next)
}

/** The same for lists and watches, which remember what webhooks gave. */
export function listedCustom(object: KubeObject, kind: Kind, custom: CustomKind): KubeObject {
  return custom.conversion === undefined
    ? readCustom(object, kind, custom)
    : once(told, custom, object, () => readCustom(object, kind, custom))
}

/**
 * All of many objects at once, so that webhooks are asked for all that is missing.
 * @throws Unconverted
 */
export function listedAll(objects: Iterable<KubeObject>, kind: Kind): void {
  const { custom } = kind
  if (custom?.conversion === undefined) return
  const needs: Need[] = []
  for (const object of objects)
    try {
      listedCustom(object, kind, custom)
    } catch (error) {
      if (error instanceof Unconverted) needs.push(...error.needs)
      else if (!(error instanceof StatusFault)) throw error
    }
  if (needs.length > 0) throw new Unconverted(needs)
}

/**
 * A custom object as it is stored.
 * @throws Unconverted where a webhook has to be asked
 */
export function storedCustom(object: KubeObject, kind: Kind, custom: CustomKind): KubeObject {
  return inOrder(inVersionOf(object, kind.storedAs, custom))
}

/**
 * What a webhook or nobody makes of a custom object, without a look at the schema of the version.
 * @throws Unconverted where a webhook has to be asked
 */
export function rawCustom(object: KubeObject, to: string, custom: CustomKind): KubeObject {
  if (object.apiVersion === to) return object
  for (const [way, version] of [
    ['to convert CR to', to],
    ['to convert CR from', object.apiVersion],
  ] as const)
    if (!custom.schemas.has(parseApiVersion(version).version))
      throw new StatusFault({
        code: 500,
        reason: '',
        message: `request ${way} an invalid group/version: ${version}`,
      })
  const by = custom.conversion
  return by === undefined ? inVersion(object, to) : givenByWebhook({ object, to, by })
}

function inVersionOf(object: KubeObject, to: string, custom: CustomKind): KubeObject {
  if (object.apiVersion === to) return object
  const schema = schemaOf(custom, to)
  const next = rawCustom(object, to, custom)
  return schema === undefined ? next : same(schema.coerce(next), next)
}

function decodedOf(object: KubeObject, custom: CustomKind): KubeObject {
  const schema = schemaOf(custom, object.apiVersion)
  if (schema === undefined) return object
  return same(schema.applyDefaults(schema.prune(object).object), object)
}

function schemaOf(custom: CustomKind, apiVersion: string): StructuralSchema | undefined {
  const source = custom.schemas.get(parseApiVersion(apiVersion).version)
  if (source === undefined || custom.preserveUnknownFields) return undefined
  const known = schemas.get(source) ?? compileStructural(source)
  schemas.set(source, known)
  return known
}

function same(next: KubeObject, before: KubeObject): KubeObject {
  return sameJson(next as never, before as never) ? before : next
}

function once(
  known: Known,
  custom: CustomKind,
  object: KubeObject,
  make: () => KubeObject,
): KubeObject {
  const own = known.get(custom) ?? new WeakMap<KubeObject, KubeObject>()
  known.set(custom, own)
  const before = own.get(object)
  if (before !== undefined) return before
  const made = make()
  own.set(object, made)
  return made
}
