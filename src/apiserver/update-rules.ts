import { groupResource, type Kind } from './kind.ts'
import { invalid, type StatusFault } from './status.ts'

/** Kinds that an update makes where they are not there. */
const MADE: ReadonlySet<string> = new Set([
  'endpoints',
  'events',
  'limitranges',
  'services',
  'clusterrolebindings.rbac.authorization.k8s.io',
  'clusterroles.rbac.authorization.k8s.io',
  'events.events.k8s.io',
  'leases.coordination.k8s.io',
  'rolebindings.rbac.authorization.k8s.io',
  'roles.rbac.authorization.k8s.io',
  'runtimeclasses.node.k8s.io',
])

/** Whether PUT on a name that is free creates. */
export function isMadeByUpdate(kind: Kind): boolean {
  return MADE.has(groupResource(kind))
}

/** Kinds whose updates must say on top of which state they are made. */
const REVISED: ReadonlySet<string> = new Set([
  'csidrivers.storage.k8s.io',
  'csinodes.storage.k8s.io',
  'csistoragecapacities.storage.k8s.io',
  'customresourcedefinitions.apiextensions.k8s.io',
  'apiservices.apiregistration.k8s.io',
  'leases.coordination.k8s.io',
  'mutatingadmissionpolicies.admissionregistration.k8s.io',
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io',
  'mutatingwebhookconfigurations.admissionregistration.k8s.io',
  'poddisruptionbudgets.policy',
  'runtimeclasses.node.k8s.io',
  'validatingadmissionpolicies.admissionregistration.k8s.io',
  'validatingadmissionpolicybindings.admissionregistration.k8s.io',
  'validatingwebhookconfigurations.admissionregistration.k8s.io',
  'volumeattachments.storage.k8s.io',
])

/** Whether PUT without a resourceVersion is refused. */
export function needsRevision(kind: Kind): boolean {
  return kind.custom !== undefined || REVISED.has(groupResource(kind))
}

/** Kinds whose deletion answers their last state instead of a Status. */
const RETURNED: ReadonlySet<string> = new Set([
  'namespaces',
  'persistentvolumeclaims',
  'persistentvolumes',
  'pods',
  'podtemplates',
  'resourcequotas',
  'serviceaccounts',
  'services',
  'csidrivers.storage.k8s.io',
  'csinodes.storage.k8s.io',
  'deviceclasses.resource.k8s.io',
  'resourceclaims.resource.k8s.io',
  'resourceclaimtemplates.resource.k8s.io',
  'resourceslices.resource.k8s.io',
  'storageclasses.storage.k8s.io',
  'volumeattachments.storage.k8s.io',
  'volumeattributesclasses.storage.k8s.io',
])

/** Whether what is gone is answered as it last was. */
export function isReturned(kind: Kind): boolean {
  return RETURNED.has(groupResource(kind))
}

/** 422 for an update of a kind that has to say which version it is of. */
export function revisionMissing(kind: Kind, name: string): StatusFault {
  return invalid({ group: kind.group, kind: kind.plural }, name, [
    {
      reason: 'FieldValueInvalid',
      message: 'Invalid value: 0: must be specified for an update',
      field: 'metadata.resourceVersion',
    },
  ])
}
