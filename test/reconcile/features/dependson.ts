import { expect, test } from 'vitest'
import { type Feature, settings } from './suite.ts'

/** Kustomizations that wait for others. */
export const dependson: Feature = (suite) => {
  test('a dependant waits until what it needs is there, and follows at once', async () => {
    const system = await suite.start()
    await system.commit({
      'app/cm.yaml': settings(system, 'app'),
      'base/cm.yaml': settings(system, 'base'),
    })
    await system.kustomize({ app: 'path: ./app, dependsOn: [{name: base}]' })
    await system.says(
      'app',
      `DependencyNotReady: dependency '${system.namespace}/base' not found: kustomizations.kustomize.toolkit.fluxcd.io "base" not found`,
    )
    await system.kustomize({ base: 'path: ./base' })
    await system.says('app', 'Applied revision')
    expect(await system.data('app')).toEqual({ a: '1' })
  })

  test('readyExpr decides in place of the built-in check', async () => {
    const system = await suite.start()
    await system.commit({
      'app/cm.yaml': settings(system, 'app'),
      'base/cm.yaml': settings(system, 'base'),
    })
    const expr = "dep.metadata.labels['tier'] == 'one'"
    await system.kustomize({
      base: 'path: ./base',
      app: `path: ./app, dependsOn: [{name: base, readyExpr: "${expr}"}]`,
      bad: 'path: ./app, dependsOn: [{name: base, readyExpr: "dep.x ="}]',
    })
    await system.says('base', 'Applied revision')
    await system.says('app', `no such key: labels`)
    await system.says('bad', 'InvalidCELExpression: Reconciliation failed terminally')
    await system.patch('Kustomization', 'base', { metadata: { labels: { tier: 'two' } } })
    await system.says('app', 'is not ready according to readyExpr eval')
    await system.patch('Kustomization', 'base', { metadata: { labels: { tier: 'one' } } })
    await system.request('app')
    await system.says('app', 'Applied revision')
  })
}
