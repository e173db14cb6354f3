import { expect, test } from 'vitest'
import { type Feature, settings } from './suite.ts'

/** Objects whose immutable fields differ. */
export const force: Feature = (suite) => {
  test('spec.force and the marker recreate; without them the words of the API server', async () => {
    const system = await suite.start()
    const frozen = (name: string, value: string, meta = ''): string =>
      `${settings(system, name, `a: "${value}"`, meta)}immutable: true\n`
    const marker = 'annotations: {kustomize.toolkit.fluxcd.io/force: enabled}'
    const tree = (value: string): Record<string, string> => ({
      'forced/cm.yaml': frozen('forced', value),
      'marked/cm.yaml': frozen('marked', value, marker),
      'plain/cm.yaml': frozen('plain', value),
    })
    await system.commit(tree('1'))
    await system.kustomize({
      forced: 'path: ./forced, force: true',
      marked: 'path: ./marked',
      plain: 'path: ./plain',
    })
    for (const name of ['forced', 'marked', 'plain']) await system.says(name, 'Applied revision')
    const before = await system.live('ConfigMap', 'forced')
    const revision = await system.commit(tree('2'))
    await system.says('forced', revision)
    await system.says('marked', revision)
    expect((await system.live('ConfigMap', 'forced')).metadata.uid).not.toBe(before.metadata.uid)
    expect(await system.data('marked')).toEqual({ a: '2' })
    await system.says(
      'plain',
      `ReconciliationFailed: ConfigMap/${system.namespace}/plain dry-run failed (Invalid): ConfigMap "plain" is invalid: data: Forbidden: field is immutable when \`immutable\` is set`,
    )
    expect(await system.data('plain')).toEqual({ a: '1' })
  })

  test('a mistake in a forced object leaves the live one', async () => {
    const system = await suite.start()
    await system.commit({ 'cm.yaml': settings(system, 'a') })
    await system.kustomize({ ks: 'force: true' })
    await system.says('ks', 'Applied revision')
    const { uid } = (await system.live('ConfigMap', 'a')).metadata
    await system.commit({ 'cm.yaml': settings(system, 'a', '"not ok!": x') })
    await system.says('ks', 'dry-run failed (Invalid)')
    expect((await system.live('ConfigMap', 'a')).metadata.uid).toBe(uid)
  })
}
