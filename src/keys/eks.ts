import type { AwsLogin } from '../api/index.ts'
import { host } from './aws.ts'
import { placeOf } from './cloud-logins.ts'
import type { ClusterFinder, ClusterPlace, FindCluster } from './cluster-place.ts'
import { certificateIn, clusterToken, subjectOf } from './cluster-place.ts'
import { keysFault } from './faults.ts'
import { askJson, inside, textIn } from './http.ts'
import { presignV4, signV4 } from './sigv4.ts'

const CLUSTER = /^arn:aws[\w-]*:eks:([^:]{1,100}):[0-9]{1,30}:cluster\/(.{1,200})$/
/** How long the address that is the token is good for. The server takes no more than a quarter of an hour. */
const PRESIGNED_S = 900

/**
 * A cluster of Elastic Kubernetes Service. Its token is the signed address of a request that says who
 * we are, bound to the cluster by a header.
 * @see fluxcd/pkg auth v0.54.2 aws/provider.go NewRESTConfig
 */
export const eksCluster: FindCluster = async (finder, request) => {
  const { options, logins, described } = finder
  const { cluster } = request
  const match = CLUSTER.exec(cluster)
  if (match === null)
    throw keysFault(
      'KEY_HOST',
      `invalid EKS cluster ARN: '${cluster}'. must match ^arn:aws[\\w-]*:eks:([^:]{1,100}):[0-9]{1,30}:cluster/(.{1,200})$`,
    )
  const [, region = '', name = ''] = match
  const subject = subjectOf(request)
  const login = (): Promise<AwsLogin> => clusterToken(() => logins.aws({ region, ...subject }))
  const { address, ca } = request
  const isGiven = address !== '' && ca !== ''
  const keys = await login()
  const found = isGiven
    ? undefined
    : await described(() => describe(finder, { region, name, keys, cluster }))
  return {
    place: { address: address || (found?.address ?? ''), ca: ca || (found?.ca ?? '') },
    token: async () => {
      const url = `${options.endpoints?.awsSts ?? host('sts', placeOf(region))}/?Action=GetCallerIdentity&Version=2011-06-15`
      const signed = presignV4(
        { method: 'GET', url, headers: { 'x-k8s-aws-id': name } },
        { ...(await login()), region, service: 'sts' },
        { nowMs: options.clock.now(), expiresS: PRESIGNED_S },
      )
      return `k8s-aws-v1.${Buffer.from(signed).toString('base64url')}`
    },
  }
}

async function describe(
  { options }: ClusterFinder,
  at: { region: string; name: string; keys: AwsLogin; cluster: string },
): Promise<ClusterPlace> {
  const base = options.endpoints?.awsEks ?? host('eks', placeOf(at.region))
  const what = `failed to describe EKS cluster '${at.cluster}'`
  const signed = signV4(
    { method: 'GET', url: `${base}/clusters/${encodeURIComponent(at.name)}`, headers: {} },
    { ...at.keys, region: at.region, service: 'eks' },
    options.clock.now(),
  )
  const answer = await askJson(options.http, signed, what)
  const found = inside(answer, 'cluster')
  return {
    address: textIn(found, 'endpoint', what),
    ca: certificateIn(textIn(inside(found, 'certificateAuthority'), 'data', what), 'EKS'),
  }
}
