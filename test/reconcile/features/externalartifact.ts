import { expect, test } from 'vitest'
import { type Feature, settings } from './suite.ts'

const SOURCE = 'sourceRef: {kind: ExternalArtifact, name: made}'

/** Artifacts that a third party publishes. */
export const externalartifact: Feature = (suite) => {
  test('with the gate an ExternalArtifact is applied, and a new revision follows', async () => {
    const gates = { ...(await gatesOf()), ExternalArtifact: true }
    const system = await suite.start({ gates })
    const made = { kind: 'ExternalArtifact' } as const
    await system.commit({ 'cm.yaml': settings(system, 'a') }, 'made', made)
    await system.kustomize({ ks: SOURCE })
    expect((await system.decided('ks')).status).toBe('True')
    const revision = await system.commit(
      { 'cm.yaml': settings(system, 'a', 'a: "2"') },
      'made',
      made,
    )
    await system.says('ks', `Applied revision: ${revision}`)
    expect(await system.data('a')).toEqual({ a: '2' })
  })

  test('without the gate access is denied', async () => {
    const system = await suite.start()
    await system.kustomize({ ks: SOURCE })
    await system.says('ks', 'AccessDenied: ')
    const { message } = await system.decided('ks')
    expect(message).toContain(
      `can't access 'ExternalArtifact/${system.namespace}/made', ExternalArtifact feature gate is disabled`,
    )
  })
}

async function gatesOf(): Promise<import('../../../src/reconcile/index.ts').FeatureGates> {
  return (await import('../../../src/reconcile/index.ts')).DEFAULT_GATES
}
