import { readFileSync } from 'node:fs'
import type { RegistryOptions } from '../source/index.ts'

/**
 * Where the trusted root of Sigstore is had from: its public instance, or what TUF_MIRROR and
 * TUF_ROOT_JSON (a file) name, as for cosign; a mirror without a root is one of the public instance.
 */
export function publicRootOf(
  env: Readonly<Record<string, string | undefined>>,
  dir: string,
): NonNullable<RegistryOptions['publicRoot']> {
  const { TUF_MIRROR: baseUrl, TUF_ROOT_JSON: file } = env
  if (!baseUrl) return { dir }
  const root = file ? readFileSync(file) : undefined
  return { dir, repository: { baseUrl, ...(root === undefined ? {} : { root }) } }
}
