import type { JsonObject, KubeObject } from '../object/index.ts'
import type { Core } from './core.ts'
import { acceptedStatus, CRDS } from './crds.ts'

/** Starts what works behind the API; the returned function ends it. */
export function startBackground(core: Core): () => void {
  return core.store.subscribe(CRDS, (event) => {
    if (event.type === 'DELETED') return
    queueMicrotask(() => accept(core, event.key))
  })
}

function accept(core: Core, key: string): void {
  const crd = core.store.get(CRDS, key)
  if (crd === undefined) return
  const status = acceptedStatus(core, crd)
  if (JSON.stringify(status) === JSON.stringify((crd as unknown as JsonObject)['status'])) return
  const next: KubeObject = { ...crd, status }
  core.store.put(CRDS, key, next)
}
