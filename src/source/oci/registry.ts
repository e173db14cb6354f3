import type { OciArtifact, OciRequest, Registry } from '../../api/index.ts'
import type { Clock } from '../../base/index.ts'
import { tlsMaterial } from '../git/credentials.ts'
import type { HttpClient, TlsMaterial } from '../http-client.ts'
import { proxyOf } from '../proxy.ts'
import { RootMemory, verifyArtifact } from '../verify/artifact.ts'
import { PublicRoot, type PublicRootOptions } from '../verify/public-root.ts'
import { parseOciAddress } from './address.ts'
import { type RegistryLogin, readDockerConfigs, registryLogin } from './docker-config.ts'
import { pullArtifact } from './pull.ts'
import { resolveRef } from './resolve.ts'
import { OciSession, WayMemory } from './session.ts'

/** How a registry client behaves. */
export interface RegistryOptions {
  readonly http: HttpClient
  readonly clock: Clock
  readonly layerBytesMax?: number
  readonly unpackedBytesMax?: number
  /** Where layers go that are too large for the memory; they stay in memory unless given. */
  readonly spoolDir?: string
  /** What hosts answered is not quoted. */
  readonly isQuiet?: boolean
  /** Where the trusted root for identities is had from, where a policy names none. */
  readonly publicRoot?: Pick<PublicRootOptions, 'dir' | 'repository'>
}

const MIB = 1024 * 1024
/** Layers beyond this go to the disk. */
const MEMORY_BYTES_MAX = 16 * MIB

/**
 * Creates a client of OCI registries. After a tag is resolved everything is fetched by digest, and
 * every byte is checked against it.
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
export function createRegistry(options: RegistryOptions): Registry {
  const ways = new WayMemory()
  const { http, clock } = options
  const roots = new RootMemory()
  const publicRoot = new PublicRoot({ http, clock, ...options.publicRoot })
  return {
    find: async (request) => {
      const configs = readDockerConfigs(request.dockerConfigs ?? [])
      const address = parseOciAddress(request.url, request.insecure ?? false)
      const { registry, repository } = address
      const name = `${registry}/${repository}`
      const session = new OciSession({
        http,
        clock,
        address,
        ways,
        isQuiet: options.isQuiet ?? false,
        login: async () => registryLogin(configs, name) ?? (await cloudLogin(request, name)),
        tls: tlsOf(request),
        proxy: request.proxy === undefined ? undefined : proxyOf(request.proxy),
        signal: request.signal,
      })
      const found = await resolveRef(session, request, name)
      const artifact = { session, name, digest: found.digest }
      return {
        revision: found.revision,
        reference: found.reference,
        verify: (policy) =>
          verifyArtifact(artifact, policy, {
            http,
            clock,
            publicRoot,
            roots,
            signal: request.signal,
          }),
        pull: () =>
          pullArtifact(artifact, {
            layer: request.layer ?? {},
            layerBytesMax: options.layerBytesMax ?? 1024 * MIB,
            unpackedBytesMax: options.unpackedBytesMax ?? 2048 * MIB,
            spool:
              options.spoolDir === undefined
                ? undefined
                : { dir: options.spoolDir, fromBytes: MEMORY_BYTES_MAX },
          }),
      } satisfies OciArtifact
    },
  }
}

async function cloudLogin(request: OciRequest, name: string): Promise<RegistryLogin | undefined> {
  const user = await request.login?.(name)
  return user === undefined ? undefined : { kind: 'basic', ...user }
}

/** A registry that is said to be insecure is not asked for a certificate that is known. */
function tlsOf(request: OciRequest): TlsMaterial | undefined {
  if (request.tls !== undefined) return tlsMaterial(request.tls)
  return request.insecure === true ? { rejectUnauthorized: false } : undefined
}
