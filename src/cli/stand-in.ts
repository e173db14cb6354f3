import { type Gvk, isKubeObject, type Json, type KubeObject, valueAt } from '../object/index.ts'

/** Groups that Kubernetes itself serves: a kind missing there is a mistake, never a stand-in. */
const OWN_GROUPS = /^$|^[a-z]+$|(^|\.)k8s\.io$/

/** Groups under k8s.io that come as CRDs, so that stand-ins make sense. */
const CRD_GROUPS = /^(gateway\.networking|snapshot\.storage|.*\.x)\.k8s\.io$/

/**
 * Kinds outside namespaces that no rule of naming gives away, each with the groups that mean it: a
 * Provider of Flux and a Tenant of MinIO have namespaces.
 */
const CLUSTER_KINDS: ReadonlyMap<string, RegExp> = new Map([
  ['Composition', /\.crossplane\.io$/],
  ['CompositeResourceDefinition', /\.crossplane\.io$/],
  ['Configuration', /\.crossplane\.io$/],
  ['DeploymentRuntimeConfig', /\.crossplane\.io$/],
  ['Function', /\.crossplane\.io$/],
  ['IPPool', /\.?projectcalico\.org$/],
  ['NodePool', /^karpenter\.sh$/],
  ['Provider', /\.crossplane\.io$/],
  ['ProviderConfig', /\.(crossplane|upbound)\.io$/],
  ['Tenant', /^capsule\.clastix\.io$/],
])

/** Groups whose kinds all have namespaces, whatever their names begin with. */
const NAMESPACED_GROUPS =
  /(^|\.)(toolkit\.fluxcd\.io|cluster\.x-k8s\.io|operators\.coreos\.com|logging\.banzaicloud\.io)$/

/** Says whether a kind that the cluster lacks is one that an operator would have brought. */
export function canStandIn(gvk: Gvk): boolean {
  if (CRD_GROUPS.test(gvk.group)) return true
  return gvk.group.includes('.') && !OWN_GROUPS.test(gvk.group) && !isFluxOwn(gvk)
}

function isFluxOwn({ group, kind }: Gvk): boolean {
  return (
    (group === 'kustomize.toolkit.fluxcd.io' && kind === 'Kustomization') ||
    (group === 'source.toolkit.fluxcd.io' && kind === 'GitRepository') ||
    group === 'kustomize.config.k8s.io'
  )
}

/** A CRD that takes in whatever is said of the kind, and becomes ready by lifecycle. */
export function standInCrd(gvk: Gvk): KubeObject {
  const singular = gvk.kind.toLowerCase()
  const plural = pluralOf(singular)
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${gvk.group}`,
      annotations: {
        'tidegate.dev/stand-in': 'true',
        ...(gvk.group.endsWith('.k8s.io')
          ? { 'api-approved.kubernetes.io': 'unapproved, stand-in' }
          : {}),
      },
    },
    spec: {
      group: gvk.group,
      names: { kind: gvk.kind, listKind: `${gvk.kind}List`, plural, singular },
      scope: isClusterScoped(gvk) ? 'Cluster' : 'Namespaced',
      versions: [
        {
          name: gvk.version,
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: {
            openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          },
        },
      ],
    },
  }
}

function isClusterScoped({ group, kind }: Gvk): boolean {
  if (kind === 'Cluster' || NAMESPACED_GROUPS.test(group)) return false
  if (/^Cluster|^Global|Clusterwide|Class$/.test(kind)) return true
  return CLUSTER_KINDS.get(kind)?.test(group) === true
}

/** The plural as kubebuilder forms it. */
function pluralOf(singular: string): string {
  if (/(s|x|z|ch|sh)$/.test(singular)) return `${singular}es`
  if (/[^aeiou]y$/.test(singular)) return `${singular.slice(0, -1)}ies`
  return `${singular}s`
}

/** Group and kind of each CRD among some documents: those a repository brings by itself. */
export function crdKinds(documents: readonly Json[]): string[] {
  return documents.flatMap((document) => {
    if (!isKubeObject(document) || document.kind !== 'CustomResourceDefinition') return []
    const value = document as unknown as Json
    const group = valueAt(value, 'spec', 'group')
    const kind = valueAt(value, 'spec', 'names', 'kind')
    return typeof group === 'string' && typeof kind === 'string' ? [`${group}/${kind}`] : []
  })
}
