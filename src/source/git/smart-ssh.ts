import type { Algorithms, Client, ClientChannel, KexAlgorithm, ServerHostKeyAlgorithm } from 'ssh2'
import { messageOf } from '../../base/index.ts'
import { openTunnel, type Proxy } from '../proxy.ts'
import type { SecretData } from '../secret-data.ts'
import { gitFault } from './fault.ts'
import { checkHostKey, knownKeyTypes } from './known-hosts.ts'
import type { GitConversation } from './protocol.ts'

/** Algorithms to offer, best first; an empty list leaves the choice to the library. */
export interface SshAlgorithms {
  readonly kex?: readonly string[]
  /** Unless given, those of the keys that known_hosts has for the host. */
  readonly hostKey?: readonly string[]
}

/** Where a repository is, and what opens it. */
export interface SmartSshOptions {
  readonly url: URL
  readonly algorithms?: SshAlgorithms
  readonly credentials: SecretData
  readonly proxy?: Proxy
  readonly signal: AbortSignal
}

const ERROR_BYTES_MAX = 1024
/** How the types of keys are called when they are negotiated, best first. */
const ALGORITHMS: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
}

/**
 * Speaks with a repository over SSH. The host must show a key that the secret's known_hosts names:
 * nothing is trusted on first use.
 * @throws Fault GIT_CREDENTIALS
 */
export function smartSsh(options: SmartSshOptions): GitConversation {
  const { url, signal } = options
  const text = (key: string): string => Buffer.from(options.credentials[key] ?? []).toString()
  for (const key of ['identity', 'known_hosts'])
    if (text(key) === '')
      throw gitFault('GIT_CREDENTIALS', `invalid 'ssh' auth option: '${key}' is required`)
  let client: Client | undefined
  let channel: ClientChannel | undefined
  let chunks: AsyncIterable<Uint8Array> | undefined
  const onAbort = (): void => void client?.destroy()
  signal.addEventListener('abort', onAbort, { once: true })
  return {
    greet: async () => {
      client = await connect(url, {
        privateKey: text('identity'),
        passphrase: text('password'),
        knownHosts: text('known_hosts'),
        signal,
        proxy: options.proxy,
        algorithms: options.algorithms ?? {},
      })
      channel = await upload(client, decodeURIComponent(url.pathname))
      chunks = talk(channel)
      return chunks
    },
    say: (payload) => {
      if (channel === undefined || chunks === undefined) throw new Error('say before greet')
      channel.write(payload)
      return Promise.resolve(chunks)
    },
    close: () => {
      signal.removeEventListener('abort', onAbort)
      channel?.end()
      client?.end()
    },
  }
}

async function connect(
  url: URL,
  access: {
    readonly privateKey: string
    readonly passphrase: string
    readonly knownHosts: string
    readonly signal: AbortSignal
    readonly proxy: Proxy | undefined
    readonly algorithms: SshAlgorithms
  },
): Promise<Client> {
  // Loaded when the first SSH address is met: most processes never meet one.
  const ssh = (await import('ssh2')).default
  const parsed = ssh.utils.parseKey(
    access.privateKey,
    access.passphrase === '' ? undefined : access.passphrase,
  )
  if (parsed instanceof Error) throw keyFault(parsed, access.passphrase)
  const client = new ssh.Client()
  const host = { name: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 22) }
  const algorithms = offered(access.algorithms, knownKeyTypes(access.knownHosts, host))
  const sock =
    access.proxy === undefined
      ? undefined
      : await openTunnel(access.proxy, { host: host.name, port: host.port }, access.signal)
  let verdict = ''
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      client.destroy()
      sock?.destroy()
      reject(access.signal.reason)
    }
    access.signal.addEventListener('abort', onAbort, { once: true })
    client.once('close', () => access.signal.removeEventListener('abort', onAbort))
    if (access.signal.aborted) return onAbort()
    client.once('ready', () => resolve(client))
    client.once('error', (error: Error & { level?: string }) => {
      client.end()
      reject(access.signal.aborted ? access.signal.reason : connectFault(error, { verdict, host }))
    })
    client.once('close', () => reject(gitFault('GIT_HOST', 'ssh: the host closed the connection')))
    try {
      client.connect({
        ...(sock === undefined ? {} : { sock }),
        host: host.name,
        port: host.port,
        username: decodeURIComponent(url.username) || 'git',
        privateKey: access.privateKey,
        ...(access.passphrase === '' ? {} : { passphrase: access.passphrase }),
        readyTimeout: 0,
        algorithms,
        hostVerifier: (key: Buffer) => {
          const found = checkHostKey(access.knownHosts, host, key)
          verdict = found === 'known' ? '' : VERDICTS[found]
          return found === 'known'
        },
      })
    } catch (error) {
      // An algorithm that the library has never heard of.
      reject(gitFault('GIT_HOST', `ssh: handshake failed: ${messageOf(error)}`, error))
    }
    sock?.resume()
  })
}

function connectFault(
  error: Error & { level?: string },
  at: { readonly verdict: string; readonly host: { readonly name: string; readonly port: number } },
): Error {
  if (at.verdict !== '')
    return gitFault('GIT_HOST', `ssh: handshake failed: knownhosts: ${at.verdict}`)
  if (error.level === 'client-authentication')
    return gitFault(
      'GIT_AUTH',
      'ssh: handshake failed: ssh: unable to authenticate, attempted methods [none publickey], no supported methods remain',
    )
  const { name, port } = at.host
  return gitFault('GIT_HOST', `dial tcp ${name}:${port}: ${messageOf(error)}`, error)
}

function offered({ kex = [], hostKey = [] }: SshAlgorithms, known: readonly string[]): Algorithms {
  const types = hostKey.length > 0 ? hostKey : known.flatMap((type) => ALGORITHMS[type] ?? [])
  return {
    ...(types.length === 0 ? {} : { serverHostKey: types as ServerHostKeyAlgorithm[] }),
    ...(kex.length === 0 ? {} : { kex: kex as KexAlgorithm[] }),
  }
}

const VERDICTS = {
  mismatch: 'key mismatch',
  unknown: 'key is unknown',
  revoked: 'key is revoked',
} as const

function keyFault(error: Error, passphrase: string): Error {
  if (passphrase === '' && /encrypted/i.test(error.message))
    return gitFault('GIT_LOCKED', 'SSH identity key is encrypted')
  const why = /passphrase/i.test(error.message)
    ? 'x509: decryption password incorrect'
    : 'ssh: no key found'
  return gitFault('GIT_AUTH', `unable to construct auth method with options: ${why}`, error)
}

function upload(client: Client, path: string): Promise<ClientChannel> {
  const command = `git-upload-pack '${path.replaceAll("'", "'\\''")}'`
  return new Promise((resolve, reject) => {
    // A host that does not take the variable speaks version 0.
    client.exec(command, { env: { GIT_PROTOCOL: 'version=2' } }, (error, channel) => {
      if (error === undefined) resolve(channel)
      else reject(gitFault('GIT_HOST', `ssh: ${error.message}`, error))
    })
  })
}

/** The channel as one stream of chunks that several readers take turns on. */
function talk(channel: ClientChannel): AsyncIterable<Uint8Array> {
  let complaint = ''
  channel.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(0, ERROR_BYTES_MAX)
  })
  const iterator = (channel as AsyncIterable<Buffer>)[Symbol.asyncIterator]()
  let isSilent = true
  const next = async (): Promise<IteratorResult<Uint8Array>> => {
    const result = await iterator.next()
    if (!result.done) isSilent = false
    else if (isSilent) throw gitFault('GIT_HOST', `repository not found: ${complaint.trim()}`)
    return result
  }
  return { [Symbol.asyncIterator]: () => ({ next }) }
}
