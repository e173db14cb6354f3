import type { JsonObject, KubeObject } from '../../object/index.ts'
import type { Core, User } from '../core.ts'
import type { Kind } from '../kind.ts'
import { forbidden, type StatusFault } from '../status.ts'

/** What is about to happen to an object, as admission sees it. */
export interface Attributes {
  readonly kind: Kind
  readonly subresource: string
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE'
  readonly namespace: string
  readonly name: string
  readonly user: User
  readonly dryRun: boolean
  readonly object: KubeObject | undefined
  readonly old: KubeObject | undefined
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
  const { kind, name } = attributes
  const given = subjectOf(attributes)?.metadata.name ?? name
  return forbidden(kind, given, why)
}

/** What was asked for, in the form of an AdmissionRequest; what is empty is left out. */
export function requestOf(attributes: Attributes): JsonObject {
  const { kind, subresource, namespace, user } = attributes
  const gvk = { group: kind.group, version: kind.version, kind: kind.kind }
  const gvr = { group: kind.group, version: kind.version, resource: kind.plural }
  const name = subjectOf(attributes)?.metadata.name ?? attributes.name
  return {
    kind: gvk,
    resource: gvr,
    ...(subresource === '' ? {} : { subResource: subresource }),
    requestKind: gvk,
    requestResource: gvr,
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
    options: { kind: OPTIONS[attributes.operation], apiVersion: 'meta.k8s.io/v1' },
  }
}

const OPTIONS = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' }
