import type { KubeObject } from '../object/index.ts'
import { keyOf } from './kind.ts'
import { conflict, MODIFIED, StatusFault } from './status.ts'
import { needsRevision, revisionMissing } from './update-rules.ts'
import type { Write } from './write.ts'

/** Where etcd has kinds that are kept under another name. */
const REGISTRY: Readonly<Record<string, string>> = {
  services: 'services/specs',
  endpoints: 'services/endpoints',
  nodes: 'minions',
  replicationcontrollers: 'controllers',
  'ingresses.networking.k8s.io': 'ingress',
}

/**
 * Checks that an update is one of the object that is there, in the state that it was made for.
 * @throws StatusFault 409, 422, 500
 */
export function checkPreconditions(write: Write, live: KubeObject, body: KubeObject): void {
  const { kind } = write
  const name = live.metadata.name ?? ''
  // Who applies may say null.
  const uid = body.metadata.uid ?? ''
  const resourceVersion = body.metadata.resourceVersion ?? ''
  if (write.verb === 'patch' && /^0*$/.test(resourceVersion) && needsRevision(kind))
    throw revisionMissing(kind, name)
  if (write.verb !== 'patch' && uid !== '' && uid !== live.metadata.uid)
    throw conflict(
      kind,
      name,
      `StorageError: invalid object, Code: 4, Key: /registry/${REGISTRY[kind.table] ?? kind.plural}/${keyOf(kind, write.namespace, name)}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid}`,
    )
  if (!/^\d*$/.test(resourceVersion)) throw unreadableRevision(resourceVersion)
  // None, as 0 is none.
  if (/^0*$/.test(resourceVersion) || resourceVersion === live.metadata.resourceVersion) return
  throw conflict(kind, name, MODIFIED)
}

function unreadableRevision(given: string): StatusFault {
  const message = `strconv.ParseUint: parsing ${JSON.stringify(given)}: invalid syntax`
  return new StatusFault({ code: 500, reason: '', message })
}
