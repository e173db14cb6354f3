import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { CloudLogins, WorkloadIdentity } from '../../src/api/index.ts'
import { messageOf, seededRandom, VirtualClock } from '../../src/base/index.ts'
import { type CloudLoginOptions, cloudLogins, fetchHttp } from '../../src/keys/index.ts'
import { type Answer, type TestServer, testServers } from './server.ts'

const serve = testServers()

function logins(options: Partial<CloudLoginOptions>): CloudLogins {
  const clock = new VirtualClock()
  const files: Readonly<Record<string, string>> = { '/token': 'a token of the pod\n' }
  return cloudLogins({
    env: {},
    readFile: async (path) => files[path] ?? Promise.reject(new Error(`no ${path}`)),
    http: fetchHttp(clock),
    clock,
    random: seededRandom(1),
    ...options,
  })
}

const identity = (annotations: Readonly<Record<string, string>>): WorkloadIdentity => ({
  namespace: 'team',
  name: 'app',
  annotations,
  token: async (audience) => `token for ${audience}`,
})

const ROLE = 'arn:aws:iam::123456789012:role/app'
const sts: Answer = () => ({
  body: {
    AssumeRoleWithWebIdentityResponse: {
      AssumeRoleWithWebIdentityResult: {
        Credentials: {
          AccessKeyId: 'TEMP',
          SecretAccessKey: 'secret',
          SessionToken: 'session',
          Expiration: 4_000_000_000,
        },
      },
    },
  },
})

describe('AWS', () => {
  test('keys of the environment', async () => {
    const env = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'ME', AWS_SECRET_ACCESS_KEY: 'mine' }
    expect(await logins({ env }).aws({ region: '' })).toEqual({
      accessKeyId: 'ME',
      secretAccessKey: 'mine',
    })
  })

  test('the role of the controller, by the token in its pod', async () => {
    const server = await serve(sts)
    const env = { AWS_WEB_IDENTITY_TOKEN_FILE: '/token', AWS_ROLE_ARN: ROLE }
    const found = logins({ env, endpoints: { awsSts: server.url } })
    expect((await found.aws({ region: 'eu-west-1' })).accessKeyId).toBe('TEMP')
    await found.aws({ region: 'eu-west-1' })
    expect(server.seen).toHaveLength(1)
    const form = new URLSearchParams(server.seen[0]?.body)
    expect(form.get('WebIdentityToken')).toBe('a token of the pod')
    expect(form.get('RoleArn')).toBe(ROLE)
  })

  test('the identity of the pod', async () => {
    const server = await serve(({ headers }) =>
      headers['authorization'] === 'a token of the pod'
        ? {
            body: {
              AccessKeyId: 'POD',
              SecretAccessKey: 's',
              Token: 't',
              Expiration: '2040-01-01T00:00:00Z',
            },
          }
        : { status: 403, body: '' },
    )
    const env = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${server.url}/v1/credentials`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/token',
    }
    expect((await logins({ env }).aws({ region: 'x' })).accessKeyId).toBe('POD')
  })

  test('the role of the machine', async () => {
    const server = await serve(({ path, headers }) => {
      if (path === '/latest/api/token') return { body: 'v2' }
      if (headers['x-aws-ec2-metadata-token'] !== 'v2') return { status: 401, body: '' }
      const roles = '/latest/meta-data/iam/security-credentials/'
      if (path === roles) return { body: 'node-role' }
      const body = { AccessKeyId: 'NODE', SecretAccessKey: 's', Token: 't', Expiration: 'x' }
      return path === `${roles}node-role` ? { body } : undefined
    })
    const found = logins({ endpoints: { awsMetadata: server.url } })
    expect((await found.aws({ region: 'x' })).accessKeyId).toBe('NODE')
  })

  test('the role of a service account, at the region that is named', async () => {
    const server = await serve(sts)
    const who = identity({ 'eks.amazonaws.com/role-arn': ROLE })
    const found = logins({ endpoints: { awsSts: server.url } })
    const keys = await found.aws({ identity: who, region: 'eu-west-1' })
    expect(keys.sessionToken).toBe('session')
    expect(new URLSearchParams(server.seen[0]?.body).get('WebIdentityToken')).toBe(
      'token for sts.amazonaws.com',
    )
  })

  const refused = {
    'no region of the controller': {
      request: { region: '' },
      want: 'failed to create provider access token for the controller: AWS_REGION environment variable is not set',
    },
    'no region of a service account': {
      request: { region: '', identity: identity({}) },
      want: "for service account 'team/app': an AWS region is required",
    },
    'no role': {
      request: { region: 'x', identity: identity({}) },
      want: 'invalid eks.amazonaws.com/role-arn annotation',
    },
    'a token service that only ends as one': {
      request: { region: 'x', stsEndpoint: 'https://evil.example/a.sts.amazonaws.com' },
      want: 'invalid STS endpoint',
    },
    'a token service of somebody else': {
      request: { region: 'x', stsEndpoint: 'https://sts.amazonaws.com.evil.example' },
      want: 'invalid STS endpoint',
    },
    'a region that leads to another host': {
      request: {
        region: 'x.evil.example/?',
        identity: identity({ 'eks.amazonaws.com/role-arn': ROLE }),
      },
      want: "invalid AWS region 'x.evil.example/?'",
    },
    'a token service without TLS': {
      request: { region: 'x', stsEndpoint: 'http://sts.example.com' },
      want: 'invalid STS endpoint',
    },
  }
  for (const [name, { request, want }] of Object.entries(refused))
    test(`refused: ${name}`, async () => {
      await expect(logins({}).aws(request)).rejects.toThrow(want)
    })
})

describe('Azure', () => {
  const tokens: Answer = ({ path }) => ({ body: { access_token: `for ${path}`, expires_in: 3600 } })

  test('an application of the environment', async () => {
    const server = await serve(tokens)
    const env = { AZURE_TENANT_ID: 'ten', AZURE_CLIENT_ID: 'cli', AZURE_CLIENT_SECRET: 'hush' }
    const found = logins({ env, endpoints: { azureLogin: server.url } })
    expect(await found.azure({ resource: 'https://storage.azure.com' })).toBe(
      'for /ten/oauth2/v2.0/token',
    )
    const form = new URLSearchParams(server.seen[0]?.body)
    expect(form.get('scope')).toBe('https://storage.azure.com/.default')
    expect(form.get('client_secret')).toBe('hush')
  })

  test('the token that is mounted into the pod', async () => {
    const server = await serve(tokens)
    const env = {
      AZURE_TENANT_ID: 'ten',
      AZURE_CLIENT_ID: 'cli',
      AZURE_FEDERATED_TOKEN_FILE: '/token',
    }
    await logins({ env, endpoints: { azureLogin: server.url } }).azure({ resource: 'r' })
    const form = new URLSearchParams(server.seen[0]?.body)
    expect(form.get('client_assertion')).toBe('a token of the pod')
  })

  test('a service account', async () => {
    const server = await serve(tokens)
    const who = identity({
      'azure.workload.identity/tenant-id': 'ten',
      'azure.workload.identity/client-id': 'cli',
    })
    const found = logins({ endpoints: { azureLogin: server.url } })
    await found.azure({ identity: who, resource: 'r' })
    expect(new URLSearchParams(server.seen[0]?.body).get('client_assertion')).toBe(
      'token for api://AzureADTokenExchange',
    )
  })

  test('the identity of the machine', async () => {
    const server = await serve(tokens)
    const found = logins({ endpoints: { azureMetadata: `${server.url}/token` } })
    await found.azure({ resource: 'https://storage.azure.com' })
    expect(server.seen[0]?.headers['metadata']).toBe('true')
  })
})

describe('tokens of others', () => {
  const wrong = { azureLogin: '', gcpSts: '' }
  /** Gives a token for the first request, refuses all others. */
  const once = async (): Promise<TestServer> => {
    let asked = 0
    return serve(() =>
      (asked += 1) === 1
        ? { body: { access_token: 'of the victim', expires_in: 3600 } }
        : { status: 401, body: '' },
    )
  }

  test('who knows the name of an application does not get what was kept for it', async () => {
    const server = await once()
    const found = logins({ endpoints: { ...wrong, azureLogin: server.url } })
    const azure = (clientSecret: string): Promise<string> =>
      found.azure({ resource: 'r', credentials: { tenantId: 't', clientId: 'c', clientSecret } })
    expect(await azure('right')).toBe('of the victim')
    expect(await azure('right')).toBe('of the victim')
    await expect(azure('wrong')).rejects.toThrow('answered with status 401')
  })

  test('nor who knows the name of an account of Google', async () => {
    const server = await once()
    const found = logins({ endpoints: { ...wrong, gcpSts: server.url } })
    const google = (): Promise<string> => {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
      const account = {
        client_email: 'me@x.iam.gserviceaccount.com',
        private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      }
      return found.google({ serviceAccount: Buffer.from(JSON.stringify(account)) })
    }
    expect(await google()).toBe('of the victim')
    await expect(google()).rejects.toThrow('answered with status 401')
  })

  test('nor the machine, for who is to be a service account', async () => {
    const credentials = { clientId: 'c' }
    await expect(
      logins({}).azure({ resource: 'r', credentials, identity: identity({}) }),
    ).rejects.toThrow(
      "the managed identity of the controller is not for service account 'team/app'",
    )
  })
})

describe('Google', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const account = Buffer.from(
    JSON.stringify({
      client_email: 'me@x.iam.gserviceaccount.com',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      token_uri: 'https://oauth2.googleapis.com/token',
    }),
  )

  test('the key of a service account', async () => {
    const server = await serve(() => ({ body: { access_token: 'goo', expires_in: 3600 } }))
    const found = logins({ endpoints: { gcpSts: server.url } })
    expect(await found.google({ serviceAccount: account })).toBe('goo')
  })

  test('a key that is none is refused, and not quoted', async () => {
    const failure = await logins({})
      .google({ serviceAccount: Buffer.from('{"private_key":"hunter2"}') })
      .catch(messageOf)
    expect(failure).toBe('dialing: the service account has no key')
  })

  test('the account of the machine', async () => {
    const server = await serve(({ headers }) =>
      headers['metadata-flavor'] === 'Google'
        ? { body: { access_token: 'gce', expires_in: 3600 } }
        : undefined,
    )
    expect(await logins({ endpoints: { gcpMetadata: server.url } }).google({})).toBe('gce')
  })
})

describe('registries of clouds', () => {
  test('ECR', async () => {
    const server = await serve(() => ({
      body: {
        authorizationData: [
          { authorizationToken: Buffer.from('AWS:pass:word').toString('base64') },
        ],
      },
    }))
    const env = { AWS_ACCESS_KEY_ID: 'ME', AWS_SECRET_ACCESS_KEY: 'mine' }
    const repository = '012345678901.dkr.ecr.eu-west-1.amazonaws.com/org/app'
    const found = logins({ env, endpoints: { awsEcr: server.url } })
    expect(await found.registry('aws', { repository })).toEqual({
      user: 'AWS',
      password: 'pass:word',
    })
    const [seen] = server.seen
    expect(seen?.headers['x-amz-target']).toMatch(/GetAuthorizationToken$/)
    expect(seen?.headers['authorization']).toContain('/eu-west-1/ecr/aws4_request')
  })

  test('ACR', async () => {
    const server = await serve(({ path }) =>
      path === '/oauth2/exchange'
        ? { body: { refresh_token: 'acr' } }
        : { body: { access_token: 'aad', expires_in: 3600 } },
    )
    const endpoints = { azureMetadata: `${server.url}/token`, azureRegistry: server.url }
    const user = await logins({ endpoints }).registry('azure', { repository: 'x.azurecr.io/app' })
    expect(user).toEqual({ user: '00000000-0000-0000-0000-000000000000', password: 'acr' })
    expect(new URLSearchParams(server.seen[1]?.body).get('service')).toBe('x.azurecr.io')
  })

  test('Artifact Registry', async () => {
    const server = await serve(() => ({ body: { access_token: 'goo', expires_in: 3600 } }))
    const found = logins({ endpoints: { gcpMetadata: server.url } })
    expect(await found.registry('gcp', { repository: 'eu-docker.pkg.dev/p/r/app' })).toEqual({
      user: 'oauth2accesstoken',
      password: 'goo',
    })
  })

  const others = {
    aws: "invalid AWS registry: 'evil.example.com'. must match ",
    azure: "invalid Azure registry: 'evil.example.com'. must match ",
    gcp: "invalid GCP registry: 'evil.example.com'. must match ",
  } as const
  for (const provider of ['aws', 'azure', 'gcp'] as const)
    test(`nothing is sold to another host: ${provider}`, async () => {
      const repository = 'evil.example.com/012345678901.dkr.ecr.eu-west-1.amazonaws.com'
      await expect(logins({}).registry(provider, { repository })).rejects.toThrow(others[provider])
    })
})
