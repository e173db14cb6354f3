import { expect, test } from 'vitest'
import { type Feature, settings } from './suite.ts'

const CASES = [
  { policy: 'MirrorPrune', prune: true, stays: false },
  { policy: 'MirrorPrune', prune: false, stays: true },
  { policy: 'Delete', prune: false, stays: false },
  { policy: 'WaitForTermination', prune: false, stays: false },
  { policy: 'Orphan', prune: true, stays: true },
] as const

/** What goes with a Kustomization that is deleted. */
export const deletionPolicy: Feature = (suite) => {
  test('objects go or stay as the policy and prune say; suspended, they stay', async () => {
    const system = await suite.start()
    const names = [...CASES.map((_, i) => `case-${i}`), 'suspended']
    await system.commit(
      Object.fromEntries(names.map((name) => [`${name}/cm.yaml`, settings(system, name)])),
    )
    const specs = CASES.map(({ policy, prune }, i) => [
      `case-${i}`,
      `path: ./case-${i}, prune: ${prune}, deletionPolicy: ${policy}`,
    ])
    await system.kustomize(Object.fromEntries([...specs, ['suspended', 'path: ./suspended']]))
    for (const name of names) await system.says(name, 'Applied revision')
    await system.patch('Kustomization', 'suspended', { spec: { suspend: true } })
    for (const name of names) {
      const ref = { group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization', name }
      await system.cluster.delete({ ...ref, namespace: system.namespace }, {})
      await system.until(async () => (await system.kustomization(name)) === undefined)
    }
    for (const [i, { policy, prune, stays }] of CASES.entries())
      expect(await system.data(`case-${i}`), `${policy}, prune ${prune}`).toEqual(
        stays ? { a: '1' } : undefined,
      )
    expect(await system.data('suspended')).toEqual({ a: '1' })
  })
}
