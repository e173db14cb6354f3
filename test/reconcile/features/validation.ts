import { expect, test } from 'vitest'
import { type Feature, settings } from './suite.ts'

/** Objects that the API server refuses. */
export const validation: Feature = (suite) => {
  test('all that is wrong is said, nothing of the stage is applied, a commit mends it', async () => {
    const system = await suite.start()
    const { namespace } = system
    await system.commit({
      'bad.yaml': settings(system, 'bad', '"not ok!": x'),
      'good.yaml': settings(system, 'good'),
      'service.yaml': `apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: ${namespace}}\nspec: {type: Other, ports: [{port: 80}]}\n`,
    })
    await system.kustomize({ ks: '' })
    await system.says(
      'ks',
      `ConfigMap/${namespace}/bad dry-run failed (Invalid): ConfigMap "bad" is invalid`,
    )
    const { message } = await system.decided('ks')
    expect(message).toContain(`Service/${namespace}/s dry-run failed (Invalid)`)
    expect(message).toContain(`ConfigMap/${namespace}/bad is in bad.yaml`)
    expect(await system.data('good')).toBeUndefined()
    await system.commit({ 'good.yaml': settings(system, 'good') })
    await system.says('ks', 'Applied revision')
  })

  test('a kind, a namespace or a version that is not there', async () => {
    const system = await suite.start()
    await system.commit({
      'kind/a.yaml': `apiVersion: none.example.com/v1\nkind: Nothing\nmetadata: {name: n, namespace: ${system.namespace}}\n`,
      'version/a.yaml': `apiVersion: apps/v9\nkind: Deployment\nmetadata: {name: n, namespace: ${system.namespace}}\n`,
      'namespace/a.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: n, namespace: ${system.namespace}-none}\n`,
    })
    await system.kustomize({
      kind: 'path: ./kind',
      version: 'path: ./version',
      namespace: 'path: ./namespace',
    })
    await system.says(
      'kind',
      'dry-run failed: no matches for kind "Nothing" in version "none.example.com/v1"',
    )
    await system.says(
      'version',
      'dry-run failed: no matches for kind "Deployment" in version "apps/v9"',
    )
    await system.says('namespace', `not found: namespaces "${system.namespace}-none" not found`)
  })
}
