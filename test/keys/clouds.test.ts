import { createVerify, generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { MasterKey, WorkloadIdentity } from '../../src/api/index.ts'
import { messageOf, seededRandom, VirtualClock } from '../../src/base/index.ts'
import { type CloudKeyOptions, cloudKeys, fetchHttp } from '../../src/keys/index.ts'
import { type Answer, type TestServer, testServers } from './server.ts'

const serve = testServers()

const DATA_KEY = Buffer.from('0123456789abcdef0123456789abcdef')
function keysWith(
  options: Partial<CloudKeyOptions>,
  clock: VirtualClock = new VirtualClock(),
): ReturnType<typeof cloudKeys> {
  const http = fetchHttp(clock)
  return cloudKeys({ credentials: {}, http, clock, random: seededRandom(1), ...options })
}

function identity(annotations: Readonly<Record<string, string>>): WorkloadIdentity {
  return {
    namespace: 'team',
    name: 'sops',
    annotations,
    token: async (audience) => `token for ${audience}`,
  }
}

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

function claimsOf(jwt: string): Record<string, unknown> {
  const [header = '', claims = '', signature = ''] = jwt.split('.')
  const verify = createVerify('RSA-SHA256').update(`${header}.${claims}`)
  expect(verify.verify(publicKey, Buffer.from(signature, 'base64url'))).toBe(true)
  return JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>
}

const ARN = 'arn:aws:kms:eu-west-1:123456789012:key/0f1e2d3c'
const AWS_KEY: MasterKey = { kind: 'kms', arn: ARN, enc: 'Y2lwaGVy', context: { a: 'b' } }
const AWS = { accessKeyId: 'AKID', secretAccessKey: 'hunter2' }

describe('AWS KMS', () => {
  test('a signed request, with the context of the key', async () => {
    const kms = await serve(() => ({ body: { Plaintext: DATA_KEY.toString('base64') } }))
    const keys = keysWith({ credentials: { aws: AWS }, endpoints: { awsKms: kms.url } })
    expect(Buffer.from((await keys.decrypt(AWS_KEY)) ?? [])).toEqual(DATA_KEY)
    const [seen] = kms.seen
    expect(JSON.parse(seen?.body ?? '')).toEqual({
      CiphertextBlob: 'Y2lwaGVy',
      KeyId: ARN,
      EncryptionContext: { a: 'b' },
    })
    expect(seen?.headers['x-amz-target']).toBe('TrentService.Decrypt')
    expect(seen?.headers['authorization']).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKID\/20260101\/eu-west-1\/kms\/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=[0-9a-f]{64}$/,
    )
  })

  function sts(action: string, endsAt: number): Answer {
    const Credentials = {
      AccessKeyId: 'TEMP',
      SecretAccessKey: 'secret',
      SessionToken: 'session',
      Expiration: endsAt / 1000,
    }
    return () => ({ body: { [`${action}Response`]: { [`${action}Result`]: { Credentials } } } })
  }

  test('a role is assumed once for many keys, and again when it ends', async () => {
    const clock = new VirtualClock()
    const kms = await serve(() => ({ body: { Plaintext: DATA_KEY.toString('base64') } }))
    const roles = await serve(sts('AssumeRole', clock.now() + 3_600_000))
    const endpoints = { awsKms: kms.url, awsSts: roles.url }
    const keys = keysWith({ credentials: { aws: AWS }, endpoints }, clock)
    const key = { ...AWS_KEY, role: 'arn:aws:iam::123456789012:role/sops' }
    await keys.decrypt(key)
    await keys.decrypt(key)
    expect(roles.seen).toHaveLength(1)
    expect(new URLSearchParams(roles.seen[0]?.body).get('RoleArn')).toBe(key.role)
    expect(kms.seen[1]?.headers['x-amz-security-token']).toBe('session')
    await clock.advance(3_500_000)
    await keys.decrypt(key)
    expect(roles.seen).toHaveLength(2)
  })

  test('a service account is exchanged for its role, without a signature', async () => {
    const kms = await serve(() => ({ body: { Plaintext: DATA_KEY.toString('base64') } }))
    const roles = await serve(sts('AssumeRoleWithWebIdentity', Date.UTC(2030, 0)))
    const role = 'arn:aws:iam::123456789012:role/team'
    const keys = keysWith({
      identity: identity({ 'eks.amazonaws.com/role-arn': role }),
      endpoints: { awsKms: kms.url, awsSts: roles.url },
    })
    await keys.decrypt(AWS_KEY)
    const sent = new URLSearchParams(roles.seen[0]?.body)
    expect(sent.get('WebIdentityToken')).toBe('token for sts.amazonaws.com')
    expect(sent.get('RoleArn')).toBe(role)
    expect(roles.seen[0]?.headers['authorization']).toBeUndefined()
    expect(kms.seen[0]?.headers['authorization']).toContain('Credential=TEMP/')
  })

  test('without any credential it is not for us', async () => {
    expect(await keysWith({}).decrypt(AWS_KEY)).toBeUndefined()
  })
})

describe('GCP KMS', () => {
  const resourceId = 'projects/p/locations/l/keyRings/r/cryptoKeys/k'
  const key: MasterKey = { kind: 'gcp_kms', resourceId, enc: 'Y2lwaGVy' }
  const decrypted = (): ReturnType<Answer> => ({ body: { plaintext: DATA_KEY.toString('base64') } })

  test('a service account signs for a token', async () => {
    const clock = new VirtualClock()
    const token = await serve(() => ({ body: { access_token: 'access', expires_in: 3600 } }))
    const kms = await serve(decrypted)
    const gcp = {
      clientEmail: 'a@b',
      privateKey: PEM,
      tokenUri: 'https://oauth2.googleapis.com/token',
    }
    const endpoints = { gcpKms: kms.url, gcpSts: token.url }
    const keys = keysWith({ credentials: { gcp }, endpoints }, clock)
    expect(Buffer.from((await keys.decrypt(key)) ?? [])).toEqual(DATA_KEY)
    await keys.decrypt(key)
    expect(token.seen).toHaveLength(1)
    expect(claimsOf(new URLSearchParams(token.seen[0]?.body).get('assertion') ?? '')).toMatchObject(
      {
        iss: 'a@b',
        aud: gcp.tokenUri,
        exp: clock.now() / 1000 + 3600,
      },
    )
    expect(kms.seen[0]?.path).toBe(`/v1/${resourceId}:decrypt`)
    expect(kms.seen[0]?.headers['authorization']).toBe('Bearer access')
    expect(JSON.parse(kms.seen[0]?.body ?? '')).toEqual({ ciphertext: 'Y2lwaGVy' })
  })

  test('a service account of the cluster is exchanged and then impersonates', async () => {
    const provider = 'projects/1/locations/global/workloadIdentityPools/p/providers/c'
    const email = 'sops@project.iam.gserviceaccount.com'
    const token = await serve(() => ({ body: { access_token: 'federated', expires_in: 3600 } }))
    const iam = await serve(() => ({
      body: { accessToken: 'access', expireTime: '2030-01-01T00:00:00Z' },
    }))
    const kms = await serve(decrypted)
    const keys = keysWith({
      identity: identity({
        'gcp.auth.fluxcd.io/workload-identity-provider': provider,
        'iam.gke.io/gcp-service-account': email,
      }),
      endpoints: { gcpKms: kms.url, gcpSts: token.url, gcpIam: iam.url },
    })
    await keys.decrypt(key)
    expect(JSON.parse(token.seen[0]?.body ?? '')).toMatchObject({
      audience: `//iam.googleapis.com/${provider}`,
      subjectToken: `token for //iam.googleapis.com/${provider}`,
    })
    expect(iam.seen[0]?.path).toBe(`/v1/projects/-/serviceAccounts/${email}:generateAccessToken`)
    expect(iam.seen[0]?.headers['authorization']).toBe('Bearer federated')
    expect(kms.seen[0]?.headers['authorization']).toBe('Bearer access')
  })
})

describe('Azure Key Vault', () => {
  const decrypted = (): ReturnType<Answer> => ({ body: { value: DATA_KEY.toString('base64url') } })

  async function setUp(): Promise<{ vault: TestServer; login: TestServer; key: MasterKey }> {
    const vault = await serve(decrypted)
    const login = await serve(() => ({ body: { access_token: 'access', expires_in: '3600' } }))
    const version = '0123456789abcdef'
    const key = {
      kind: 'azure_kv',
      vaultUrl: vault.url,
      name: 'sops',
      version,
      enc: 'Y2lw',
    } as const
    return { vault, login, key }
  }

  test('an application with a secret', async () => {
    const { vault, login, key } = await setUp()
    const azure = { tenantId: 'tenant', clientId: 'client', clientSecret: 'hunter2' }
    const endpoints = { azureVaultHosts: [vault.host], azureLogin: login.url }
    const keys = keysWith({ credentials: { azure }, endpoints })
    expect(Buffer.from((await keys.decrypt(key)) ?? [])).toEqual(DATA_KEY)
    expect(login.seen[0]?.path).toBe('/tenant/oauth2/v2.0/token')
    expect(Object.fromEntries(new URLSearchParams(login.seen[0]?.body))).toEqual({
      grant_type: 'client_credentials',
      client_id: 'client',
      client_secret: 'hunter2',
      scope: 'https://vault.azure.net/.default',
    })
    expect(vault.seen[0]?.path).toBe('/keys/sops/0123456789abcdef/decrypt?api-version=7.4')
    expect(JSON.parse(vault.seen[0]?.body ?? '')).toEqual({ alg: 'RSA-OAEP-256', value: 'Y2lw' })
    expect(vault.seen[0]?.headers['authorization']).toBe('Bearer access')
  })

  test('the identity of the machine', async () => {
    const { vault, login, key } = await setUp()
    const endpoints = { azureVaultHosts: [vault.host], azureMetadata: login.url }
    const keys = keysWith({ credentials: { azure: { clientId: 'client' } }, endpoints })
    await keys.decrypt(key)
    expect(login.seen[0]?.headers['metadata']).toBe('true')
    expect(login.seen[0]?.path).toContain('client_id=client')
  })

  test('a service account of the cluster', async () => {
    const { vault, login, key } = await setUp()
    const keys = keysWith({
      identity: identity({
        'azure.workload.identity/tenant-id': 'tenant',
        'azure.workload.identity/client-id': 'client',
      }),
      endpoints: { azureVaultHosts: [vault.host], azureLogin: login.url },
    })
    await keys.decrypt(key)
    expect(new URLSearchParams(login.seen[0]?.body).get('client_assertion')).toBe(
      'token for api://AzureADTokenExchange',
    )
  })
})

describe('Vault', () => {
  const decrypted = (): ReturnType<Answer> => ({
    body: { data: { plaintext: DATA_KEY.toString('base64') } },
  })

  function keyAt(address: string): MasterKey {
    return {
      kind: 'hc_vault',
      address,
      enginePath: 'team/transit',
      keyName: 'sops',
      enc: 'vault:v1:x',
    }
  }

  test('the token of the Secret', async () => {
    const vault = await serve(decrypted)
    const keys = keysWith({ credentials: { vaultToken: 'token' } })
    expect(Buffer.from((await keys.decrypt(keyAt(vault.url))) ?? [])).toEqual(DATA_KEY)
    expect(vault.seen[0]?.path).toBe('/v1/team/transit/decrypt/sops')
    expect(vault.seen[0]?.headers['x-vault-token']).toBe('token')
    expect(JSON.parse(vault.seen[0]?.body ?? '')).toEqual({ ciphertext: 'vault:v1:x' })
  })

  test('a service account logs in, once', async () => {
    const vault = await serve((seen) =>
      seen.path.includes('/login')
        ? { body: { auth: { client_token: 'fresh', lease_duration: 3600 } } }
        : decrypted(),
    )
    const keys = keysWith({
      identity: identity({}),
      vaultLogins: { [vault.url]: 'auth/kubernetes/login' },
    })
    await keys.decrypt(keyAt(vault.url))
    await keys.decrypt(keyAt(vault.url))
    expect(vault.seen.map(({ path }) => path)).toEqual([
      '/v1/auth/kubernetes/login',
      '/v1/team/transit/decrypt/sops',
      '/v1/team/transit/decrypt/sops',
    ])
    expect(JSON.parse(vault.seen[0]?.body ?? '')).toEqual({
      role: 'team_sops',
      jwt: `token for ${vault.url}`,
    })
    expect(vault.seen[1]?.headers['x-vault-token']).toBe('fresh')
  })

  test("the controller's own token goes to its own server alone", async () => {
    const vault = await serve(decrypted)
    const own = { vaultToken: 'own', vaultAddress: vault.url }
    const other = await serve(decrypted)
    expect(await keysWith({ own }).decrypt(keyAt(vault.url))).toBeDefined()
    expect(await keysWith({ own }).decrypt(keyAt(other.url))).toBeUndefined()
    expect(other.seen).toEqual([])
  })
})

describe('what a file may not do', () => {
  const credentials = {
    aws: AWS,
    azure: { tenantId: 't', clientId: 'c', clientSecret: 'hunter2' },
    gcp: { clientEmail: 'a@b', privateKey: PEM, tokenUri: 'https://evil.example/token' },
    vaultToken: 'hunter2',
  }
  const azure = { kind: 'azure_kv', name: 'k', version: '1', enc: 'x' } as const
  const vault = { kind: 'hc_vault', keyName: 'k', enc: 'x' } as const

  test.each([
    { ...azure, vaultUrl: 'https://vault.azure.net.evil.example' },
    { ...azure, vaultUrl: 'https://evil.example' },
    { ...azure, vaultUrl: 'http://team.vault.azure.net' },
    { ...azure, vaultUrl: 'https://evilvault.azure.net' },
    { ...azure, vaultUrl: 'https://team.vault.azure.net', name: '../../x' },
    { kind: 'kms', arn: 'arn:aws:kms:evil.example/:123456789012:key/x', enc: 'x' },
    { kind: 'kms', arn: 'arn:aws:kms:eu-west-1@evil.example:123456789012:key/x', enc: 'x' },
    { kind: 'gcp_kms', resourceId: '../../evil', enc: 'x' },
    {
      kind: 'gcp_kms',
      resourceId: 'projects/p/locations/l/keyRings/r/cryptoKeys/k',
      enc: 'x',
    },
    { ...vault, address: 'file:///etc/passwd', enginePath: 'transit' },
    { ...vault, address: 'https://user:pass@vault.example', enginePath: 'transit' },
    { ...vault, address: 'https://vault.example', enginePath: '../sys' },
  ] as const)('%j gets no credential', async (key) => {
    const http = (): never => {
      throw new Error('a request was made')
    }
    const got = await keysWith({ credentials, http })
      .decrypt(key)
      .then(String, (error: unknown) => error)
    expect(got).toMatchObject({ code: 'KEY_HOST' })
    expect(messageOf(got)).not.toContain('hunter2')
  })

  test.each([
    ['an error', 403],
    ['a redirect', 302],
    ['something else than JSON', 200],
  ])('%s of a server is not quoted, a redirect not followed', async (_, status) => {
    const kms = await serve(() => ({ status, body: 'hunter2 of an internal server' }))
    const keys = keysWith({ credentials: { aws: AWS }, endpoints: { awsKms: kms.url } })
    const got = await keys.decrypt(AWS_KEY).then(String, messageOf)
    expect(got).toMatch(/^failed to decrypt sops data key with AWS KMS: 127\.0\.0\.1:\d+ answered/)
    expect(got).not.toContain('hunter2')
    expect(kms.seen).toHaveLength(1)
  })

  test('a server that is not there', async () => {
    const keys = keysWith({
      credentials: { aws: AWS },
      endpoints: { awsKms: 'http://127.0.0.1:1' },
    })
    const got = await keys.decrypt(AWS_KEY).then(String, messageOf)
    expect(got).toBe('127.0.0.1:1: cannot be reached')
  })
})

test('a service account without a role of its own is not the process instead', async () => {
  const asked: string[] = []
  const keys = cloudKeys({
    credentials: {},
    identity: { namespace: 'team', name: 'default', annotations: {}, token: async () => 't' },
    own: {
      aws: { accessKeyId: 'own', secretAccessKey: 'own' },
      vaultToken: 'own',
      vaultAddress: 'https://vault.example.com',
    },
    http: async ({ url }) => {
      asked.push(url)
      return { status: 500, body: '' }
    },
    clock: new VirtualClock(),
    random: seededRandom(1),
  })
  const arn = 'arn:aws:kms:eu-west-1:111111111111:key/1'
  expect(await keys.decrypt({ kind: 'kms', arn, enc: 'x' })).toBeUndefined()
  const vault = { address: 'https://vault.example.com', enginePath: 'transit', keyName: 'k' }
  expect(await keys.decrypt({ kind: 'hc_vault', ...vault, enc: 'x' })).toBeUndefined()
  expect(asked).toEqual([])
})
