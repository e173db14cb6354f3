import { expect, test } from 'vitest'
import { type Feature, settings } from './suite.ts'

/** Fields that `spec.ignore` leaves to others. */
export const driftIgnore: Feature = (suite) => {
  test('an ignored field keeps its drift, others do not, and no rule means no drift', async () => {
    const system = await suite.start()
    await system.commit({ 'cm.yaml': settings(system, 'a', 'free: git, fixed: git') })
    await system.kustomize({
      ks: 'ignore: [{paths: [/data/free], target: {kind: ConfigMap, name: "a.*"}}]',
    })
    await system.says('ks', 'Applied revision')
    await system.patch('ConfigMap', 'a', { data: { free: 'tool' } }, 'tool')
    await system.request('ks')
    expect(await system.data('a')).toEqual({ free: 'tool', fixed: 'git' })
    await system.patch('ConfigMap', 'a', { data: { fixed: 'tool' } }, 'tool')
    await system.request('ks')
    expect(await system.data('a')).toEqual({ free: 'tool', fixed: 'git' })
    await system.patch('Kustomization', 'ks', { spec: { ignore: null } })
    await system.request('ks')
    expect(await system.data('a')).toEqual({ free: 'git', fixed: 'git' })
  })
}
