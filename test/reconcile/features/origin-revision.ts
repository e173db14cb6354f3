import { expect, test } from 'vitest'
import { type Feature, settings } from './suite.ts'

const ORIGIN = 'main@sha1:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'

/** Artifacts that say which commit they were made of. */
export const originRevision: Feature = (suite) => {
  test('the origin is in the status, the history and the Events, and goes with the next one', async () => {
    const system = await suite.start()
    const metadata = { 'org.opencontainers.image.revision': ORIGIN }
    await system.commit({ 'cm.yaml': settings(system, 'a') }, 'image', {
      kind: 'OCIRepository',
      metadata,
    })
    await system.kustomize({ ks: 'sourceRef: {kind: OCIRepository, name: image}' })
    await system.says('ks', 'Applied revision')
    const { status } = await system.request('ks')
    expect(status?.lastAppliedOriginRevision).toBe(ORIGIN)
    expect(status?.history?.[0]?.metadata?.['originRevision']).toBe(ORIGIN)
    const { items } = await system.cluster.list(
      { group: '', kind: 'Event' },
      { namespace: system.namespace },
    )
    const annotations = items.map((each) => each.metadata.annotations ?? {})
    expect(
      annotations.some((each) => each['kustomize.toolkit.fluxcd.io/originRevision'] === ORIGIN),
    ).toBe(true)
    await system.commit({ 'cm.yaml': settings(system, 'a') })
    const sourceRef = { kind: 'GitRepository', name: 'repo' }
    await system.patch('Kustomization', 'ks', { spec: { sourceRef } })
    await system.request('ks')
    expect((await system.kustomization('ks'))?.status?.lastAppliedOriginRevision ?? '').toBe('')
  })
}
