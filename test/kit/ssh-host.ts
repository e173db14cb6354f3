import type { AddressInfo } from 'node:net'
import ssh2, { type ServerChannel } from 'ssh2'
import { greeting, uploadPack } from '../../src/source/git/upload-pack.ts'
import type { Repository } from '../../src/source/index.ts'

/** A Git host that is reached over SSH. */
export interface SshHost {
  readonly port: number
  close(): Promise<void>
}

/** What to serve, and to whom. */
export interface SshHostOptions {
  /** PEM. */
  readonly hostKey: string
  /** Public keys that may log in as `git`, one line each. */
  readonly authorized: readonly string[]
  /** The repository of a path, `/name.git`. */
  readonly repository: (path: string) => Repository | undefined
  /** Refuses the variable that asks for version 2. */
  readonly isOld?: boolean
}

/** Starts an SSH server on loopback that knows one command. */
export async function startSshHost(options: SshHostOptions): Promise<SshHost> {
  const keys = options.authorized.map((line) => Buffer.from(line.split(' ')[1] ?? '', 'base64'))
  const connections = new Set<{ end(): void }>()
  const server = new ssh2.Server({ hostKeys: [options.hostKey] }, (client) => {
    connections.add(client)
    client.on('close', () => connections.delete(client))
    client.on('error', () => undefined)
    client.on('authentication', (ask) => {
      const isKnown =
        ask.method === 'publickey' &&
        ask.username === 'git' &&
        keys.some((key) => key.equals(ask.key.data))
      if (!isKnown) ask.reject(['publickey'])
      else if (ask.signature === undefined) ask.accept()
      else verifyLogin(ask)
    })
    client.on('session', (accept) => {
      const session = accept()
      let version: 0 | 2 = 0
      session.on('env', (take, _refuse, { key, val }) => {
        if (key === 'GIT_PROTOCOL' && val === 'version=2' && !options.isOld) version = 2
        take?.()
      })
      session.on('exec', (take, _refuse, { command }) => {
        const path = /^git-upload-pack '(.*)'$/.exec(command)?.[1]
        const repository = path === undefined ? undefined : options.repository(path)
        serve(take(), repository, version)
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        for (const connection of connections) connection.end()
        server.close(() => resolve())
      }),
  }
}

function verifyLogin(ask: ssh2.PublicKeyAuthContext): void {
  const key = ssh2.utils.parseKey(
    Buffer.concat([Buffer.from(`${ask.key.algo} `), Buffer.from(ask.key.data.toString('base64'))]),
  )
  const isSigned =
    !(key instanceof Error) &&
    key.verify(ask.blob ?? Buffer.alloc(0), ask.signature ?? Buffer.alloc(0), ask.hashAlgo) === true
  if (isSigned) ask.accept()
  else ask.reject()
}

function serve(channel: ServerChannel, repository: Repository | undefined, version: 0 | 2): void {
  channel.on('error', () => undefined)
  if (repository === undefined) {
    channel.stderr.write('fatal: does not appear to be a git repository\n')
    channel.exit(128)
    channel.end()
    return
  }
  const options = { repository, version, isConnection: true, advertisedOnly: version === 0 }
  channel.write(greeting(options))
  let pending = Buffer.alloc(0)
  channel.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk])
    for (let end = requestEnd(pending, version); end > 0; end = requestEnd(pending, version)) {
      channel.write(uploadPack(options, pending.subarray(0, end)))
      pending = pending.subarray(end)
    }
  })
  channel.on('end', () => {
    channel.exit(0)
    channel.end()
  })
}

/** Where a request ends: at a flush in version 2, after `done` in version 0; 0 when it does not yet. */
function requestEnd(data: Buffer, version: 0 | 2): number {
  for (let at = 0; at + 4 <= data.length; ) {
    const length = Number.parseInt(data.toString('latin1', at, at + 4), 16)
    if (length === 0 && version === 2) return at + 4
    const next = at + Math.max(length, 4)
    if (next > data.length) return 0
    if (version === 0 && data.toString('latin1', at + 4, next).startsWith('done')) return next
    at = next
  }
  return 0
}
