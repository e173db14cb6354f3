import { expect, test } from 'vitest'
import { type Feature, settings } from './suite.ts'

/** Patches of the spec that take objects out of the build. */
export const patchDelete: Feature = (suite) => {
  test('an object that a patch deletes is pruned, and comes back without the patch', async () => {
    const system = await suite.start()
    await system.commit({ 'cm.yaml': `${settings(system, 'a')}---\n${settings(system, 'b')}` })
    await system.kustomize({ ks: '' })
    await system.says('ks', 'Applied revision')
    const patch = `$patch: delete\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, namespace: ${system.namespace}}\n`
    await system.patch('Kustomization', 'ks', { spec: { patches: [{ patch }] } })
    await system.request('ks')
    expect(await system.inventory('ks')).toEqual(['ns_a__ConfigMap v1'])
    expect(await system.data('b')).toBeUndefined()
    await system.patch('Kustomization', 'ks', { spec: { patches: null } })
    await system.request('ks')
    expect(await system.data('b')).toEqual({ a: '1' })
  })
}
