import { expect, test } from 'vitest'
import { configMap, kustomization, startSystem } from './system.ts'

test('from a commit to applied objects, Ready, inventory, history, events', async () => {
  const system = await startSystem()
  await system.commit({ 'app/cm.yaml': configMap('one') })
  await system.apply(kustomization('app'))
  await system.until(() => system.ready('app'))
  const object = await system.kustomization('app')
  expect(await system.get('ConfigMap', 'one')).toMatchObject({
    metadata: { labels: { 'kustomize.toolkit.fluxcd.io/name': 'app' } },
    data: { a: 'b' },
  })
  expect(object?.status?.inventory?.entries).toEqual([{ id: 'test_one__ConfigMap', v: 'v1' }])
  expect(object?.status?.history).toHaveLength(1)
  expect(object?.metadata.finalizers).toEqual(['finalizers.fluxcd.io'])
  expect((await system.events()).map((e) => e.replace(/in \S+,/, 'in T,'))).toEqual([
    'Progressing: ConfigMap/test/one created',
    'ReconciliationSucceeded: Reconciliation finished in T, next run in 1h0m0s',
  ])
  await system.close()
})
