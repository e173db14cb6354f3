import { expect, test } from 'vitest'
import { type Feature, settings } from './suite.ts'

/** Sources of other namespaces, under `--no-cross-namespace-refs` and without it. */
export const acl: Feature = (suite) => {
  for (const noCrossNamespaceRefs of [false, true])
    test(`a source of another namespace, lock-down ${noCrossNamespaceRefs ? 'on' : 'off'}`, async () => {
      const system = await suite.start({ noCrossNamespaceRefs })
      const other = `${system.namespace}-other`
      await system.apply(`{apiVersion: v1, kind: Namespace, metadata: {name: ${other}}}`)
      await system.commit({ 'cm.yaml': settings(system, 'a') }, 'shared', { namespace: other })
      await system.kustomize({
        ks: `sourceRef: {kind: GitRepository, name: shared, namespace: ${other}}`,
      })
      const { status, reason, message } = await system.decided('ks')
      if (!noCrossNamespaceRefs) {
        expect(status).toBe('True')
        return
      }
      expect(reason).toBe('AccessDenied')
      expect(message).toContain(
        `can't access 'GitRepository/${other}/shared', cross-namespace references have been blocked`,
      )
      const ks = await system.kustomization('ks')
      expect(ks?.status?.conditions?.map(({ type }) => type)).toContain('Stalled')
      expect(ks?.status?.observedGeneration).toBe(-1)
      expect(await system.data('a')).toBeUndefined()
    })
}
