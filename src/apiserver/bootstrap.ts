import { rfc3339, uuid } from '../base/index.ts'
import { isObject, type KubeObject, parseApiVersion, valueAt } from '../object/index.ts'
import { DEFAULT_ROLES } from './auth/roles.generated.ts'
import {
  apiServices,
  KUBERNETES_SERVICE,
  NODE,
  NODE_NAME,
  nodeStatus,
  PRIORITY_CLASSES,
  STORAGE_CLASS,
} from './bootstrap-objects.ts'
import { type Core, SYSTEM_USER } from './core.ts'
import { keyOf } from './kind.ts'
import { createObject } from './writes.ts'

/** Creates what every cluster has, where it is missing; with `simulation`, a node and storage too. */
export function bootstrap(
  core: Core,
  options: { readonly simulation: boolean; readonly objects: readonly KubeObject[] },
): void {
  const now = rfc3339(core.clock.now())
  for (const name of ['default', 'kube-node-lease', 'kube-public', 'kube-system'])
    createMissing(core, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  for (const object of [...KUBERNETES_SERVICE, ...PRIORITY_CLASSES]) createMissing(core, object)
  for (const object of [...DEFAULT_ROLES, ...options.objects]) putMissing(core, object, now)
  for (const object of apiServices(now)) createWithStatus(core, object)
  if (!options.simulation) return
  createMissing(core, STORAGE_CLASS)
  if (core.store.get('nodes', NODE_NAME) !== undefined) return
  createWithStatus(core, { ...NODE, status: nodeStatus(now) })
  const node = core.store.get('nodes', NODE_NAME)
  // It is ready from the start, so the taint of a new node goes at once.
  if (node !== undefined) core.store.put('nodes', NODE_NAME, { ...node, spec: NODE['spec'] ?? {} })
}

/** Puts an object that is complete but for what differs each time: creating each costs a start dear. */
function putMissing(core: Core, body: KubeObject, now: string): void {
  const kind = core.registry.byKind(parseApiVersion(body.apiVersion).group, body.kind)
  if (kind === undefined) return
  const { name = '', namespace = '', managedFields = [] } = body.metadata
  const key = keyOf(kind, namespace, name)
  if (core.store.get(kind.table, key) !== undefined) return
  const metadata = {
    ...body.metadata,
    uid: uuid(core.random),
    creationTimestamp: now,
    managedFields: managedFields.map((entry) => ({ ...entry, time: now })),
  }
  core.store.put(kind.table, key, { ...body, metadata })
}

/** Creates an object in the server's own name unless it is there. */
export function createMissing(core: Core, body: KubeObject): void {
  const { group, version } = parseApiVersion(body.apiVersion)
  const kind = core.registry.byKind(group, body.kind, version)
  if (kind === undefined) return
  const { name = '', namespace = '' } = body.metadata
  const key = kind.namespaced ? `${namespace}/${name}` : name
  if (core.store.get(kind.table, key) !== undefined) return
  const manager = 'kube-apiserver'
  const write = { kind, namespace, name, subresource: '', manager, user: SYSTEM_USER }
  createObject(core, { ...write, dryRun: false }, body)
}

/** The same for an object of no namespace that brings its status, which creation drops. */
export function createWithStatus(core: Core, body: KubeObject): void {
  const { group, version } = parseApiVersion(body.apiVersion)
  const kind = core.registry.byKind(group, body.kind, version)
  const { name = '' } = body.metadata
  if (kind === undefined) return
  const { table } = kind
  if (isObject(valueAt(core.store.get(table, name) as never, 'status', 'conditions', 0))) return
  createMissing(core, body)
  const live = core.store.get(table, name)
  if (live !== undefined) core.store.put(table, name, { ...live, status: body['status'] })
}
