import { expect, test } from 'vitest'
import { type Feature, settings } from './suite.ts'

/** What the spec changes in a build. */
export const transformer: Feature = (suite) => {
  test('names, namespace, metadata, images and patches; what they rename is pruned', async () => {
    const system = await suite.start()
    const { namespace } = system
    await system.commit({
      'cm.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm}\ndata: {a: "1"}\n',
      'd.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: d}
spec:
  replicas: 0
  selector: {matchLabels: {app: d}}
  template:
    metadata: {labels: {app: d}}
    spec: {containers: [{name: c, image: "example.com/one:1", envFrom: [{configMapRef: {name: cm}}]}]}
`,
    })
    const patch = 'patch: "- {op: add, path: /data/b, value: patched}", target: {kind: ConfigMap}'
    await system.kustomize({
      ks: [
        `targetNamespace: ${namespace}, namePrefix: p-, nameSuffix: -s`,
        'commonMetadata: {labels: {team: red}, annotations: {note: x}}',
        'images: [{name: example.com/one, newName: example.com/two, digest: "sha256:aa"}]',
        `patches: [{${patch}}]`,
      ].join(', '),
    })
    await system.says('ks', 'Applied revision')
    const { metadata } = await system.live('ConfigMap', 'p-cm-s')
    expect(metadata.labels).toMatchObject({
      team: 'red',
      'kustomize.toolkit.fluxcd.io/name': 'ks',
      'kustomize.toolkit.fluxcd.io/namespace': namespace,
    })
    expect(metadata.annotations).toEqual({ note: 'x' })
    expect(await system.data('p-cm-s')).toEqual({ a: '1', b: 'patched' })
    const spec = JSON.stringify((await system.live('Deployment', 'p-d-s'))['spec'])
    expect(spec).toContain('"image":"example.com/two@sha256:aa"')
    expect(spec).toContain('"configMapRef":{"name":"p-cm-s"}')
    await system.patch('Kustomization', 'ks', { spec: { namePrefix: 'q-' } })
    await system.request('ks')
    expect(await system.data('p-cm-s')).toBeUndefined()
    expect(await system.data('q-cm-s')).toEqual({ a: '1', b: 'patched' })
  })

  test('components of the spec, missing ones only where that is allowed', async () => {
    const system = await suite.start()
    await system.commit({
      'app/kustomization.yaml': 'resources: [cm.yaml]\n',
      'app/cm.yaml': settings(system, 'cm'),
      'part/kustomization.yaml':
        'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnameSuffix: -part\n',
    })
    const components = 'path: ./app, components: [../part, ../none]'
    await system.kustomize({
      strict: components,
      lenient: `${components}, ignoreMissingComponents: true`,
    })
    await system.says('strict', 'BuildFailed: kustomize build failed: accumulating components:')
    await system.says('lenient', 'Applied revision')
    expect(await system.data('cm-part')).toEqual({ a: '1' })
  })
}
