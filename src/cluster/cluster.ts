import { noMetrics, silentLog } from '../base/index.ts'
import {
  type ApiRequest,
  type Cluster,
  fieldAt,
  gvkOf,
  type Impersonation,
  isApiFault,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  type ObjectRef,
  type PatchBody,
  type WriteOptions,
} from '../object/index.ts'
import { createDiscovery } from './discovery.ts'
import { statusFault } from './faults.ts'
import { listAll, METADATA_ONE, named } from './list.ts'
import { type Query, resourcePath, resourceText, withQuery } from './paths.ts'
import { createSender } from './send.ts'
import { type ClusterDeps, JSON_TYPE, requestOn, type Session, withResource } from './session.ts'
import { watchResource } from './watch.ts'

const PATCH_TYPES: Readonly<Record<PatchBody['type'], string>> = {
  apply: 'application/apply-patch+yaml',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
}

/** A cluster over a transport. */
export function createCluster(deps: ClusterDeps): Cluster {
  const all = { log: silentLog, metrics: noMetrics, host: '', ...deps }
  const sender = createSender(all, all.host)
  const ask = async (path: string, accept: string): Promise<JsonObject | undefined> => {
    try {
      const request = { method: 'GET', path, headers: { accept } } as const
      const asked = { verb: 'get', resource: path }
      const body = parseBody(await (await sender.send(request, asked)).text())
      return isObject(body) ? body : undefined
    } catch (error) {
      if (isApiFault(error, 'NOT_FOUND')) return undefined
      throw error
    }
  }
  return clusterOf({
    deps: all,
    sender,
    discovery: createDiscovery(ask, all.clock),
    identity: {},
  })
}

function clusterOf(session: Session): Cluster {
  return {
    resource: (kind) => session.discovery.resource(kind),
    get: (ref, options = {}) =>
      onObject(session, 'get', ref, {
        method: 'GET',
        ...(options.metadataOnly === true ? { headers: { accept: METADATA_ONE } } : {}),
        ...signalOf(options),
      }),
    list: (kind, options = {}) =>
      withResource(session, kind, (resource) => listAll(session, resource, options)),
    watch: (kind, options) => watchResource(session, kind, options),
    create: (object, options = {}) => create(session, object, options),
    update: (object, options = {}) =>
      onObject(session, 'update', refOf(object), {
        method: 'PUT',
        query: writeQuery(options),
        body: JSON.stringify(object),
        headers: { 'content-type': JSON_TYPE },
        ...subresourceOf(options),
        ...signalOf(options),
      }),
    patch: (ref, body, options = {}) =>
      onObject(session, 'patch', ref, {
        method: 'PATCH',
        query: { ...writeQuery(options), force: forced(body) },
        body: JSON.stringify(body.value),
        headers: { 'content-type': PATCH_TYPES[body.type] },
        ...subresourceOf(options),
        ...signalOf(options),
      }),
    delete: async (ref, options = {}) => {
      const preconditions = { uid: options.uid, resourceVersion: options.resourceVersion }
      const guarded = Object.values(preconditions).some((value) => value !== undefined)
      await onObject(session, 'delete', ref, {
        method: 'DELETE',
        body: JSON.stringify({
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          propagationPolicy: options.propagation,
          // Beside a body, servers do not look at the query.
          ...(options.dryRun === true ? { dryRun: ['All'] } : {}),
          ...(guarded ? { preconditions } : {}),
        }),
        headers: { 'content-type': JSON_TYPE },
        ...signalOf(options),
      })
    },
    serviceAccountToken: async (account, audiences, options = {}) => {
      const ref = { group: '', kind: 'ServiceAccount', version: 'v1', ...account }
      const answer = await onObject(session, 'create', ref, {
        method: 'POST',
        subresource: 'token',
        headers: { 'content-type': JSON_TYPE },
        body: JSON.stringify({
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenRequest',
          spec: { audiences },
        }),
        ...signalOf(options),
      })
      const token = fieldAt(answer, 'status', 'token')
      return typeof token === 'string' ? token : ''
    },
    as: (who) => clusterOf({ ...session, identity: identityOf(who) }),
    forgetDiscovery: () => session.discovery.forget(),
  }
}

interface ObjectRequest {
  readonly method: ApiRequest['method']
  readonly query?: Query
  readonly headers?: ApiRequest['headers']
  readonly body?: string
  readonly subresource?: string
  readonly signal?: AbortSignal
}

async function onObject(
  session: Session,
  verb: string,
  ref: ObjectRef,
  request: ObjectRequest,
): Promise<KubeObject> {
  return withResource(session, ref, async (resource) => {
    const { query = {}, subresource, method, headers, body, signal } = request
    const asked = { verb, resource: resourceText(resource), name: ref.name }
    if (resource.namespaced && ref.namespace === '')
      throw statusFault(404, { reason: 'NotFound', details: { name: ref.name } }, asked)
    const path = resourcePath(resource, {
      namespace: ref.namespace,
      name: ref.name,
      ...(subresource === undefined ? {} : { subresource }),
    })
    const response = await requestOn(
      session,
      resource,
      verb,
      {
        method,
        path: withQuery(path, query),
        ...(headers === undefined ? {} : { headers }),
        ...(body === undefined ? {} : { body }),
        ...(signal === undefined ? {} : { signal }),
      },
      ref.name,
    )
    return named(parseBody(await response.text()), resource)
  })
}

async function create(
  session: Session,
  object: KubeObject,
  options: WriteOptions,
): Promise<KubeObject> {
  return withResource(session, gvkOf(object), async (resource) => {
    const namespace = object.metadata.namespace
    const path = resourcePath(resource, namespace === undefined ? {} : { namespace })
    const response = await requestOn(session, resource, 'create', {
      method: 'POST',
      path: withQuery(path, writeQuery(options)),
      headers: { 'content-type': JSON_TYPE },
      body: JSON.stringify(object),
      ...signalOf(options),
    })
    return named(parseBody(await response.text()), resource)
  })
}

function parseBody(text: string): Json {
  return JSON.parse(text) as Json
}

function refOf(object: KubeObject): ObjectRef {
  const { name = '', namespace = '' } = object.metadata
  return { ...gvkOf(object), name, namespace }
}

function writeQuery(options: WriteOptions): Query {
  return {
    fieldManager: options.fieldManager,
    dryRun: options.dryRun === true ? 'All' : undefined,
  }
}

function forced(body: PatchBody): string | undefined {
  return body.type === 'apply' && body.force === true ? 'true' : undefined
}

function signalOf(options: { readonly signal?: AbortSignal }): { readonly signal?: AbortSignal } {
  return options.signal === undefined ? {} : { signal: options.signal }
}

function subresourceOf(options: { readonly subresource?: string }): {
  readonly subresource?: string
} {
  return options.subresource === undefined ? {} : { subresource: options.subresource }
}

function identityOf(who: Impersonation): Session['identity'] {
  return {
    'impersonate-user': who.user,
    ...(who.groups === undefined ? {} : { 'impersonate-group': who.groups }),
  }
}
