import { expect, test } from 'vitest'
import { type Feature, settings } from './suite.ts'

/** Objects that could not be deleted. */
export const pruneSurvivors: Feature = (suite) => {
  test('they stay in the inventory and are tried again', async () => {
    const system = await suite.start()
    const { namespace } = system
    const role = (verbs: string): string => `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: robot}
rules: [{apiGroups: [""], resources: [configmaps], verbs: [${verbs}]}]
`
    await system.apply(
      '{apiVersion: v1, kind: ServiceAccount, metadata: {name: robot}}',
      role('get, list, create, patch'),
      `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: robot}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: robot}
subjects: [{kind: ServiceAccount, name: robot, namespace: ${namespace}}]
`,
    )
    await system.commit({ 'cm.yaml': `${settings(system, 'a')}---\n${settings(system, 'b')}` })
    await system.kustomize({ ks: 'serviceAccountName: robot' })
    await system.says('ks', 'Applied revision')
    await system.commit({ 'cm.yaml': settings(system, 'a') })
    await system.says(
      'ks',
      `PruneFailed: delete failed, errors: ConfigMap/${namespace}/b delete failed: configmaps "b" is forbidden`,
    )
    expect(await system.inventory('ks')).toEqual(['ns_a__ConfigMap v1', 'ns_b__ConfigMap v1'])
    await system.apply(role('get, list, create, patch, delete'))
    await system.request('ks')
    await system.says('ks', 'Applied revision')
    expect(await system.inventory('ks')).toEqual(['ns_a__ConfigMap v1'])
    expect(await system.data('b')).toBeUndefined()
  })
}
