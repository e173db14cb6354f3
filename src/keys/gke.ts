import type { ClusterPlace, FindCluster } from './cluster-place.ts'
import { certificateIn, clusterToken, subjectOf } from './cluster-place.ts'
import { keysFault } from './faults.ts'
import { askJson, inside, textIn } from './http.ts'

const CLUSTER = /^projects\/[^/]{1,200}\/locations\/[^/]{1,200}\/clusters\/[^/]{1,200}$/

/**
 * A cluster of Google Kubernetes Engine. It takes tokens of Google.
 * @see fluxcd/pkg auth v0.54.2 gcp/provider.go NewRESTConfig
 */
export const gkeCluster: FindCluster = async ({ options, logins, described }, request) => {
  const { cluster, address, ca } = request
  const subject = subjectOf(request)
  const token = (): Promise<string> => clusterToken(() => logins.google(subject))
  const first = await token()
  if (address !== '' && ca !== '') return { place: { address, ca }, token }
  const isName = CLUSTER.test(cluster) && !/\/\.{1,2}(?:\/|$)/.test(cluster)
  if (!isName)
    throw keysFault(
      'KEY_HOST',
      `invalid GKE cluster ID: '${cluster}'. must match ${CLUSTER.source.replaceAll('\\/', '/')}`,
    )
  const found = await described(async (): Promise<ClusterPlace> => {
    const base = options.endpoints?.gcpContainer ?? 'https://container.googleapis.com'
    const path = cluster.split('/').map(encodeURIComponent).join('/')
    const what = `failed to describe GKE cluster '${cluster}'`
    const answer = await askJson(
      options.http,
      { method: 'GET', url: `${base}/v1/${path}`, headers: { authorization: `Bearer ${first}` } },
      what,
    )
    const auth = inside(answer, 'masterAuth')
    return {
      address: textIn(answer, 'endpoint', what),
      ca: certificateIn(textIn(auth, 'clusterCaCertificate', what), 'GKE'),
    }
  })
  return { place: { address: address || found.address, ca: ca || found.ca }, token }
}
