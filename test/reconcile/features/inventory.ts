import { expect, test } from 'vitest'
import { type Feature, settings } from './suite.ts'

/** `status.inventory`. */
export const inventory: Feature = (suite) => {
  test('ids, versions and order; skipped objects are in it; a failed build leaves it', async () => {
    const system = await suite.start()
    const { namespace } = system
    const skipped = 'annotations: {kustomize.toolkit.fluxcd.io/reconcile: disabled}'
    await system.commit({
      'all.yaml': [
        settings(system, 'z'),
        settings(system, 'skipped', 'a: "1"', skipped),
        `apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: "a:b", namespace: ${namespace}}\nrules: []\n`,
        `apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: ${namespace}}\nspec: {ports: [{port: 80}]}\n`,
        `apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: sa, namespace: ${namespace}}\n`,
        `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: np, namespace: ${namespace}}\nspec: {podSelector: {}}\n`,
      ].join('---\n'),
    })
    await system.kustomize({ ks: '' })
    await system.says('ks', 'Applied revision')
    const want = [
      'ns_sa__ServiceAccount v1',
      'ns_a__b_rbac.authorization.k8s.io_Role v1',
      'ns_skipped__ConfigMap v1',
      'ns_z__ConfigMap v1',
      'ns_s__Service v1',
      'ns_np_networking.k8s.io_NetworkPolicy v1',
    ]
    expect(await system.inventory('ks')).toEqual(want)
    expect(await system.data('skipped')).toBeUndefined()
    await system.commit({ 'all.yaml': 'kind: [' })
    await system.says('ks', 'BuildFailed')
    expect(await system.inventory('ks')).toEqual(want)
  })

  test('what a failed apply created is in it, and what was refused is not', async () => {
    const system = await suite.start()
    const { namespace } = system
    const service = (name: string): string =>
      `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: {ports: [{port: 80}]}\n`
    const role = `apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: ${namespace}}\nrules: []\n`
    await system.commit({ 'all.yaml': [role, service('Not_Good')].join('---\n') })
    await system.kustomize({ ks: '' })
    await system.says('ks', 'ReconciliationFailed')
    expect(await system.inventory('ks')).toEqual(['_ns_rbac.authorization.k8s.io_ClusterRole v1'])
    await system.commit({ 'all.yaml': service('good') })
    await system.says('ks', 'Applied revision')
    expect(await system.inventory('ks')).toEqual(['ns_good__Service v1'])
    const left = system.cluster.get({
      group: 'rbac.authorization.k8s.io',
      kind: 'ClusterRole',
      namespace: '',
      name: namespace,
    })
    await expect(left).rejects.toThrow('not found')
  })
}
