import { expect, test } from 'vitest'
import { canStandIn, crdKinds, standInCrd } from '../../src/cli/stand-in.ts'
import { fieldAt } from '../../src/object/index.ts'

test.each([
  ['helm.toolkit.fluxcd.io', 'HelmRelease', true],
  ['cert-manager.io', 'Certificate', true],
  ['gateway.networking.k8s.io', 'HTTPRoute', true],
  ['apps', 'Deploymet', false],
  ['', 'Podd', false],
  ['rbac.authorization.k8s.io', 'Rol', false],
  ['kustomize.toolkit.fluxcd.io', 'Kustomization', false],
])('%s %s may be stood in for: %s', (group, kind, want) => {
  expect(canStandIn({ group, kind, version: 'v1' })).toBe(want)
})

test.each([
  ['helm.toolkit.fluxcd.io', 'HelmRelease', 'helmreleases', 'Namespaced'],
  ['cert-manager.io', 'ClusterIssuer', 'clusterissuers', 'Cluster'],
  ['postgresql.cnpg.io', 'Cluster', 'clusters', 'Namespaced'],
  ['gateway.networking.k8s.io', 'GatewayClass', 'gatewayclasses', 'Cluster'],
  ['source.toolkit.fluxcd.io', 'HelmRepository', 'helmrepositories', 'Namespaced'],
  ['gateway.networking.k8s.io', 'Gateway', 'gateways', 'Namespaced'],
  ['notification.toolkit.fluxcd.io', 'Provider', 'providers', 'Namespaced'],
  ['pkg.crossplane.io', 'Provider', 'providers', 'Cluster'],
  ['minio.min.io', 'Tenant', 'tenants', 'Namespaced'],
  ['metallb.io', 'IPAddressPool', 'ipaddresspools', 'Namespaced'],
  ['cluster.x-k8s.io', 'ClusterClass', 'clusterclasses', 'Namespaced'],
  ['cilium.io', 'CiliumClusterwideNetworkPolicy', 'ciliumclusterwidenetworkpolicies', 'Cluster'],
])('%s %s is served as %s, %s', (group, kind, plural, scope) => {
  const crd = standInCrd({ group, kind, version: 'v1' })
  expect(fieldAt(crd, 'spec', 'names', 'plural')).toBe(plural)
  expect(fieldAt(crd, 'spec', 'scope')).toBe(scope)
})

test('the kinds of CRDs among documents', () => {
  const crd = standInCrd({ group: 'x.example', kind: 'Thing', version: 'v1' })
  expect(crdKinds([crd as never, { kind: 'ConfigMap' }, null])).toEqual(['x.example/Thing'])
})
