import { expect, test } from 'vitest'
import type { Feature } from './suite.ts'

/** Roles and bindings among the objects. */
export const rbac: Feature = (suite) => {
  test('nobody grants what he has not; a binding keeps its role', async () => {
    const system = await suite.start()
    const { namespace } = system
    const binding = (role: string): string => `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: rb, namespace: ${namespace}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: ${role}}
subjects: [{kind: User, name: jane, apiGroup: rbac.authorization.k8s.io}]
`
    await system.apply(
      '{apiVersion: v1, kind: ServiceAccount, metadata: {name: robot}}',
      `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: robot}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: admin}
subjects: [{kind: ServiceAccount, name: robot, namespace: ${namespace}}]
`,
    )
    await system.commit({
      'grant/role.yaml': `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: wide, namespace: ${namespace}}
rules: [{apiGroups: ["example.com"], resources: ["*"], verbs: ["*"]}]
`,
      'bind/rb.yaml': binding('one'),
    })
    await system.kustomize({
      grant: 'path: ./grant, serviceAccountName: robot',
      bind: 'path: ./bind',
    })
    await system.says(
      'grant',
      `dry-run failed (Forbidden): roles.rbac.authorization.k8s.io "wide" is forbidden: user "system:serviceaccount:${namespace}:robot"`,
    )
    await system.says('bind', 'Applied revision')
    await system.commit({ 'bind/rb.yaml': binding('two') })
    await system.says('bind', 'cannot change roleRef')
    expect((await system.decided('bind')).reason).toBe('ReconciliationFailed')
  })
}
