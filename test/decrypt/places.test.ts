import { describe, expect, test } from 'vitest'
import { memoryTree, messageOf } from '../../src/base/index.ts'
import { decryptObjects, decryptSources, isEncryptedSecret } from '../../src/decrypt/index.ts'
import { type KubeObject, parseYaml } from '../../src/object/index.ts'
import { counting, keysOf, sealed } from './keys.ts'

const KUSTOMIZATION = `
secretGenerator:
- name: files
  files: [secret.yaml, config.json=values.json, plain.txt]
- name: envs
  envs: [settings.env]
configMapGenerator:
- name: open
  files: [untouched.yaml]
patches:
- path: patch.yaml
- path: https://host.example/patch.yaml
resources: [below, deployment.yaml, missing, https://host.example/base]
components: [../../component]
`

function tree(files: Readonly<Record<string, string | Uint8Array>>): ReturnType<typeof memoryTree> {
  return memoryTree({
    'apps/kustomization.yaml': KUSTOMIZATION,
    'apps/secret.yaml': sealed('secret.yaml'),
    'apps/values.json': sealed('values.json'),
    'apps/plain.txt': 'plain',
    'apps/settings.env': sealed('settings.env'),
    'apps/untouched.yaml': sealed('secret.yaml'),
    'apps/patch.yaml': sealed('secret-data.yaml'),
    'apps/deployment.yaml': 'kind: Deployment',
    'apps/below/kustomization.yml': 'secretGenerator: [{name: x, files: [a.bin]}]',
    'apps/below/a.bin': sealed('bytes.bin'),
    'component/Kustomization': 'secretGenerator: [{name: x, envs: [b.ini]}]',
    'component/b.ini': sealed('settings.ini'),
    ...files,
  })
}

function text(from: ReturnType<typeof memoryTree>, path: string): string {
  return Buffer.from(from.read(path) ?? []).toString('latin1')
}

describe('before the build', () => {
  test('generator files, envs and patches are decrypted, nothing else', async () => {
    const before = tree({})
    const after = await decryptSources(before, 'apps', await keysOf('one.agekey'))
    const plain = (name: string): string => sealed(`${name}.plain`).toString('latin1')
    expect(text(after, 'apps/secret.yaml')).toBe(plain('secret.yaml'))
    expect(text(after, 'apps/settings.env')).toBe(plain('settings.env'))
    expect(text(after, 'apps/patch.yaml')).toBe(plain('secret-data.yaml'))
    expect(text(after, 'apps/below/a.bin')).toBe(plain('bytes.bin'))
    expect(text(after, 'component/b.ini')).toBe(plain('settings.ini'))
    for (const path of ['apps/untouched.yaml', 'apps/plain.txt', 'apps/kustomization.yaml'])
      expect(text(after, path)).toBe(text(before, path))
    expect(after.digest?.('apps/secret.yaml')).toBeUndefined()
    expect(text(before, 'apps/secret.yaml')).toBe(sealed('secret.yaml').toString('latin1'))
  })

  test('a file is decrypted once, in the format of the key that names it first', async () => {
    const { keys, count } = counting(await keysOf('one.agekey'))
    const files = {
      'a/kustomization.yaml':
        'secretGenerator: [{name: x, files: [a.json=v.json, b.json=v.json]}]\nresources: [../a, .]',
      'a/v.json': sealed('values.json'),
    }
    await decryptSources(memoryTree(files), 'a', keys)
    expect(count()).toBe(1)
  })

  test('without a kustomization those below count, as in the one that is generated', async () => {
    const files = {
      'a/plain.yaml': sealed('secret.yaml'),
      'a/deep/er/kustomization.yaml': 'secretGenerator: [{name: x, envs: [s.env]}]',
      'a/deep/er/s.env': sealed('settings.env'),
      'a/deep/er/inner/kustomization.yaml': 'secretGenerator: [{name: x, envs: [s.env]}]',
      'a/deep/er/inner/s.env': sealed('settings.env'),
      'part/kustomization.yaml': 'secretGenerator: [{name: x, envs: [s.env]}]',
      'part/s.env': sealed('settings.env'),
    }
    const keys = await keysOf('one.agekey')
    const after = await decryptSources(memoryTree(files), 'a', keys, { components: ['../part'] })
    const isOpen = (path: string): boolean => !text(after, path).includes('ENC[')
    expect(isOpen('a/deep/er/s.env')).toBe(true)
    expect(isOpen('part/s.env')).toBe(true)
    expect(isOpen('a/plain.yaml')).toBe(false)
    expect(isOpen('a/deep/er/inner/s.env')).toBe(false)
  })

  test('with nothing encrypted the tree is handed on as it is', async () => {
    const plain = memoryTree({ 'kustomization.yaml': 'resources: [a.yaml]', 'a.yaml': 'a: 1' })
    expect(await decryptSources(plain, '', await keysOf())).toBe(plain)
  })

  test.each([
    [
      'a component without a kustomization',
      { 'a/kustomization.yaml': 'components: [../b]', 'b/x': '' },
      'error decrypting sources: no kustomization file found',
    ],
    [
      'two of them',
      { 'a/kustomization.yaml': '', 'a/Kustomization': '' },
      'error decrypting sources: found multiple kustomization files',
    ],
    [
      'an absent file',
      { 'a/kustomization.yaml': 'secretGenerator: [{name: x, envs: [no.env]}]' },
      'error decrypting sources: lstat a/no.env: no such file or directory',
    ],
    [
      'a path that climbs out ends at the root',
      { 'a/kustomization.yaml': 'secretGenerator: [{name: x, envs: [../../../no.env]}]' },
      'error decrypting sources: lstat no.env: no such file or directory',
    ],
    [
      'a file too big',
      {
        'a/kustomization.yaml': 'secretGenerator: [{name: x, files: [big]}]',
        'a/big': 'x'.repeat(5 * 1024 * 1024 + 1),
      },
      'error decrypting sources: cannot decrypt file with size (5242881 bytes) exceeding limit (5242880)',
    ],
  ] as const)('%s', async (_, files, want) => {
    const given = memoryTree({ 'a/x': '', ...files })
    const keys = await keysOf('one.agekey')
    const got = await decryptSources(given, 'a', keys).then(() => 'no fault', messageOf)
    expect(got).toBe(want)
  })
})

function whole(name: string): KubeObject {
  return parseYaml(sealed(name).toString(), name)[0] as unknown as KubeObject
}

function base64(name: string): string {
  return sealed(name).toString('base64')
}

describe('after the build', () => {
  test('an object with a sops block is decrypted whole, though kustomize changed it', async () => {
    const object = whole('secret-data.yaml')
    const metadata = { ...object.metadata, name: 'prefix-database', labels: { a: 'b' } }
    const [out] = await decryptObjects([{ ...object, metadata }], await keysOf('one.agekey'))
    expect(out).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'prefix-database', namespace: 'team', labels: { a: 'b' } },
      type: 'Opaque',
      stringData: { user: 'admin', password: 's3cr3t: #1', number: '5', yes: 'yes' },
    })
  })

  test('the MAC is checked when that is asked for', async () => {
    const object = whole('secret-data.yaml')
    const changed = { ...object, metadata: { ...object.metadata, name: 'other' } }
    const keys = await keysOf('one.agekey')
    const got = await decryptObjects([changed], keys, { verify: true }).then(String, messageOf)
    expect(got).toMatch(
      /^decryption failed for 'Secret\.v1\.\[noGrp\]\/other': failed to decrypt and format 'team\/other' Secret data: failed to verify sops data integrity/,
    )
  })

  test('values of a Secret are decrypted each in its own format', async () => {
    const secret: KubeObject = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'x' },
      data: {
        'a.yaml': base64('secret.yaml'),
        'b.env': base64('settings.env'),
        blob: base64('bytes.bin'),
        '.dockerconfigjson': base64('values.json'),
        plain: Buffer.from('plain').toString('base64'),
        broken: 'not base64!',
      },
    }
    const [out] = await decryptObjects([secret], await keysOf('one.agekey'))
    const data = out?.['data'] as Record<string, string>
    const got = (key: string): string => Buffer.from(data[key] ?? '', 'base64').toString('latin1')
    const plain = (name: string): string => sealed(`${name}.plain`).toString('latin1')
    expect(got('a.yaml')).toBe(plain('secret.yaml'))
    expect(got('b.env')).toBe(plain('settings.env'))
    expect(got('blob')).toBe(plain('bytes.bin'))
    expect(got('.dockerconfigjson')).toBe(plain('values.json'))
    expect([got('plain'), data['broken']]).toEqual(['plain', 'not base64!'])
  })

  test('an annotation leaves an object as it is', async () => {
    const object = whole('secret-data.yaml')
    const annotations = { 'kustomize.toolkit.fluxcd.io/decrypt': 'Disabled' }
    const given = { ...object, metadata: { ...object.metadata, annotations } }
    expect(await decryptObjects([given], await keysOf())).toEqual([given])
  })

  test('other objects are not touched', async () => {
    const data = { a: base64('secret.yaml') }
    const map: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data }
    expect((await decryptObjects([map], await keysOf()))[0]).toBe(map)
  })

  test('a fault names the object, and quotes nothing of it', async () => {
    const got = await decryptObjects([whole('secret-data.yaml')], await keysOf('two.agekey')).then(
      String,
      messageOf,
    )
    expect(got).toMatch(
      /^decryption failed for 'Secret\.v1\.\[noGrp\]\/database': failed to decrypt and format 'team\/database' Secret data: cannot get sops data key/,
    )
  })

  test('a Secret that is still encrypted is recognised', () => {
    expect(isEncryptedSecret(whole('secret-data.yaml'))).toBe(true)
    expect(isEncryptedSecret({ apiVersion: 'v1', kind: 'Secret', metadata: {} })).toBe(false)
  })
})
