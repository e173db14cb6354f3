import { readFile } from 'node:fs/promises'
import { type Clock, messageOf } from '../base/index.ts'
import { isArray, isObject, type JsonObject, stringAt, valueAt } from '../object/index.ts'
import type { HttpOptions } from './http-options.ts'
import { kubeconfigFault, pem } from './kubeconfig-parts.ts'

/** The part of a transport's options that says who asks. */
export type Credentials = Pick<HttpOptions, 'cert' | 'key' | 'headers' | 'fixedHeaders'>

/** What may be done to get credentials. */
export interface CredentialRights {
  readonly clock: Clock
  /** Name of the user in the kubeconfig. */
  readonly name: string
  readonly files: boolean
  readonly exec: boolean
}

/** Token files are read again after this: kubelet rotates them. */
const TOKEN_AGE_MS = 10_000

type Headers = NonNullable<HttpOptions['headers']>

/** The credentials of a kubeconfig's user. @throws Fault KUBECONFIG */
export async function credentialsOf(
  user: JsonObject,
  cluster: JsonObject,
  rights: CredentialRights,
): Promise<Credentials> {
  const cert = pem(user, 'client-certificate', rights.files)
  const key = pem(user, 'client-key', rights.files)
  const fixedHeaders = impersonation(user)
  const dynamic = await dynamicOf(user, cluster, rights)
  return {
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(Object.keys(fixedHeaders).length === 0 ? {} : { fixedHeaders }),
    ...dynamic,
  }
}

/** A bearer token in a file, read again as it is rotated. */
export function tokenFileHeaders(path: string, clock: Clock): Headers {
  let token = ''
  let readAt = Number.NEGATIVE_INFINITY
  return async () => {
    if (clock.now() - readAt >= TOKEN_AGE_MS) {
      try {
        token = (await readFile(path, 'utf8')).trim()
      } catch (error) {
        throw kubeconfigFault(`kubeconfig: token file: ${messageOf(error)}`, error)
      }
      readAt = clock.now()
    }
    return bearer(token)
  }
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` }
}

async function dynamicOf(
  user: JsonObject,
  cluster: JsonObject,
  rights: CredentialRights,
): Promise<Credentials> {
  const file = stringAt(user, 'tokenFile') ?? ''
  if (file !== '') {
    if (!rights.files) throw kubeconfigFault('kubeconfig: tokenFile: files are not read, use token')
    return { headers: tokenFileHeaders(file, rights.clock) }
  }
  const token = stringAt(user, 'token') ?? ''
  if (token !== '') return { headers: async () => bearer(token) }
  const name = stringAt(user, 'username') ?? ''
  if (name !== '') {
    const pair = Buffer.from(`${name}:${stringAt(user, 'password') ?? ''}`).toString('base64')
    return { headers: async () => ({ authorization: `Basic ${pair}` }) }
  }
  if (isObject(user['exec'])) return rights.exec ? plugin(user['exec'], cluster, rights) : {}
  if (isObject(user['auth-provider'])) {
    // It speaks to an issuer that the text names, and reads files.
    if (rights.exec) return provider(user['auth-provider'], rights)
    throw kubeconfigFault('kubeconfig: auth-provider: providers are not run, use token')
  }
  return {}
}

/** What an authenticator of client-node fills in. */
interface Filled {
  headers: Record<string, string>
  cert?: string
  key?: string
}

/** A credential plugin, run by client-node, which also keeps its answer until it expires. */
async function plugin(
  exec: JsonObject,
  cluster: JsonObject,
  rights: CredentialRights,
): Promise<Credentials> {
  const { ExecAuth } = await import('@kubernetes/client-node/dist/exec_auth.js')
  const auth = new ExecAuth()
  const env = isArray(exec['env']) ? exec['env'] : []
  const info = { name: 'KUBERNETES_EXEC_INFO', value: execInfo(exec, cluster) }
  const user = { name: rights.name, exec: { ...exec, env: [...env, info] } }
  const ask = async (): Promise<Filled> => {
    const filled: Filled = { headers: {} }
    try {
      await auth.applyAuthentication(user as never, filled as never)
    } catch (error) {
      const command = stringAt(exec, 'command') ?? ''
      throw kubeconfigFault(`getting credentials: exec: ${command}: ${messageOf(error)}`, error)
    }
    return filled
  }
  // A client certificate is part of the connection, so it is asked for before there is one.
  const { cert, key } = await ask()
  return {
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    headers: async () => lowerCase((await ask()).headers),
  }
}

function execInfo(exec: JsonObject, cluster: JsonObject): string {
  return JSON.stringify({
    apiVersion: stringAt(exec, 'apiVersion') ?? 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      ...(exec['provideClusterInfo'] === true
        ? {
            cluster: {
              server: cluster['server'],
              'certificate-authority-data': cluster['certificate-authority-data'],
            },
          }
        : {}),
    },
  })
}

async function provider(auth: JsonObject, rights: CredentialRights): Promise<Credentials> {
  const name = stringAt(auth, 'name') ?? ''
  if (name !== 'oidc')
    throw kubeconfigFault(
      `kubeconfig: the ${name} auth provider is no longer supported by Kubernetes: use its exec plugin`,
    )
  const { OpenIDConnectAuth } = await import('@kubernetes/client-node/dist/oidc_auth.js')
  const oidc = new OpenIDConnectAuth()
  const user = { name: rights.name, authProvider: auth }
  return {
    headers: async () => {
      const filled: Filled = { headers: {} }
      await oidc.applyAuthentication(user as never, filled as never)
      return lowerCase(filled.headers)
    },
  }
}

function lowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
}

function impersonation(user: JsonObject): Record<string, string | readonly string[]> {
  const as = stringAt(user, 'as') ?? ''
  if (as === '') return {}
  const groups = valueAt(user, 'as-groups')
  const list = isArray(groups) ? groups.filter((group) => typeof group === 'string') : []
  return { 'impersonate-user': as, ...(list.length === 0 ? {} : { 'impersonate-group': list }) }
}
