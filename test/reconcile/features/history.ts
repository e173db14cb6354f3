import { expect, test } from 'vitest'
import { type Feature, settings } from './suite.ts'

/** `status.history`. */
export const history: Feature = (suite) => {
  test('newest first, one entry for a digest and its outcome, five at most, no failed build', async () => {
    const system = await suite.start()
    const seen = async (): Promise<readonly string[]> =>
      ((await system.kustomization('ks'))?.status?.history ?? []).map(
        (each) => each.lastReconciledStatus ?? '',
      )
    await system.commit({ 'cm.yaml': settings(system, 'a') })
    await system.kustomize({ ks: '' })
    await system.says('ks', 'Applied revision')
    const { status } = await system.request('ks')
    expect(await seen()).toEqual(['ReconciliationSucceeded'])
    expect(status?.history?.[0]?.totalReconciliations).toBeGreaterThan(1)
    await system.commit({ 'cm.yaml': 'kind: [' })
    await system.says('ks', 'BuildFailed')
    expect(await seen()).toEqual(['ReconciliationSucceeded'])
    await system.commit({ 'cm.yaml': settings(system, 'a', '"not ok!": x') })
    await system.says('ks', 'ReconciliationFailed')
    expect(await seen()).toEqual(['ReconciliationFailed', 'ReconciliationSucceeded'])
    for (const n of [2, 3, 4, 5]) {
      const revision = await system.commit({ 'cm.yaml': settings(system, 'a', `a: "${n}"`) })
      await system.says('ks', revision)
    }
    expect(await seen()).toEqual([
      ...Array.from({ length: 4 }, () => 'ReconciliationSucceeded'),
      'ReconciliationFailed',
    ])
  })

  test('the digest is the one that Flux has: of the build after substitution, keys in order', async () => {
    const system = await suite.start()
    await system.commit({
      'a.yaml': `apiVersion: v1
kind: ConfigMap
metadata: {name: cm, namespace: default}
data: {a: "\${v:=1}"}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default}
spec: {replicas: 0, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: "x:1"}]}}}
---
apiVersion: v1
kind: Secret
metadata: {name: sec, namespace: default}
stringData: {p: hidden}
`,
    })
    await system.kustomize({ ks: 'postBuild: {substitute: {v: "5"}}' })
    // The variable made a number of the value, which the API server refuses.
    await system.says('ks', 'expected string, got')
    const [entry] = (await system.kustomization('ks'))?.status?.history ?? []
    expect(entry?.digest).toBe(
      'sha256:524a10a62964ec579c52e883704621bc5d1ffab365e1605f4827b518f3aacfcf',
    )
  })
}
