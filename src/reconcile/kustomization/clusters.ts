import { isFault } from '../../base/index.ts'
import {
  type Cluster,
  fieldAt,
  isApiFault,
  isObject,
  type KubeObject,
  parseYaml,
} from '../../object/index.ts'
import { clusterAccess, unusable } from './cloud-cluster.ts'
import type { Run } from './context.ts'
import { failed } from './ending.ts'

/** Keys under which a Secret may hold a kubeconfig, when the spec names none. */
const KEYS = ['value', 'value.yaml']

/** What a service account may be called: with a colon in it, it would be somebody else. */
const ACCOUNT = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/

/**
 * The service account that a run acts as; undefined for the controller's own rights. An empty name is
 * none, so that nobody gets around the default one by it.
 * @throws RunEnd ReconciliationFailed for a name that no service account has
 */
export function serviceAccountOf(run: Run): string | undefined {
  const name = run.object.spec.serviceAccountName || run.context.options.defaultServiceAccount
  if (name === '') return undefined
  if (ACCOUNT.test(name)) return name
  throw failed('ReconciliationFailed', `invalid service account name ${JSON.stringify(name)}`)
}

/**
 * The cluster that a run applies to, asked as whom it acts for.
 * @throws RunEnd ReconciliationFailed when `kubeConfig` names none that can be used
 */
export async function clusterOf(run: Run): Promise<Cluster> {
  const account = serviceAccountOf(run)
  const cluster =
    run.object.spec.kubeConfig === undefined ? run.context.cluster : await remoteCluster(run)
  if (account === undefined) return cluster
  const namespace = run.object.metadata.namespace ?? ''
  return cluster.as({ user: `system:serviceaccount:${namespace}:${account}` })
}

async function remoteCluster(run: Run): Promise<Cluster> {
  const { remoteClusters } = run.context
  const { configMapRef, secretRef } = run.object.spec.kubeConfig ?? {}
  const target =
    secretRef === undefined && configMapRef !== undefined
      ? await clusterAccess(run, configMapRef.name)
      : await kubeconfigText(run)
  if (remoteClusters === undefined) throw unusable('spec.kubeConfig is not served by this process')
  try {
    return await remoteClusters(target)
  } catch (error) {
    if (isFault(error)) throw unusable(error.message)
    throw error
  }
}

/** The text of the kubeconfig, in Flux's words where there is none. */
async function kubeconfigText(run: Run): Promise<string> {
  const reference = run.object.spec.kubeConfig?.secretRef
  if (reference === undefined)
    throw unusable(
      'invalid .spec.kubeConfig, neither .spec.kubeConfig.provider nor .spec.kubeConfig.secretRef is set',
    )
  const namespace = run.object.metadata.namespace ?? ''
  const { name, key } = reference
  const secret = await readSecret(run, namespace, name)
  const keys = key === undefined ? KEYS : [key]
  const found = keys
    .map((each) => fieldAt(secret, 'data', each))
    .find((value) => value !== undefined)
  if (typeof found !== 'string')
    throw unusable(
      `KubeConfig secret '${namespace}/${name}' does not contain a '${keys[0]}' key with a kubeconfig`,
    )
  const text = Buffer.from(found, 'base64').toString()
  refuseOtherThanObject(text)
  return text
}

async function readSecret(run: Run, namespace: string, name: string): Promise<KubeObject> {
  try {
    return await run.context.cluster.get(
      { group: '', version: 'v1', kind: 'Secret', namespace, name },
      { signal: run.turn.signal },
    )
  } catch (error) {
    if (!isApiFault(error)) throw error
    throw unusable(
      `unable to read KubeConfig secret '${namespace}/${name}' error: ${error.message}`,
      `Secret/${name}`,
    )
  }
}

function refuseOtherThanObject(text: string): void {
  let value: unknown
  try {
    value = parseYaml(text, 'kubeconfig')[0]
  } catch (error) {
    if (isFault(error)) throw unusable(`couldn't get version/kind; ${error.message}`)
    throw error
  }
  if (isObject(value)) return
  if (value === undefined || value === null)
    throw unusable(
      'invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable',
    )
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
  throw unusable(
    `couldn't get version/kind; json parse error: json: cannot unmarshal ${kind} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
  )
}
