import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Feature, settings } from './suite.ts'

const FIXTURES = join(import.meta.dirname, '../../fixtures/decrypt')
const fixture = (path: string): string => readFileSync(join(FIXTURES, path), 'utf8')

/** Sources that are encrypted with SOPS. */
export const decryptor: Feature = (suite) => {
  test('an encrypted file of a generator is decrypted with the key of the Secret', async () => {
    const system = await suite.start()
    await system.commit({
      'kustomization.yaml': `namespace: ${system.namespace}
generatorOptions: {disableNameSuffixHash: true}
secretGenerator: [{name: s, envs: [settings.env]}]
`,
      'settings.env': fixture('files/settings-partial.env'),
    })
    await system.kustomize({ ks: 'decryption: {provider: sops, secretRef: {name: keys}}' })
    await system.says('ks', 'BuildFailed: ')
    await system.apply(
      `apiVersion: v1\nkind: Secret\nmetadata: {name: keys}\nstringData: {one.agekey: ${JSON.stringify(fixture('keys/one.agekey'))}}\n`,
    )
    await system.request('ks')
    await system.says('ks', 'Applied revision')
    const data = (await system.live('Secret', 's'))['data'] as Record<string, string>
    const plain = Object.entries(data).map(
      ([key, value]) => `${key}=${Buffer.from(value, 'base64').toString()}`,
    )
    const want = fixture('files/settings-partial.env.plain').split('\n')
    expect(plain.toSorted()).toEqual(want.filter((line) => /^\w+=/.test(line)).toSorted())
  })

  test('a Secret that is still encrypted is not applied', async () => {
    const system = await suite.start()
    await system.commit({
      'cm.yaml': settings(system, 'a'),
      'secret.yaml': `apiVersion: v1
kind: Secret
metadata: {name: s, namespace: ${system.namespace}}
data: {a: "ENC[AES256_GCM,data:x,iv:x,tag:x,type:str]"}
sops: {mac: x}
`,
    })
    await system.kustomize({ ks: '' })
    await system.says(
      'ks',
      `Secret/${system.namespace}/s is SOPS encrypted, configuring decryption is required for this secret to be reconciled`,
    )
    expect(await system.data('a')).toBeUndefined()
  })
}
