import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { GitRequest } from '../api/index.ts'
import type { Io } from '../cli/io.ts'

/** The keys that ssh tries by itself, in its order. */
const IDENTITIES = ['id_ed25519', 'id_ecdsa', 'id_rsa']

/** What ssh would use of a person's own folder: the first key, and the hosts that are known. */
export async function ownSshKeys(env: Io['env']): Promise<GitRequest['credentials']> {
  const folder = join(env['HOME'] ?? '/', '.ssh')
  const read = async (name: string): Promise<Uint8Array | undefined> =>
    await readFile(join(folder, name)).catch(() => undefined)
  const found = await Promise.all(IDENTITIES.map(read))
  const identity = found.find((each) => each !== undefined)
  const hosts = await read('known_hosts')
  return {
    ...(identity === undefined ? {} : { identity }),
    ...(hosts === undefined ? {} : { known_hosts: hosts }),
  }
}

/** `git@host:path`, as git takes it, is an address of SSH without a port; the path counts from the root. */
export function sshAddress(address: string): string {
  const [, user, host, path] = /^([\w-]+@)([^/:]+)[:/](.*)$/.exec(address) ?? []
  if (user === undefined || host === undefined || path === undefined) return address
  return `ssh://${user}${host}/${path.replace(/^\//, '')}`
}
