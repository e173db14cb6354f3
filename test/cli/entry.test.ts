import { expect, test } from 'vitest'
import { memoryTree } from '../../src/base/index.ts'
import { findEntry } from '../../src/cli/entry.ts'

const SYNC = `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux-system, namespace: flux-system}
spec: {interval: 1m, url: 'ssh://git@git.example/fleet'}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: flux-system, namespace: flux-system}
spec: {interval: 10m, prune: true, path: ./clusters/east, sourceRef: {kind: GitRepository, name: flux-system}}
`
const CRD = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.x.example}
spec: {group: x.example, names: {kind: Thing}}
`

test('the production cluster comes first, then the first one, then the root', () => {
  expect(
    findEntry(memoryTree({ 'clusters/a/x.yaml': '', 'clusters/production/x.yaml': '' }), undefined)
      .path,
  ).toBe('clusters/production')
  expect(
    findEntry(memoryTree({ 'clusters/b/x.yaml': '', 'clusters/a/x.yaml': '' }), undefined).path,
  ).toBe('clusters/a')
  expect(findEntry(memoryTree({ 'x.yaml': '' }), undefined).path).toBe('')
  expect(findEntry(memoryTree({ 'x.yaml': '' }), './deep//here/').path).toBe('deep/here')
})

test('a bootstrapped repository tells its entry and its own address', () => {
  const tree = memoryTree({
    'clusters/east/flux-system/gotk-sync.yaml': SYNC,
    'clusters/east/broken.yaml': 'fluxcd.io: [',
    'crds/thing.yaml': CRD,
  })
  const entry = findEntry(tree, undefined)
  expect(entry.kustomization?.metadata.name).toBe('flux-system')
  expect(entry.url).toBe('ssh://git@git.example/fleet')
  expect([...entry.crds]).toEqual(['x.example/Thing'])
})

test('another cluster of the same repository is not the entry', () => {
  const tree = memoryTree({ 'clusters/east/sync.yaml': SYNC, 'clusters/west/x.yaml': '' })
  expect(findEntry(tree, 'clusters/west').kustomization).toBeUndefined()
})
