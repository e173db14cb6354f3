import { expect, test } from 'vitest'
import { type Feature, settings } from './suite.ts'

/** Kustomizations that act as a service account. */
export const impersonation: Feature = (suite) => {
  test('what the account may not do is refused in its name, and done once it may', async () => {
    const system = await suite.start()
    const { namespace } = system
    await system.apply('{apiVersion: v1, kind: ServiceAccount, metadata: {name: robot}}')
    await system.commit({ 'cm.yaml': settings(system, 'a') })
    await system.kustomize({ ks: 'serviceAccountName: robot' })
    await system.says(
      'ks',
      `dry-run failed (Forbidden): configmaps "a" is forbidden: User "system:serviceaccount:${namespace}:robot" cannot patch resource "configmaps"`,
    )
    await system.apply(`apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: robot}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: admin}
subjects: [{kind: ServiceAccount, name: robot, namespace: ${namespace}}]
`)
    await system.request('ks')
    await system.says('ks', 'Applied revision')
  })

  test('the default account is in force where the spec names none', async () => {
    const system = await suite.start({ defaultServiceAccount: 'nobody' })
    await system.commit({ 'cm.yaml': settings(system, 'a') })
    await system.kustomize({ ks: '' })
    await system.says('ks', `User "system:serviceaccount:${system.namespace}:nobody" cannot patch`)
    expect(await system.data('a')).toBeUndefined()
  })

  test('the deletion of one whose account is gone leaves its objects', async () => {
    const system = await suite.start()
    await system.commit({ 'cm.yaml': settings(system, 'a') })
    await system.kustomize({ ks: '' })
    await system.says('ks', 'Applied revision')
    await system.patch('Kustomization', 'ks', { spec: { serviceAccountName: 'nobody' } })
    await system.says('ks', 'ReconciliationFailed')
    await system.cluster.delete(
      {
        group: 'kustomize.toolkit.fluxcd.io',
        kind: 'Kustomization',
        namespace: system.namespace,
        name: 'ks',
      },
      {},
    )
    await system.until(async () => (await system.kustomization('ks')) === undefined)
    expect(await system.data('a')).toEqual({ a: '1' })
    expect((await system.events()).some((each) => each.includes('unable to prune objects:'))).toBe(
      true,
    )
  })
}
