import { expect, test } from 'vitest'
import { type Feature, settings } from './suite.ts'

/** Objects that left the build. */
export const prune: Feature = (suite) => {
  test('they go, unless marked or given away; without prune they are forgotten', async () => {
    const system = await suite.start()
    const names = ['gone', 'marked', 'given', 'stays']
    const tree = (kept: readonly string[]): Record<string, string> => ({
      'cm.yaml': kept.map((name) => settings(system, name)).join('---\n'),
      'off/cm.yaml': kept.includes('gone')
        ? settings(system, 'forgotten')
        : settings(system, 'off'),
      'kustomization.yaml': 'resources: [cm.yaml]\n',
    })
    await system.commit(tree(names))
    await system.kustomize({ ks: '', keeps: 'path: ./off, prune: false' })
    for (const name of ['ks', 'keeps']) await system.says(name, 'Applied revision')
    const group = 'kustomize.toolkit.fluxcd.io'
    // A new owner label in an object that is still in the build would be set back as drift.
    await system.stop()
    const marker = { metadata: { annotations: { [`${group}/prune`]: 'Disabled' } } }
    await system.patch('ConfigMap', 'marked', marker, 'tool')
    await system.patch('ConfigMap', 'given', {
      metadata: { labels: { [`${group}/name`]: 'other' } },
    })
    const revision = await system.commit(tree(['stays']))
    system.start()
    for (const name of ['ks', 'keeps']) await system.says(name, revision)
    const left = await Promise.all([...names, 'forgotten'].map((name) => system.data(name)))
    expect(left.map((data) => data !== undefined)).toEqual([false, true, true, true, true])
    expect(await system.events()).toContain(
      [
        `Progressing: ConfigMap/${system.namespace}/marked skipped`,
        `ConfigMap/${system.namespace}/gone deleted`,
        `ConfigMap/${system.namespace}/given skipped`,
      ].join('\n'),
    )
  })

  test('an empty build asks before it deletes everything', async () => {
    const system = await suite.start()
    await system.commit({ 'app/cm.yaml': settings(system, 'a') })
    await system.kustomize({ ks: 'path: ./app' })
    await system.says('ks', 'Applied revision')
    await system.commit({ 'app/notes.txt': 'nothing' })
    await system.says('ks', 'PruneFailed: the build is empty and would delete all 1 objects')
    expect(await system.data('a')).toEqual({ a: '1' })
    await system.patch('Kustomization', 'ks', {
      metadata: { annotations: { 'tidegate.dev/prune-all': 'enabled' } },
    })
    await system.request('ks')
    await system.says('ks', 'Applied revision')
    expect(await system.data('a')).toBeUndefined()
  })
}
