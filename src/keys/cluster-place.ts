import type { CloudClusterRequest, CloudLogins, CloudSubject } from '../api/index.ts'
import { isFault } from '../base/index.ts'
import type { CloudLoginOptions } from './cloud-logins.ts'
import { keysFault } from './faults.ts'

/** Where a cluster is; what of it the ConfigMap leaves open is asked of its cloud. */
export interface ClusterPlace {
  /** As the cloud has it, or the ConfigMap. */
  readonly address: string
  /** PEM. */
  readonly ca: string
}

/** What clusters in clouds are looked for with. */
export interface ClusterFinder {
  readonly options: CloudLoginOptions
  readonly logins: CloudLogins
  /** Looks a place up, or has it kept. */
  readonly described: (look: () => Promise<ClusterPlace>) => Promise<ClusterPlace>
}

/** A cluster as one of the providers finds it: its address may have no scheme. */
export type FindCluster = (
  finder: ClusterFinder,
  request: CloudClusterRequest,
) => Promise<{ readonly place: ClusterPlace; readonly token: () => Promise<string> }>

/** Asks for a token; the words are those of Flux. */
export async function clusterToken<T>(get: () => Promise<T>): Promise<T> {
  try {
    return await get()
  } catch (error) {
    if (!isFault(error)) throw error
    const message = `failed to get access token for cluster: ${error.message}`
    throw keysFault('KEY_CREDENTIALS', message, error)
  }
}

/** As whom a cloud is asked for a cluster. */
export function subjectOf({ identity, use }: CloudClusterRequest): CloudSubject {
  return {
    ...(identity === undefined ? {} : { identity }),
    ...(use === undefined ? {} : { use }),
  }
}

/**
 * `https://<host>:<port>`. Other than Flux, a token goes nowhere without TLS whatever the provider is.
 * @throws Fault KEY_HOST
 * @see fluxcd/pkg auth v0.54.2 restconfig.go ParseClusterAddress
 */
export function canonicalAddress(address: string): string {
  const text = address.startsWith('http') ? address : `https://${address}`
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || url.username !== '')
    throw keysFault('KEY_HOST', `failed to parse cluster address ${address}`)
  if (url.protocol === 'https:')
    return `https://${url.hostname}:${url.port === '' ? 443 : url.port}`
  throw keysFault(
    'KEY_HOST',
    `failed to parse cluster address ${address}: the Kubernetes API server address '${address}' must use https scheme`,
  )
}

/** The bytes of a certificate in base64 as PEM. @throws Fault KEY_SERVICE */
export function certificateIn(base64: string, what: string): string {
  const pem = Buffer.from(base64, 'base64').toString()
  if (pem.includes('-----BEGIN CERTIFICATE-----')) return pem
  throw keysFault('KEY_SERVICE', `failed to decode ${what} CA certificate: it is none`)
}
