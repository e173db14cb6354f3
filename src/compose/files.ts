import { chmod, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { makeFolder } from '../files/index.ts'
import { type Credentials, kubeconfigText } from './kubeconfig-text.ts'

/** A folder to keep things in: the one given, or a temporary one that `dispose` removes. */
export async function dataFolder(
  given: string | undefined,
): Promise<{ readonly dir: string; readonly dispose: () => Promise<void> }> {
  if (given !== undefined) {
    makeFolder(given)
    return { dir: given, dispose: () => Promise.resolve() }
  }
  const dir = await mkdtemp(join(tmpdir(), 'tidegate-'))
  return { dir, dispose: () => rm(dir, { recursive: true, force: true }) }
}

/** Writes a kubeconfig that only its owner may read, whole or not at all. */
export async function writeKubeconfig(
  path: string,
  serverUrl: string,
  credentials?: Credentials,
): Promise<void> {
  makeFolder(dirname(path))
  const text = kubeconfigText(serverUrl, credentials)
  const there = await stat(path).catch(() => undefined)
  // A device, /dev/null or a terminal, is written to; a file in its place would harm all programs.
  if (there !== undefined && !there.isFile()) return writeFile(path, text)
  const temporary = `${path}.tmp`
  await writeFile(temporary, text, { mode: 0o600 })
  await chmod(temporary, 0o600)
  await rename(temporary, path)
}
