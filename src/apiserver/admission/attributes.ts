import type { JsonObject, KubeObject } from '../../object/index.ts'
import type { Core, User } from '../core.ts'
import type { Kind } from '../kind.ts'
import { forbidden, type StatusFault } from '../status.ts'

/** A kind by its name. */
export interface GroupVersionKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** What is about to happen to an object, as admission sees it. */
export interface Attributes {
  readonly kind: Kind
  readonly subresource: string
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'
  readonly namespace: string
  readonly name: string
  readonly user: User
  readonly dryRun: boolean
  readonly object: KubeObject | undefined
  readonly old: KubeObject | undefined
  /** What the object is, where a subresource speaks of something else than the kind. */
  readonly speaks?: GroupVersionKind | undefined
  /** The options of the request beside `dryRun`, as their Go type writes them. */
  readonly options?: JsonObject
  /** Collected for the `Warning` header. */
  readonly warnings: string[]
}

/** The group whose objects say what is admitted: nothing of it is asked about itself. */
export const ADMISSION_GROUP = 'admissionregistration.k8s.io'

/** The object that admission is about: of a deletion, what goes. */
export function subjectOf(attributes: Attributes): KubeObject | undefined {
  return attributes.object ?? attributes.old
}

/** The namespace that an object is in; of a namespace, itself. */
export function namespaceOf(core: Core, attributes: Attributes): KubeObject | undefined {
  if (isNamespace(attributes)) return subjectOf(attributes)
  return attributes.namespace === ''
    ? undefined
    : core.store.get('namespaces', attributes.namespace)
}

/** Whether it is about a namespace. */
export function isNamespace({ kind }: Pick<Attributes, 'kind'>): boolean {
  return kind.group === '' && kind.plural === 'namespaces'
}

/** A refusal by admission. */
export function refused(attributes: Attributes, why: string): StatusFault {
  const { kind, name, object } = attributes
  // The options of a connection have no metadata.
  const metadata: KubeObject['metadata'] | undefined = object?.metadata
  const made = metadata?.name ?? metadata?.generateName ?? 'Unknown'
  return forbidden(kind, name === '' ? made : name, why)
}

/**
 * What was asked for, in the form of an AdmissionRequest; what is empty is left out. `as` is the kind
 * that the one who is told knows it by.
 */
export function requestOf(attributes: Attributes, as: Kind = attributes.kind): JsonObject {
  const { kind, subresource, user, speaks } = attributes
  const { name } = attributes
  const namespace = isNamespace(attributes) ? name : attributes.namespace
  return {
    kind: nameOf(speaks ?? as),
    resource: resourceOf(as),
    ...(subresource === '' ? {} : { subResource: subresource }),
    requestKind: nameOf(speaks ?? kind),
    requestResource: resourceOf(kind),
    ...(subresource === '' ? {} : { requestSubResource: subresource }),
    ...(name === '' ? {} : { name }),
    ...(namespace === '' ? {} : { namespace }),
    operation: attributes.operation,
    userInfo: {
      username: user.name,
      ...(user.uid === undefined ? {} : { uid: user.uid }),
      ...(user.groups.length === 0 ? {} : { groups: user.groups }),
      ...(user.extra === undefined ? {} : { extra: user.extra }),
    },
    dryRun: attributes.dryRun,
    ...optionsOf(attributes),
  }
}

function nameOf({ group, version, kind }: GroupVersionKind): JsonObject {
  return { group, version, kind }
}

function resourceOf({ group, version, plural }: Kind): JsonObject {
  return { group, version, resource: plural }
}

const OPTIONS = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' }

/** A connection has no options but its object. */
function optionsOf({ operation, options, dryRun }: Attributes): JsonObject {
  if (operation === 'CONNECT') return { options: null }
  return {
    options: {
      kind: OPTIONS[operation],
      apiVersion: 'meta.k8s.io/v1',
      ...(dryRun ? { dryRun: ['All'] } : {}),
      ...options,
    },
  }
}
