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
  ['HelmRelease', 'helmreleases', 'Namespaced'],
  ['ClusterIssuer', 'clusterissuers', 'Cluster'],
  ['Cluster', 'clusters', 'Namespaced'],
  ['GatewayClass', 'gatewayclasses', 'Cluster'],
  ['HelmRepository', 'helmrepositories', 'Namespaced'],
  ['Gateway', 'gateways', 'Namespaced'],
])('%s is served as %s, %s', (kind, plural, scope) => {
  const crd = standInCrd({ group: 'x.example', kind, version: 'v1' })
  expect(fieldAt(crd, 'spec', 'names', 'plural')).toBe(plural)
  expect(fieldAt(crd, 'spec', 'scope')).toBe(scope)
})

test('the kinds of CRDs among documents', () => {
  const crd = standInCrd({ group: 'x.example', kind: 'Thing', version: 'v1' })
  expect(crdKinds([crd as never, { kind: 'ConfigMap' }, null])).toEqual(['x.example/Thing'])
})
