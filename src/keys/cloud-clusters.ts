import type { CloudClusterRequest, CloudClusters, ClusterAccess } from '../api/index.ts'
import { aksCluster } from './aks.ts'
import { type CloudLoginOptions, cloudLogins } from './cloud-logins.ts'
import {
  type ClusterFinder,
  type ClusterPlace,
  canonicalAddress,
  clusterToken,
  type FindCluster,
} from './cluster-place.ts'
import { eksCluster } from './eks.ts'
import { keysFault } from './faults.ts'
import { gkeCluster } from './gke.ts'
import { digestOf, type Kept, keptTokens, type Token } from './token-cache.ts'

const FINDERS: Readonly<Record<CloudClusterRequest['provider'], FindCluster>> = {
  aws: eksCluster,
  azure: aksCluster,
  gcp: gkeCluster,
  generic: trustingCluster,
}

/** How long what a cloud said of a cluster is kept. */
const DESCRIBED_MS = 15 * 60_000

/**
 * Clusters in clouds, and those that trust the tokens of this one.
 * @see fluxcd/pkg auth v0.54.2 restconfig.go
 */
export function cloudClusters(options: CloudLoginOptions): CloudClusters {
  const logins = cloudLogins(options)
  const places = keptTokens<ClusterPlace>(options, 'cluster')
  return async (given) => {
    const request = withAudiences(given)
    const described = keeper(places, request, options)
    const find = FINDERS[request.provider]
    const { place, token } = await find({ options, logins, described }, request)
    const access: ClusterAccess = {
      server: canonicalAddress(place.address),
      ...(place.ca === '' ? {} : { ca: place.ca }),
      token,
    }
    await token()
    return access
  }
}

/** Tokens are for the audiences of the ConfigMap where it names any, whatever the provider's are. */
function withAudiences(request: CloudClusterRequest): CloudClusterRequest {
  const { identity, audiences } = request
  if (identity === undefined || audiences.length === 0) return request
  return { ...request, identity: { ...identity, token: () => identity.token(...audiences) } }
}

function keeper(
  places: Kept<ClusterPlace>,
  { provider, cluster, address, identity, use }: CloudClusterRequest,
  { clock }: CloudLoginOptions,
): ClusterFinder['described'] {
  const { namespace, name, annotations } = identity ?? {}
  const key = digestOf(provider, cluster, address, namespace, name, annotations)
  return (look) =>
    places(
      key,
      async (): Promise<Token<ClusterPlace>> => ({
        value: await look(),
        endsAt: clock.now() + DESCRIBED_MS,
      }),
      use,
    )
}

/** A cluster that trusts the tokens of this one. Never as the controller, whatever the address is. */
async function trustingCluster(
  { options }: ClusterFinder,
  { identity, address, ca, audiences, use }: CloudClusterRequest,
): ReturnType<FindCluster> {
  if (identity === undefined)
    throw keysFault(
      'KEY_CREDENTIALS',
      'a service account is needed for a kubeConfig of the generic provider',
    )
  if (address === '')
    throw keysFault('KEY_HOST', 'cluster address is required to create a REST config')
  const audience = audiences.length === 0 ? [address] : audiences
  const kept = keptTokens<string>(options, 'generic')
  const name = digestOf(identity.namespace, identity.name, audience)
  const get = async (): Promise<Token<string>> => {
    const value = await identity.token(...audience)
    return { value, endsAt: expiryOf(value) ?? options.clock.now() }
  }
  return {
    place: { address, ca },
    token: () => clusterToken(() => kept(name, get, use)),
  }
}

/** When a token of Kubernetes ends, in milliseconds; undefined for what does not say so. */
function expiryOf(token: string): number | undefined {
  try {
    const claims: unknown = JSON.parse(
      Buffer.from(token.split('.')[1] ?? '', 'base64url').toString(),
    )
    const { exp } = claims as { readonly exp?: unknown }
    return typeof exp === 'number' ? exp * 1000 : undefined
  } catch {
    return undefined
  }
}
