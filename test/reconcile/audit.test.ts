import { expect, test } from 'vitest'
import type { Audit, AuditChange } from '../../src/base/index.ts'
import { configMap, kustomization, NAMESPACE, startSystem } from './system.ts'

function memoryAudit(): { readonly audit: Audit; readonly seen: AuditChange[] } {
  const seen: AuditChange[] = []
  return {
    seen,
    audit: { record: (change) => seen.push(change), digest: (value) => `hmac:${value.length}` },
  }
}

const SECRET = (value: string): string =>
  `apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: ${NAMESPACE}}\nstringData: {token: ${value}}\n`

test('each write and deletion is recorded with what changed, and no secret in it', async () => {
  const { audit, seen } = memoryAudit()
  const system = await startSystem({ audit })
  const first = await system.commit({
    'app/a.yaml': configMap('a', 'k: old'),
    'app/s.yaml': SECRET('c4n4ry-one'),
  })
  await system.apply(kustomization('app'))
  await system.until(() => system.ready('app'))
  expect(seen.map(({ object, action }) => `${object} ${action}`).sort()).toEqual([
    `ConfigMap/${NAMESPACE}/a created`,
    `Secret/${NAMESPACE}/s created`,
  ])
  expect(seen[0]).toMatchObject({
    kustomization: `${NAMESPACE}/app`,
    revision: first,
    serviceAccount: '',
  })
  seen.length = 0
  const second = await system.commit({
    'app/a.yaml': configMap('a', 'k: new'),
    'app/s.yaml': SECRET('c4n4ry-three'),
  })
  await system.until(async () => seen.length === 2)
  const [config, secret] = [...seen].sort((a, b) => (a.object < b.object ? -1 : 1))
  expect(config).toMatchObject({
    action: 'configured',
    revision: second,
    fields: [{ path: 'data.k', from: '"old"', to: '"new"' }],
  })
  expect(secret?.fields).toEqual([{ path: 'data.token', from: 'hmac:18', to: 'hmac:18' }])
  seen.length = 0
  await system.commit({ 'app/a.yaml': configMap('a', 'k: new') })
  await system.until(async () => seen.length === 1)
  expect(seen[0]).toMatchObject({ object: `Secret/${NAMESPACE}/s`, action: 'deleted' })
  expect(JSON.stringify(seen)).not.toContain('c4n4ry')
  await system.close()
})

test('a substituted secret that lands in a ConfigMap or in metadata is masked', async () => {
  const { audit, seen } = memoryAudit()
  const system = await startSystem({ audit })
  await system.apply(
    `apiVersion: v1\nkind: Secret\nmetadata: {name: v, namespace: ${NAMESPACE}}\nstringData: {token: c4n4ry-value}`,
  )
  await system.commit({
    'app/a.yaml': configMap('a', 'k: "x ${token}", up: "${token^^}"'),
    'app/s.yaml': `apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n  namespace: ${NAMESPACE}\n  annotations: {note: "x \${token}", kubectl.kubernetes.io/last-applied-configuration: '{"data":"c4n4ry-copy"}'}\n`,
  })
  await system.apply(kustomization('app', 'postBuild: {substituteFrom: [{kind: Secret, name: v}]}'))
  await system.until(() => system.ready('app'))
  expect(seen).toHaveLength(2)
  expect(JSON.stringify(seen).toLowerCase()).not.toContain('c4n4ry')
  await system.close()
})

test('who it was done as is said', async () => {
  const { audit, seen } = memoryAudit()
  const system = await startSystem({ audit })
  await system.commit({ 'app/a.yaml': configMap('a') })
  await system.apply(
    `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: gitops}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: admin}
subjects: [{kind: ServiceAccount, name: gitops, namespace: ${NAMESPACE}}]`,
  )
  await system.apply(kustomization('app', 'serviceAccountName: gitops'))
  await system.until(() => system.ready('app'))
  expect(seen[0]?.serviceAccount).toBe(`system:serviceaccount:${NAMESPACE}:gitops`)
  await system.close()
})
