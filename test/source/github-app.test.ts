import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { createServer } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { rfc3339, VirtualClock } from '../../src/base/index.ts'
import { listen } from '../../src/source/artifact/server.ts'
import { createGithubApp, type GithubApp } from '../../src/source/git/github-app.ts'
import { createHttpClient, type RunningServer } from '../../src/source/index.ts'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
const { signal } = new AbortController()
let clock: VirtualClock
let server: RunningServer
let asked: string[]
let claims: { iat: number; exp: number; iss: string }[]
let app: GithubApp

beforeEach(async () => {
  clock = new VirtualClock()
  asked = []
  claims = []
  const api = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    const [head = '', body = '', signature = ''] = (request.headers.authorization ?? '')
      .slice(7)
      .split('.')
    const isSigned = verify(
      'sha256',
      Buffer.from(`${head}.${body}`),
      createPublicKey(privateKey),
      Buffer.from(signature, 'base64url'),
    )
    if (!isSigned) return response.writeHead(401).end()
    claims.push(JSON.parse(Buffer.from(body, 'base64url').toString()))
    if (request.url === '/api/users/someone/installation') return response.end('{"id": 42}')
    if (request.method !== 'POST') return response.writeHead(404).end()
    const expires_at = rfc3339(clock.now() + 3_600_000)
    return response.writeHead(201).end(JSON.stringify({ token: `t${asked.length}`, expires_at }))
  })
  server = await listen(api, { host: '127.0.0.1', port: 0 })
  app = createGithubApp({ http: createHttpClient(), clock })
})
afterEach(() => server.close())

const data = (more: Record<string, string>): Record<string, Uint8Array> =>
  Object.fromEntries(
    Object.entries({
      githubAppID: '7',
      githubAppPrivateKey: pem,
      githubAppBaseURL: `http://${server.address}/api`,
      ...more,
    }).map(([key, value]) => [key, Buffer.from(value)]),
  )

const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString()

describe('the key of a GitHub App', () => {
  it('is exchanged for a token, which is kept until shortly before its end', async () => {
    const request = { data: data({ githubAppInstallationID: '9' }), signal }
    const first = await app(request)
    expect([text(first['username']), text(first['password'])]).toEqual(['x-access-token', 't1'])
    await clock.advance(50 * 60_000)
    expect(text((await app(request))['password'])).toBe('t1')
    await clock.advance(6 * 60_000)
    expect(text((await app(request))['password'])).toBe('t2')
    expect(asked).toEqual(Array(2).fill('POST /api/app/installations/9/access_tokens'))
    const [claim] = claims
    expect(claim).toMatchObject({ iss: '7' })
    expect((claim?.exp ?? 0) - (claim?.iat ?? 0)).toBe(120)
  })

  it('finds the installation of an owner', async () => {
    await app({ data: data({ githubAppInstallationOwner: 'someone' }), signal })
    expect(asked.at(-1)).toBe('POST /api/app/installations/42/access_tokens')
  })

  const broken: Readonly<Record<string, { given: Record<string, string>; want: string }>> = {
    'neither owner nor installation': { given: {}, want: 'owner or ID must be provided' },
    both: {
      given: { githubAppInstallationID: '1', githubAppInstallationOwner: 'a' },
      want: 'only one of',
    },
    'no key': {
      given: { githubAppInstallationID: '1', githubAppPrivateKey: 'x' },
      want: 'could not parse private key',
    },
    'an unknown owner': { given: { githubAppInstallationOwner: 'no' }, want: "owner 'no'" },
  }
  for (const [name, { given, want }] of Object.entries(broken))
    it(`is refused: ${name}`, async () => {
      const failure = await app({ data: data(given), signal }).catch((error: unknown) => error)
      expect(failure).toMatchObject({ code: 'GIT_CREDENTIALS' })
      expect(String(failure)).toContain(want)
      expect(String(failure)).not.toContain('PRIVATE')
    })
})
