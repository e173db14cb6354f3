import { expect, test } from 'vitest'
import { type Feature, settings } from './suite.ts'

/** Health checks. */
export const wait: Feature = (suite) => {
  test('what is current at once passes; expressions fail early; a missing object times out', async () => {
    const system = await suite.start()
    const { namespace } = system
    await system.commit({ 'a/cm.yaml': settings(system, 'a'), 'b/cm.yaml': settings(system, 'b') })
    const expr = `healthCheckExprs: [{apiVersion: v1, kind: ConfigMap, current: "false", failed: "data.a == '1'"}]`
    const missing = `{apiVersion: v1, kind: ConfigMap, name: none, namespace: ${namespace}}`
    await system.kustomize({
      passes: 'path: ./a, wait: true, timeout: 30s',
      fails: `path: ./b, wait: true, timeout: 30s, ${expr}`,
      missing: `path: ./a, timeout: 30s, healthChecks: [${missing}]`,
    })
    await system.says('passes', 'Applied revision')
    const healthy = (await system.kustomization('passes'))?.status?.conditions?.find(
      ({ type }) => type === 'Healthy',
    )
    expect(healthy?.message).toMatch(/^Health check passed in \S+$/)
    await system.says('fails', 'failed early due to stalled resources: [')
    expect((await system.decided('fails')).message).toContain(
      `ConfigMap/${namespace}/b status: 'Failed'`,
    )
    await system.says('missing', 'HealthCheckFailed: health check failed after 3')
    expect((await system.decided('missing')).message).toContain(
      `timeout waiting for: [ConfigMap/${namespace}/none status: 'NotFound'`,
    )
  })
}
