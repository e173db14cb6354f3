import { expect, test } from 'vitest'
import { type Feature, settings } from './suite.ts'

/** Fields of kubectl, and of the managers that `--override-manager` names, are taken away. */
export const disallowedManagers: Feature = (suite) => {
  test('kubectl and overridden managers lose what they added, others keep it', async () => {
    const system = await suite.start({ overrideManagers: ['legacy'] })
    const names = ['by-kubectl', 'by-legacy', 'by-tool', 'merged']
    const merge = 'annotations: {kustomize.toolkit.fluxcd.io/ssa: Merge}'
    await system.commit({
      'cm.yaml': names
        .map((name) => settings(system, name, 'a: "1"', name === 'merged' ? merge : ''))
        .join('---\n'),
    })
    await system.kustomize({ ks: '' })
    await system.says('ks', 'Applied revision')
    const extra = { data: { extra: 'x' } }
    await system.patch('ConfigMap', 'by-kubectl', extra, 'kubectl-edit')
    await system.patch('ConfigMap', 'by-legacy', extra, 'legacy-tool')
    await system.patch('ConfigMap', 'by-tool', extra, 'tool')
    await system.patch('ConfigMap', 'merged', extra, 'kubectl-edit')
    await system.request('ks')
    expect(await system.data('by-kubectl')).toEqual({ a: '1' })
    expect(await system.data('by-legacy')).toEqual({ a: '1' })
    expect(await system.data('by-tool')).toEqual({ a: '1', extra: 'x' })
    expect(await system.data('merged')).toEqual({ a: '1', extra: 'x' })
  })
}
