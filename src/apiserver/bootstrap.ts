import type { KubeObject } from '../object/index.ts'
import { type Core, SYSTEM_USER } from './core.ts'
import { createObject } from './writes.ts'

/** Creates the namespaces that every cluster has, where they are missing. */
export function bootstrap(core: Core): void {
  for (const name of ['default', 'kube-node-lease', 'kube-public', 'kube-system']) {
    const body: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
    createMissing(core, body)
  }
}

/** Creates an object in the server's own name unless it is there. */
export function createMissing(core: Core, body: KubeObject, manager = 'kube-apiserver'): void {
  const [group, version] = body.apiVersion.includes('/')
    ? body.apiVersion.split('/')
    : ['', body.apiVersion]
  const kind = core.registry.byKind(group ?? '', body.kind, version)
  if (kind === undefined) return
  const { name = '', namespace = '' } = body.metadata
  const key = kind.namespaced ? `${namespace}/${name}` : name
  if (core.store.get(kind.table, key) !== undefined) return
  const write = {
    kind,
    namespace,
    name,
    subresource: '',
    manager,
    user: SYSTEM_USER,
    dryRun: false,
  }
  createObject(core, write, body)
}
