import { describe, expect, test } from 'vitest'
import type { CloudClusterRequest, WorkloadIdentity } from '../../src/api/index.ts'
import { messageOf, seededRandom, VirtualClock } from '../../src/base/index.ts'
import {
  type CloudLoginOptions,
  cloudClusters,
  createTokenCache,
  fetchHttp,
} from '../../src/keys/index.ts'
import { createMetrics } from '../../src/telemetry/index.ts'
import { type Answer, testServers } from './server.ts'

const serve = testServers()

const PEM = '-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n'
const CA = Buffer.from(PEM).toString('base64')
const OWN_AWS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'own' }
const EKS = 'arn:aws:eks:eu-west-1:123456789012:cluster/prod'
const AKS =
  '/subscriptions/01234567-89ab-cdef-0123-456789abcdef/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/prod'
const GKE = 'projects/p/locations/l/clusters/prod'
const AZURE = { AZURE_TENANT_ID: 'ten', AZURE_CLIENT_ID: 'cli', AZURE_CLIENT_SECRET: 'hush' }

function finder(options: Partial<CloudLoginOptions>, clock: VirtualClock = new VirtualClock()) {
  const http = fetchHttp(clock)
  const find = cloudClusters({
    env: {},
    readFile: () => Promise.reject(new Error('no file')),
    http,
    clock,
    random: seededRandom(1),
    ...options,
  })
  return (request: Partial<CloudClusterRequest>) =>
    find({ provider: 'generic', cluster: '', address: '', ca: '', audiences: [], ...request })
}

function identity(annotations: Readonly<Record<string, string>> = {}): WorkloadIdentity & {
  asked: string[]
} {
  const asked: string[] = []
  const claims = Buffer.from(JSON.stringify({ exp: Date.UTC(2026, 0, 1, 1) / 1000 }))
  return {
    namespace: 'team',
    name: 'app',
    annotations,
    asked,
    token: async (...audiences) => {
      asked.push(audiences.join(','))
      return `h.${claims.toString('base64url')}.${audiences.join(',')}`
    },
  }
}

describe('EKS', () => {
  const eks: Answer = ({ path }) =>
    path === '/clusters/prod'
      ? {
          body: {
            cluster: { endpoint: 'https://EKS.example/', certificateAuthority: { data: CA } },
          },
        }
      : undefined

  test('the cluster is described with a signed request, the token is a signed address', async () => {
    const server = await serve(eks)
    const find = finder({ env: OWN_AWS, endpoints: { awsEks: server.url } })
    const access = await find({ provider: 'aws', cluster: EKS })
    expect(access).toMatchObject({ server: 'https://eks.example:443', ca: PEM })
    expect(server.seen[0]?.headers['authorization']).toContain('/eu-west-1/eks/aws4_request')
    const token = await access.token()
    expect(token).toMatch(/^k8s-aws-v1\.[\w-]+$/)
    const url = new URL(Buffer.from(token.slice(11), 'base64url').toString())
    expect(url.host).toBe('sts.eu-west-1.amazonaws.com')
    expect(url.searchParams.get('X-Amz-SignedHeaders')).toBe('host;x-k8s-aws-id')
    expect(url.searchParams.get('X-Amz-Expires')).toBe('900')
  })

  test('a service account is its role, in the region of the cluster', async () => {
    const Credentials = {
      AccessKeyId: 'T',
      SecretAccessKey: 's',
      SessionToken: 't',
      Expiration: 2e9,
    }
    const sts = await serve(() => ({
      body: {
        AssumeRoleWithWebIdentityResponse: { AssumeRoleWithWebIdentityResult: { Credentials } },
      },
    }))
    const find = finder({ endpoints: { awsSts: sts.url } })
    const who = identity({ 'eks.amazonaws.com/role-arn': 'arn:aws:iam::123456789012:role/app' })
    const given = { address: 'https://given.example:6443', ca: PEM }
    const access = await find({ provider: 'aws', cluster: EKS, identity: who, ...given })
    expect(access.server).toBe('https://given.example:6443')
    expect(who.asked).toEqual(['sts.amazonaws.com'])
    const form = new URLSearchParams(sts.seen[0]?.body)
    expect(form.get('RoleSessionName')).toBe('app.team.eu-west-1.fluxcd.io')
    await access.token()
    expect(sts.seen).toHaveLength(1)
  })

  test('a region that would lead to another host is none', async () => {
    const cluster = 'arn:aws:eks:x.evil.example/?:123456789012:cluster/prod'
    await expect(finder({ env: OWN_AWS })({ provider: 'aws', cluster })).rejects.toThrow(
      "invalid AWS region 'x.evil.example/?'",
    )
  })
})

describe('AKS', () => {
  const config = (server: string) =>
    JSON.stringify({
      'current-context': 'b',
      contexts: [
        { name: 'a', context: { cluster: 'x' } },
        { name: 'b', context: { cluster: 'y' } },
      ],
      clusters: [
        { name: 'x', cluster: { server: 'https://other.example' } },
        { name: 'y', cluster: { server, 'certificate-authority-data': CA } },
      ],
    })
  const azure: Answer = ({ path, body }) => {
    if (path.startsWith('/ten/'))
      return { body: { access_token: new URLSearchParams(body).get('scope'), expires_in: 3600 } }
    if (path.startsWith(`${AKS}?`)) return { body: { properties: { aadProfile: {} } } }
    const value = Buffer.from(config('https://aks.example')).toString('base64')
    return path.startsWith(`${AKS}/listClusterUserCredential?`)
      ? { body: { kubeconfigs: [{ value }] } }
      : undefined
  }

  test('the manager tells where it is, Entra gives the token', async () => {
    const { url } = await serve(azure)
    const find = finder({ env: AZURE, endpoints: { azureLogin: url, azureManagement: url } })
    const access = await find({ provider: 'azure', cluster: AKS })
    expect(access).toMatchObject({ server: 'https://aks.example:443', ca: PEM })
    expect(await access.token()).toBe('6dae42f8-4368-4678-94ff-3960e28e3630/.default')
  })

  test('an address that the cluster does not have', async () => {
    const { url } = await serve(azure)
    const find = finder({ env: AZURE, endpoints: { azureLogin: url, azureManagement: url } })
    await expect(
      find({ provider: 'azure', cluster: AKS, address: 'https://b.example' }),
    ).rejects.toThrow(
      `no kubeconfig found for AKS cluster ${AKS} matching the specified address 'https://b.example'. cluster addresses: ['https://aks.example']`,
    )
  })
})

describe('GKE', () => {
  test('the container API tells where it is, Google gives the token', async () => {
    const server = await serve(({ path, headers }) =>
      path === `/v1/${GKE}` && headers['authorization'] === 'Bearer goo'
        ? { body: { endpoint: '203.0.113.7', masterAuth: { clusterCaCertificate: CA } } }
        : path.endsWith('/token')
          ? { body: { access_token: 'goo', expires_in: 3600 } }
          : undefined,
    )
    const find = finder({ endpoints: { gcpMetadata: server.url, gcpContainer: server.url } })
    const access = await find({ provider: 'gcp', cluster: GKE })
    expect(access).toMatchObject({ server: 'https://203.0.113.7:443', ca: PEM })
    expect(await access.token()).toBe('goo')
  })

  test('in a cluster of Google a service account needs no provider in its annotations', async () => {
    const server = await serve(({ path }) => {
      if (path.endsWith('project/project-id')) return { body: 'proj' }
      if (path.endsWith('cluster-location')) return { body: 'europe-west1' }
      if (path.endsWith('cluster-name')) return { body: 'main' }
      return { body: { access_token: 'federated', expires_in: 3600 } }
    })
    const who = identity()
    const find = finder({ endpoints: { gcpMetadata: server.url, gcpSts: `${server.url}/sts` } })
    const given = { address: 'https://gke.example', ca: PEM }
    const access = await find({ provider: 'gcp', cluster: GKE, identity: who, ...given })
    expect(await access.token()).toBe('federated')
    expect(who.asked).toEqual(['proj.svc.id.goog'])
    const sent = server.seen.find(({ path }) => path === '/sts')
    expect(JSON.parse(sent?.body ?? '').audience).toBe(
      'identitynamespace:proj.svc.id.goog:https://container.googleapis.com/v1/projects/proj/locations/europe-west1/clusters/main',
    )
  })
})

describe('a cluster that trusts our tokens', () => {
  test('tokens for its audiences are kept for most of their life, and counted', async () => {
    const clock = new VirtualClock(Date.UTC(2026, 0, 1))
    const metrics = createMetrics()
    const who = identity()
    const find = finder({ tokens: createTokenCache({ clock, metrics }) }, clock)
    const use = {
      kind: 'Kustomization',
      namespace: 'team',
      name: 'k',
      operation: 'fetch_kubeconfig',
    }
    const request = { address: 'Remote.example', audiences: ['a', 'b'], identity: who, use }
    const access = await find(request)
    expect(access.server).toBe('https://remote.example:443')
    expect(await access.token()).toMatch(/\.a,b$/)
    await find(request)
    expect(who.asked).toEqual(['a,b'])
    await clock.advance(49 * 60_000)
    await access.token()
    expect(who.asked).toHaveLength(2)
    const text = metrics.render()
    expect(text).toContain(
      'gotk_token_cache_events_total{event_type="cache_miss",kind="Kustomization",name="k",namespace="team",operation="fetch_kubeconfig"} 2',
    )
    expect(text).toContain('gotk_token_cached_items 1')
    expect(text).toContain('gotk_token_cache_requests_total{status="success"} 2')
  })

  test('its address is the audience where no other is named', async () => {
    const who = identity()
    await finder({})({ address: 'https://remote.example', identity: who })
    expect(who.asked).toEqual(['https://remote.example'])
  })
})

const REFUSED: Readonly<Record<string, { given: Partial<CloudClusterRequest>; want: string }>> = {
  'generic without a service account': {
    given: { address: 'https://a.example' },
    want: 'a service account is needed for a kubeConfig of the generic provider',
  },
  'generic without an address': {
    given: { identity: identity() },
    want: 'cluster address is required to create a REST config',
  },
  'an address without TLS': {
    given: { identity: identity(), address: 'http://a.example' },
    want: "failed to parse cluster address http://a.example: the Kubernetes API server address 'http://a.example' must use https scheme",
  },
  'an address with somebody in it': {
    given: { identity: identity(), address: 'https://me@a.example' },
    want: 'failed to parse cluster address https://me@a.example',
  },
  'no ARN': {
    given: { provider: 'aws', cluster: 'prod' },
    want: "invalid EKS cluster ARN: 'prod'. must match ^arn:aws[\\w-]*:eks:([^:]{1,100}):[0-9]{1,30}:cluster/(.{1,200})$",
  },
  'no region to be the controller in is needed, but keys are': {
    given: { provider: 'aws', cluster: EKS, identity: identity() },
    want: "failed to get access token for cluster: failed to create provider access token for service account 'team/app': invalid eks.amazonaws.com/role-arn annotation: ''. must match ^arn:aws[\\w-]*:iam::[0-9]{1,30}:role/.{1,200}$",
  },
  'no cluster of Azure': {
    given: { provider: 'azure', cluster: '/subscriptions/x' },
    want: "invalid AKS cluster ID: '/subscriptions/x'. must match (?i)^/subscriptions/([^/]{36})/resourceGroups/([^/]{1,200})/providers/Microsoft\\.ContainerService/managedClusters/([^/]{1,200})$",
  },
  'a cluster of Google that climbs': {
    given: { provider: 'gcp', cluster: 'projects/../locations/l/clusters/c' },
    want: "invalid GKE cluster ID: 'projects/../locations/l/clusters/c'. must match ^projects/[^/]{1,200}/locations/[^/]{1,200}/clusters/[^/]{1,200}$",
  },
}

test.each(Object.entries(REFUSED))('refused: %s', async (_, { given, want }) => {
  const tokens = await serve(() => ({ body: { access_token: 'canary-4f1b', expires_in: 3600 } }))
  const endpoints = { azureLogin: tokens.url, gcpMetadata: tokens.url }
  const failure = await finder({ env: AZURE, endpoints })(given).catch(messageOf)
  expect(failure).toBe(want)
})

test('what a cloud answered is not quoted, nor is any token', async () => {
  const server = await serve(({ path }) =>
    path.endsWith('/token') || path.startsWith('/ten/')
      ? { body: { access_token: 'canary-4f1b', expires_in: 3600 } }
      : { status: 403, body: 'canary-4f1b' },
  )
  const endpoints = {
    awsEks: server.url,
    azureLogin: server.url,
    azureManagement: server.url,
    gcpMetadata: server.url,
    gcpContainer: server.url,
  }
  const find = finder({ env: { ...OWN_AWS, ...AZURE }, endpoints })
  const requests = [
    { provider: 'aws', cluster: EKS },
    { provider: 'azure', cluster: AKS },
    { provider: 'gcp', cluster: GKE },
  ] as const
  for (const request of requests) {
    const failure = String(await find(request).catch(messageOf))
    expect(failure).toMatch(/^failed to describe .* answered with status 403$/)
    expect(failure).not.toContain('canary')
  }
})
