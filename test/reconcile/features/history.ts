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
}
