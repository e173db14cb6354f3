import {
  allocateService,
  applyBuiltinDefaults,
  prepareCreate,
  prepareUpdate,
  type Refusal,
  resetFields,
} from '../../src/apiserver/builtin/index.ts'
import { applyPatch, trackUpdate } from '../../src/apiserver/fields/index.ts'
import { mergePatch, strategicMerge } from '../../src/apiserver/patch/index.ts'
import { compileStructural, type StructuralSchema } from '../../src/apiserver/structural/index.ts'
import { gvkOf, type JsonObject, type KubeObject, sameJson } from '../../src/object/index.ts'
import { builtinKind, builtinType, conform, type SchemaType } from '../../src/schema/index.ts'

/** The time of every write. */
export const NOW: number = Date.parse('2026-01-01T00:00:00Z')

/** The address and port that the write path gives to services. */
export const SERVICE_IP = '10.0.0.1'
export const NODE_PORT = 30001

/** One write, as the recordings of a real API server hold it. */
export interface Write {
  readonly op: 'create' | 'apply' | 'update' | 'merge' | 'strategic'
  readonly manager: string
  readonly force?: boolean
  readonly subresource?: string
  readonly body: JsonObject
}

/** What a write makes. */
export type Written = { readonly object: KubeObject } | { readonly refusal: Refusal }

/** The schema of the custom kind of the recordings. */
export interface Custom {
  readonly kind: string
  readonly schema: StructuralSchema
}

/** Reads the custom kind of a CRD. */
export function customOf(crd: JsonObject): Custom {
  const spec = crd['spec'] as JsonObject
  const version = (spec['versions'] as JsonObject[])[0] ?? {}
  const schema = (version['schema'] as JsonObject)['openAPIV3Schema'] as JsonObject
  return { kind: String((spec['names'] as JsonObject)['kind']), schema: compileStructural(schema) }
}

/** All that the API server does to an object between the request and the store, without a store. */
export function write(live: KubeObject | undefined, request: Write, custom?: Custom): Written {
  const first = request.body as unknown as KubeObject
  const subject = live ?? first
  const own = custom !== undefined && subject.kind === custom.kind ? custom : undefined
  const path = new Path(subject, own, request)
  if (request.op === 'apply') return path.apply(live, first)
  if (live === undefined) return { object: path.create(first) }
  if (request.op === 'update') return { object: path.update(live, path.identified(first, live)) }
  const patched =
    request.op === 'merge'
      ? mergePatch(live as unknown as JsonObject, request.body)
      : strategicMerge(live as unknown as JsonObject, request.body, path.type)
  if ('refusal' in patched) return patched
  return { object: path.update(live, patched.object as unknown as KubeObject) }
}

class Path {
  readonly type: SchemaType
  private readonly custom: Custom | undefined
  private readonly request: Write
  private readonly common: Parameters<typeof trackUpdate>[0]

  constructor(subject: KubeObject, custom: Custom | undefined, request: Write) {
    this.custom = custom
    this.request = request
    const kind = gvkOf(subject)
    this.type = custom?.schema.type ?? builtinType(kind) ?? {}
    const reset = resetFields(
      kind,
      request.subresource,
      custom === undefined ? undefined : { hasStatus: true },
    )
    this.common = {
      type: this.type,
      manager: request.manager,
      subresource: request.subresource,
      now: NOW,
      reset,
      next: subject,
    }
  }

  create(first: KubeObject): KubeObject {
    const next = this.complete(placed(first))
    return this.prepared(trackUpdate({ ...this.common, next }), undefined)
  }

  update(live: KubeObject, next: KubeObject): KubeObject {
    const complete = this.complete(next)
    return this.prepared(trackUpdate({ ...this.common, live, next: complete }), live)
  }

  apply(live: KubeObject | undefined, applied: KubeObject): Written {
    const force = this.request.force === true
    const result = applyPatch({ ...this.common, live, applied, force })
    if ('refusal' in result) return result
    const object = live === undefined ? placed(result.object) : result.object
    return { object: this.prepared(this.complete(object), live) }
  }

  identified(next: KubeObject, live: KubeObject): KubeObject {
    const { uid, creationTimestamp, namespace } = live.metadata
    const identity = { uid, creationTimestamp, namespace }
    const given = Object.entries(identity).filter(([, value]) => value !== undefined)
    return { ...next, metadata: { ...next.metadata, ...Object.fromEntries(given) } }
  }

  private complete(object: KubeObject): KubeObject {
    if (this.custom !== undefined)
      return this.custom.schema.applyDefaults(this.custom.schema.prune(object).object)
    return applyBuiltinDefaults(conform(object as never).object as unknown as KubeObject)
  }

  private prepared(object: KubeObject, live: KubeObject | undefined): KubeObject {
    const subresource = this.request.subresource ?? ''
    if (this.custom !== undefined) return preparedCustom(object, live, subresource)
    const done =
      live === undefined
        ? prepareCreate(object, { now: NOW })
        : prepareUpdate(object, live, subresource, { now: NOW })
    if (done.kind !== 'Service') return done
    return allocateService(done, live, {
      clusterIp: () => SERVICE_IP,
      nodePort: () => NODE_PORT,
    })
  }
}

function placed(object: KubeObject): KubeObject {
  const namespaced = builtinKind(gvkOf(object))?.namespaced ?? true
  const namespace = namespaced ? { namespace: object.metadata.namespace ?? 'default' } : {}
  return { ...object, metadata: { ...object.metadata, ...namespace, uid: 'UID' } }
}

function preparedCustom(
  object: KubeObject,
  live: KubeObject | undefined,
  subresource: string,
): KubeObject {
  const { status: own, ...rest } = object as KubeObject & { status?: unknown }
  if (live === undefined)
    return { ...rest, metadata: { ...rest.metadata, generation: 1 } } as KubeObject
  const { status: old, ...before } = live as KubeObject & { status?: unknown }
  if (subresource === 'status') {
    const managedFields = object.metadata.managedFields ?? []
    const kept = { ...before, metadata: { ...before.metadata, managedFields } }
    return (own === undefined ? kept : { ...kept, status: own }) as KubeObject
  }
  const same = sameJson(
    { ...rest, metadata: {} } as unknown as JsonObject,
    { ...before, metadata: {} } as unknown as JsonObject,
  )
  const generation = (live.metadata.generation ?? 1) + (same ? 0 : 1)
  const next = { ...rest, metadata: { ...rest.metadata, generation } }
  return (old === undefined ? next : { ...next, status: old }) as KubeObject
}

/** An object without what no two servers have in common: identity, versions, times. */
export function comparable(object: KubeObject): JsonObject {
  const {
    uid,
    resourceVersion: _version,
    creationTimestamp: _created,
    managedFields,
    ...meta
  } = object.metadata
  const entries = managedFields
    ?.map(({ time, ...entry }) => ({ ...entry, timed: time !== undefined }))
    .sort((a, b) => (entryKey(a) < entryKey(b) ? -1 : 1))
  const text = JSON.stringify({
    ...object,
    metadata: { ...meta, ...(entries === undefined ? {} : { managedFields: entries }) },
  })
  const anonymous = uid === undefined || uid === '' ? text : text.replaceAll(uid, 'UID')
  return JSON.parse(
    anonymous.replaceAll(/"lastPhaseTransitionTime":"[^"]*"/g, '"lastPhaseTransitionTime":"T"'),
  ) as JsonObject
}

function entryKey(entry: {
  readonly operation?: string
  readonly manager?: string
  readonly subresource?: string
  readonly apiVersion?: string
}): string {
  return JSON.stringify([entry.operation, entry.manager, entry.apiVersion, entry.subresource ?? ''])
}
