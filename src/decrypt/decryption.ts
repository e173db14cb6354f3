import { createHash } from 'node:crypto'
import type {
  CloudKeys,
  KeyService,
  Kustomization,
  TokenUse,
  WorkloadIdentity,
} from '../api/index.ts'
import { compareText, type FileTree } from '../base/index.ts'
import { fieldAt, isApiFault, isObject, type KubeObject } from '../object/index.ts'
import { decryptObjects } from './decrypt-objects.ts'
import { decryptSources } from './decrypt-sources.ts'
import { decryptFault } from './faults.ts'
import { type KeySecret, localKeys, readKeySecret } from './key-secret.ts'

/** What `spec.decryption` needs from the cluster and the network. */
export interface DecryptionDeps {
  /** Reads a Secret. @throws ApiFault */
  readonly readSecret: (namespace: string, name: string) => Promise<KubeObject>
  /** Absent: keys across the network open nothing. */
  readonly cloudKeys?: CloudKeys
  /** The service account to be, when there is no static credential. */
  readonly identity?: WorkloadIdentity
  readonly use?: TokenUse
  /** Login paths by address of Vault, of the servers that the operator trusts. */
  readonly vaultLogins?: Readonly<Record<string, string>>
  /** `--sops-age-secret`: used by those that name no Secret of their own. */
  readonly ageSecret?: { readonly namespace: string; readonly name: string }
}

/** Decryption as one Kustomization asks for it. */
export interface Decryption {
  /** Changes whenever the keys do: part of the key of a build that is kept. */
  readonly digest: string
  /** Texts that were decrypted before the build: no message may quote them. */
  readonly texts: ReadonlySet<string>
  /** Before the build. @throws Fault */
  sources(tree: FileTree, path: string): Promise<FileTree>
  /** After the build, before substitution. @throws Fault */
  objects(objects: readonly KubeObject[]): Promise<KubeObject[]>
}

/** On a Kustomization: check the MAC of whole files, too, which Flux does not. */
const VERIFY = 'tidegate.dev/sops-verify'

/**
 * Opens the keys that a Kustomization names; undefined when it asks for no decryption.
 * @throws Fault KEY_FORMAT; ApiFault when the Secret is not there; both are BuildFailed in Flux's words
 * @see fluxcd/kustomize-controller v1.9.4 decryptor.go ImportKeys
 */
export async function openDecryption(
  object: Kustomization,
  deps: DecryptionDeps,
): Promise<Decryption | undefined> {
  const { decryption, components } = object.spec
  if (decryption === undefined || decryption.provider !== 'sops') return undefined
  const { secret, digest } = await readKeys(object, deps)
  const { cloudKeys, identity, vaultLogins, use } = deps
  const who = {
    ...(identity === undefined ? {} : { identity }),
    ...(use === undefined ? {} : { use }),
    ...(vaultLogins === undefined ? {} : { vaultLogins }),
  }
  const clouds: readonly KeyService[] =
    cloudKeys === undefined ? [] : [cloudKeys({ credentials: secret.clouds, ...who })]
  const keys = await localKeys(secret, clouds)
  const verify = object.metadata.annotations?.[VERIFY]?.toLowerCase() === 'enabled'
  const texts = new Set<string>()
  return {
    digest,
    texts,
    sources: (tree, path) =>
      decryptSources(tree, path, keys, {
        verify,
        onText: (text) => texts.add(text),
        ...(components === undefined ? {} : { components }),
      }),
    objects: (objects) => decryptObjects(objects, keys),
  }
}

async function readKeys(
  object: Kustomization,
  deps: DecryptionDeps,
): Promise<{ readonly secret: KeySecret; readonly digest: string }> {
  const own = object.spec.decryption?.secretRef?.name
  const namespace = object.metadata.namespace ?? ''
  if (own !== undefined) return readSecret({ namespace, name: own }, deps, () => true)
  if (deps.ageSecret !== undefined)
    return readSecret(deps.ageSecret, deps, (key) => key.endsWith('.agekey'))
  return { secret: readKeySecret({}, ''), digest: '' }
}

async function readSecret(
  ref: { readonly namespace: string; readonly name: string },
  deps: DecryptionDeps,
  wanted: (key: string) => boolean,
): Promise<{ readonly secret: KeySecret; readonly digest: string }> {
  const title = `${ref.namespace}/${ref.name}`
  const secret = await deps.readSecret(ref.namespace, ref.name).catch((error: unknown) => {
    if (!isApiFault(error) || error.code === 'NOT_FOUND') throw error
    throw decryptFault(
      'KEY_FORMAT',
      `cannot get sops decryption Secret '${title}': ${error.message}`,
      error,
    )
  })
  const data = fieldAt(secret, 'data')
  const entries = Object.entries(isObject(data) ? data : {})
    .filter(([key, value]) => wanted(key) && typeof value === 'string')
    .sort(([a], [b]) => compareText(a, b))
    .map(([key, value]) => [key, Buffer.from(String(value), 'base64')] as const)
  const hash = createHash('sha256')
  for (const [key, bytes] of entries) hash.update(`${key}\0${bytes.length}\0`).update(bytes)
  return {
    secret: readKeySecret(Object.fromEntries(entries), title),
    digest: `sha256:${hash.digest('hex')}`,
  }
}
