import type { JsonObject, KubeObject } from '../object/index.ts'
import type { Attributes } from './admission/index.ts'
import { type Ask, isDryRun, managerOf } from './ask.ts'
import type { User } from './core.ts'
import type { Kind } from './kind.ts'
import { optionsIn } from './options.ts'
import { scaleOf } from './scale.ts'

/** Who writes what, and how. */
export interface Write {
  readonly kind: Kind
  readonly namespace: string
  readonly name: string
  readonly subresource: string
  readonly manager: string
  readonly user: User
  readonly dryRun: boolean
  readonly verb?: 'patch'
  /** The body has the form of its schema already. */
  readonly conformed?: boolean
  /** The body brought its managedFields, or asks for none (`apply` keeps its own). */
  readonly tracked?: boolean
  /** The resourceVersion that a new object came with. */
  readonly revision?: string
  /** Where warnings are collected; absent: nobody hears them. */
  readonly warnings?: string[]
  /** What admission is told of the options of the request. */
  readonly options?: JsonObject
}

/** What a request wants to write under a name. */
export function writeOf(ask: Ask, name: string): Write {
  return {
    kind: ask.kind,
    namespace: ask.namespace,
    name,
    subresource: ask.subresource,
    manager: managerOf(ask),
    user: ask.user,
    dryRun: isDryRun(ask),
    warnings: ask.warnings,
    options: optionsIn(ask),
    ...(ask.verb === 'patch' ? { verb: 'patch' } : {}),
  }
}

/** A write as admission sees it. */
export function attributesOf(write: Write, object: KubeObject, live?: KubeObject): Attributes {
  const { kind, subresource, namespace, user, dryRun, options } = write
  const isScale = subresource === 'scale'
  const name = live?.metadata.name ?? object.metadata.name ?? write.name
  return {
    kind,
    subresource,
    operation: live === undefined ? 'CREATE' : 'UPDATE',
    namespace: kind.namespaced ? namespace : '',
    name,
    user,
    dryRun,
    object: isScale ? scaleOf(kind, object) : object,
    old: isScale && live !== undefined ? scaleOf(kind, live) : live,
    warnings: write.warnings ?? [],
    ...(isScale ? { speaks: SCALE } : {}),
    ...(options === undefined ? {} : { options }),
  }
}

const SCALE = { group: 'autoscaling', version: 'v1', kind: 'Scale' }

/** Who replaces an object need not say what only the server writes: then admission does not see it. */
export function asSent(
  { verb, subresource }: Write,
  next: KubeObject,
  body: KubeObject,
): KubeObject {
  if (verb === 'patch' || subresource !== '') return next
  const { uid, creationTimestamp, resourceVersion, ...rest } = next.metadata
  const { metadata } = body
  return {
    ...next,
    metadata: {
      ...rest,
      ...(metadata.uid === undefined || uid === undefined ? {} : { uid }),
      ...(metadata.creationTimestamp === undefined || creationTimestamp === undefined
        ? {}
        : { creationTimestamp }),
      ...(metadata.resourceVersion === undefined || resourceVersion === undefined
        ? {}
        : { resourceVersion }),
    },
  }
}
