import type { KeyService } from '../api/index.ts'
import { type Fault, isFault } from '../base/index.ts'
import { fieldAt, gvkOf, isKubeObject, isObject, type KubeObject } from '../object/index.ts'
import { decryptFile } from './decrypt-file.ts'
import { type DecryptCode, decryptFault } from './faults.ts'
import { detectFormat, formatForPath } from './formats.ts'

/** The annotation that leaves an object as it is. */
const DISABLED = 'kustomize.toolkit.fluxcd.io/decrypt'

/**
 * Decrypts built objects: those that hold a `sops` block as a whole, and the values of Secrets that
 * generators took from encrypted files. The MAC is not checked unless asked for, since kustomize
 * changes what was encrypted.
 * @throws Fault in Flux's words, for the first object in order that fails
 * @see fluxcd/kustomize-controller v1.9.4 decryptor.go DecryptResource
 */
export async function decryptObjects(
  objects: readonly KubeObject[],
  keys: KeyService,
  options: { readonly verify?: boolean } = {},
): Promise<KubeObject[]> {
  const results = await Promise.all(
    objects.map((object) =>
      decryptObject(object, keys, options).catch((error: unknown) => {
        if (isFault(error)) return error
        throw error
      }),
    ),
  )
  return results.map((result, i) => {
    if (!isFault(result)) return result
    throw wrap(result, objects[i])
  })
}

/** Says whether an object is a Secret that is still encrypted as a whole. */
export function isEncryptedSecret(object: KubeObject): boolean {
  return object.kind === 'Secret' && object.apiVersion === 'v1' && object['sops'] !== undefined
}

async function decryptObject(
  object: KubeObject,
  keys: KeyService,
  options: { readonly verify?: boolean },
): Promise<KubeObject> {
  if (object.metadata.annotations?.[DISABLED]?.toLowerCase() === 'disabled') return object
  const mac = fieldAt(object, 'sops', 'mac')
  if (mac !== undefined && mac !== null && mac !== '') return decryptWhole(object, keys, options)
  return object.kind === 'Secret' ? decryptData(object, keys, options) : object
}

async function decryptWhole(
  object: KubeObject,
  keys: KeyService,
  options: { readonly verify?: boolean },
): Promise<KubeObject> {
  const { namespace = '', name = '' } = object.metadata
  const content = Buffer.from(JSON.stringify(object))
  const verify = options.verify ?? false
  const out = await within(
    `failed to decrypt and format '${namespace}/${name}' ${object.kind} data`,
    () => decryptFile(content, { input: 'json', verify }, keys),
  )
  const value: unknown = JSON.parse(Buffer.from(out).toString())
  if (isKubeObject(value)) return value
  throw decryptFault(
    'SOPS_FORMAT',
    `failed to unmarshal decrypted '${namespace}/${name}' ${object.kind} to JSON: no apiVersion, kind or metadata`,
  )
}

async function decryptData(
  object: KubeObject,
  keys: KeyService,
  options: { readonly verify?: boolean },
): Promise<KubeObject> {
  const data = object['data']
  if (!isObject(data)) return object
  const { namespace = '', name = '' } = object.metadata
  const changed: [string, string][] = []
  for (const [key, value] of Object.entries(data)) {
    if (typeof value !== 'string' || !/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(value)) continue
    const content = Buffer.from(value, 'base64')
    const input = detectFormat(content)
    if (input === undefined) continue
    const verify = options.verify ?? false
    const out = await within(
      `failed to decrypt and format '${namespace}/${name}' Secret field '${key}'`,
      () => decryptFile(content, { input, output: formatForPath(key), verify }, keys),
    )
    changed.push([key, Buffer.from(out).toString('base64')])
  }
  if (changed.length === 0) return object
  return { ...object, data: { ...data, ...Object.fromEntries(changed) } }
}

async function within<T>(what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (!isFault(error)) throw error
    throw decryptFault(error.code as DecryptCode, `${what}: ${error.message}`)
  }
}

function wrap(fault: Fault, object: KubeObject | undefined): Fault<DecryptCode> {
  if (object === undefined) return decryptFault(fault.code as DecryptCode, fault.message)
  const { group, version, kind } = gvkOf(object)
  const gvk = `${kind}.${version}.${group === '' ? '[noGrp]' : group}`
  const name = object.metadata.name ?? ''
  return decryptFault(
    fault.code as DecryptCode,
    `decryption failed for '${gvk}/${name}': ${fault.message}`,
  )
}
