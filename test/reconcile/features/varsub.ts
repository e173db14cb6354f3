import { expect, test } from 'vitest'
import { type Feature, settings } from './suite.ts'

/** Variables after the build. */
export const varsub: Feature = (suite) => {
  test('inline variables win over those of ConfigMaps and Secrets, later ones over earlier', async () => {
    const system = await suite.start()
    await system.apply(
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {a: c, b: c, c: c}\n',
      'apiVersion: v1\nkind: Secret\nmetadata: {name: two}\nstringData: {b: s, c: s}\n',
    )
    const data = 'a: "${a}", b: "${b}", c: "${c}", d: "${none:=x}", e: "$${a}"'
    const off = 'annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}'
    await system.commit({
      'cm.yaml': `${settings(system, 'cm', data)}---\n${settings(system, 'off', 'a: "${a}"', off)}`,
    })
    const from =
      '[{kind: ConfigMap, name: one}, {kind: Secret, name: two}, {kind: Secret, name: none, optional: true}]'
    await system.kustomize({ ks: `postBuild: {substitute: {c: i}, substituteFrom: ${from}}` })
    await system.says('ks', 'Applied revision')
    expect(await system.data('cm')).toEqual({ a: 'c', b: 's', c: 'i', d: 'x', e: '${a}' })
    expect(await system.data('off')).toEqual({ a: '${a}' })
  })

  test('an unset variable and a missing source are faults of the build', async () => {
    const system = await suite.start()
    await system.commit({ 'cm.yaml': settings(system, 'cm', 'a: "${unset}"') })
    await system.kustomize({
      unset: 'postBuild: {substitute: {x: "1"}}',
      missing: 'postBuild: {substituteFrom: [{kind: Secret, name: none}]}',
    })
    await system.says(
      'unset',
      `BuildFailed: post build failed for 'ConfigMap.v1.[noGrp]/cm': envsubst error: variable substitution failed: variable not set (strict mode): "unset"`,
    )
    await system.says(
      'missing',
      `post build failed for 'ConfigMap.v1.[noGrp]/cm': substitute from 'Secret/none' error: secrets "none" not found`,
    )
  })
}
