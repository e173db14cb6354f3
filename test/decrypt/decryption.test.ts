import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { CloudKeyRequest, Kustomization } from '../../src/api/index.ts'
import { memoryTree, messageOf } from '../../src/base/index.ts'
import { type DecryptionDeps, openDecryption } from '../../src/decrypt/index.ts'
import { ApiFault, type KubeObject, parseYaml } from '../../src/object/index.ts'
import { FIXTURES, sealed } from './keys.ts'

type Spec = Partial<Kustomization['spec']>

function kustomization(
  spec: Spec,
  annotations: Readonly<Record<string, string>> = {},
): Kustomization {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: 'app', namespace: 'team', annotations },
    spec: { interval: '1m', prune: true, sourceRef: { kind: 'GitRepository', name: 'x' }, ...spec },
  }
}

function key(name: string): string {
  return readFileSync(join(FIXTURES, 'keys', name)).toString('base64')
}

const SECRETS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'team/keys': {
    'one.agekey': key('one.agekey'),
    'sops.vault-token': Buffer.from('token').toString('base64'),
    'notes.txt': 'AAAA',
  },
  'team/other': { 'two.agekey': key('two.agekey') },
  'flux-system/age': { 'one.agekey': key('one.agekey'), 'one.asc': key('one.asc') },
  'team/bad': { 'x.agekey': Buffer.from('nonsense').toString('base64') },
}

const deps: DecryptionDeps = {
  readSecret: async (namespace, name): Promise<KubeObject> => {
    if (name === 'secret-of-others')
      throw new ApiFault({ code: 'FORBIDDEN', message: 'secrets "x" is forbidden', status: 403 })
    const data = SECRETS[`${namespace}/${name}`]
    if (data === undefined)
      throw new ApiFault({ code: 'NOT_FOUND', message: `secrets "${name}" not found`, status: 404 })
    return { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name }, data }
  },
}

function asking(name: string | undefined): Kustomization {
  const secretRef = name === undefined ? {} : { secretRef: { name } }
  return kustomization({ decryption: { provider: 'sops', ...secretRef } })
}

const OBJECT = parseYaml(sealed('secret-data.yaml').toString(), 'x')[0] as unknown as KubeObject

async function opens(object: Kustomization, more: Partial<DecryptionDeps> = {}): Promise<boolean> {
  const decryption = await openDecryption(object, { ...deps, ...more })
  return decryption === undefined
    ? false
    : decryption.objects([OBJECT]).then(
        () => true,
        () => false,
      )
}

describe('spec.decryption', () => {
  test('absent: nothing is decrypted', async () => {
    expect(await openDecryption(kustomization({}), deps)).toBeUndefined()
  })

  test('the keys of the Secret in the namespace of the Kustomization', async () => {
    expect(await opens(asking('keys'))).toBe(true)
    expect(await opens(asking('other'))).toBe(false)
  })

  test('without a Secret of its own, the age keys of the operator, and no other of its keys', async () => {
    const ageSecret = { namespace: 'flux-system', name: 'age' }
    expect(await opens(asking(undefined))).toBe(false)
    expect(await opens(asking(undefined), { ageSecret })).toBe(true)
    expect(await opens(asking('other'), { ageSecret })).toBe(false)
  })

  test.each([
    ['missing', 'secrets "missing" not found'],
    [
      'secret-of-others',
      `cannot get sops decryption Secret 'team/secret-of-others': secrets "x" is forbidden`,
    ],
    [
      'bad',
      "failed to import 'x.agekey' data from sops decryption Secret 'team/bad': failed to parse and add to age identities: unknown identity type",
    ],
  ])('the Secret %s', async (name, want) => {
    expect(await openDecryption(asking(name), deps).then(String, messageOf)).toBe(want)
  })

  test('the digest changes with the keys alone', async () => {
    const digest = async (name: string): Promise<unknown> =>
      (await openDecryption(asking(name), deps))?.digest
    expect(await digest('keys')).toBe(await digest('keys'))
    expect(await digest('keys')).not.toBe(await digest('other'))
  })

  test('keys across the network get the credentials of the Secret', async () => {
    const asked: CloudKeyRequest[] = []
    const cloudKeys: DecryptionDeps['cloudKeys'] = (request) => {
      asked.push(request)
      return { decrypt: async () => undefined }
    }
    await openDecryption(asking('keys'), { ...deps, cloudKeys })
    expect(asked).toEqual([{ credentials: { vaultToken: 'token' } }])
  })
})

describe('before the build', () => {
  const changed = sealed('secret-data.yaml').toString().replace('name: database', 'name: other')
  const tree = memoryTree({
    'a/kustomization.yaml': 'patches: [{path: p.yaml}]',
    'a/p.yaml': changed,
    'part/kustomization.yaml': 'secretGenerator: [{name: x, envs: [s.env]}]',
    'part/s.env': sealed('settings.env'),
  })
  const spec: Spec = {
    decryption: { provider: 'sops', secretRef: { name: 'keys' } },
    components: ['../part'],
  }

  test('components of the spec are decrypted, too; the MAC is not checked', async () => {
    const decryption = await openDecryption(kustomization(spec), deps)
    const after = await decryption?.sources(tree, 'a')
    expect(Buffer.from(after?.read('part/s.env') ?? []).toString()).not.toContain('ENC[')
    expect(Buffer.from(after?.read('a/p.yaml') ?? []).toString()).toContain('name: other')
  })

  test('an annotation asks for the MAC', async () => {
    const asked = kustomization(spec, { 'tidegate.dev/sops-verify': 'enabled' })
    const decryption = await openDecryption(asked, deps)
    const got = await decryption?.sources(tree, 'a').then(String, messageOf)
    expect(got).toMatch(/^error decrypting sources: failed to verify sops data integrity: /)
  })
})
