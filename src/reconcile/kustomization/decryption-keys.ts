import type { CloudKeyRequest } from '../../api/index.ts'
import { isFault } from '../../base/index.ts'
import { type Decryption, openDecryption } from '../../decrypt/index.ts'
import {
  fieldAt,
  isApiFault,
  isArray,
  isObject,
  type KubeObject,
  parseYaml,
  stringAt,
} from '../../object/index.ts'
import type { Run } from './context.ts'
import { failed } from './ending.ts'
import { identityOf, tokenUseOf } from './identity.ts'

const VAULT_KEY = 'config.yaml'

/**
 * The keys that `spec.decryption` names: of its Secret, and those that a service account opens.
 * @throws RunEnd BuildFailed
 */
export async function openKeys(run: Run): Promise<Decryption | undefined> {
  const { cloudKeys, options } = run.context
  try {
    return await openDecryption(run.object, {
      readSecret: (namespace, name) => read(run, 'Secret', { namespace, name }),
      ...(cloudKeys === undefined ? {} : { cloudKeys }),
      ...(options.sopsAgeSecret === undefined ? {} : { ageSecret: options.sopsAgeSecret }),
      use: tokenUseOf(run.object, 'decrypt'),
      ...(await accountOf(run)),
    })
  } catch (error) {
    if (isFault(error)) throw failed('BuildFailed', error.message)
    throw error
  }
}

/** The identity of the run for decryption; none for a Kustomization that decrypts nothing. */
async function accountOf(run: Run): Promise<Pick<CloudKeyRequest, 'identity' | 'vaultLogins'>> {
  const { decryption } = run.object.spec
  const { defaultDecryptionServiceAccount, sopsVaultConfigMap } = run.context.options
  if (decryption === undefined) return {}
  const name = decryption.serviceAccountName || defaultDecryptionServiceAccount
  if (name === '') return {}
  const identity = await accountIdentity(run, name)
  if (sopsVaultConfigMap === undefined) return { identity }
  return { identity, vaultLogins: vaultLogins(await read(run, 'ConfigMap', sopsVaultConfigMap)) }
}

async function accountIdentity(
  run: Run,
  name: string,
): Promise<Awaited<ReturnType<typeof identityOf>>> {
  try {
    return await identityOf(run, name)
  } catch (error) {
    if (!isApiFault(error)) throw error
    const account = `${run.object.metadata.namespace}/${name}`
    throw failed('BuildFailed', `failed to get service account '${account}': ${error.message}`, {
      missing: `ServiceAccount/${name}`,
    })
  }
}

function read(
  run: Run,
  kind: string,
  at: { readonly namespace: string; readonly name: string },
): Promise<KubeObject> {
  const { signal } = run.turn
  return run.context.cluster.get({ group: '', version: 'v1', kind, ...at }, { signal })
}

/** The servers that the operator trusts, and where a service account logs in at each. */
function vaultLogins(configMap: KubeObject): Readonly<Record<string, string>> {
  const { namespace = '', name = '' } = configMap.metadata
  const title = `${namespace}/${name}`
  const text = fieldAt(configMap, 'data', VAULT_KEY)
  if (typeof text !== 'string')
    throw failed('BuildFailed', `Vault ConfigMap '${title}' is missing the '${VAULT_KEY}' key`)
  const config = parseYaml(text, VAULT_KEY)[0]
  const instances = isObject(config) ? config['instances'] : undefined
  const listed = isArray(instances) ? instances.filter(isObject) : []
  return Object.fromEntries(
    listed.map((each) => [stringAt(each, 'address') ?? '', stringAt(each, 'loginPath') ?? '']),
  )
}
