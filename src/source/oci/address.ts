import { ociFault } from './fault.ts'

/** Where a repository of a registry is. */
export interface OciAddress {
  /** As credentials name it: `host[:port]`, `index.docker.io`. */
  readonly registry: string
  /** `org/name`. */
  readonly repository: string
  /** Registries that are near, or said to be insecure, may speak plain HTTP. */
  readonly mayBePlain: boolean
}

const SCHEME = 'oci://'
const DOCKER = 'index.docker.io'
const CHARACTERS = 'abcdefghijklmnopqrstuvwxyz0123456789_-./'

/**
 * Parses the address of an OCIRepository.
 * @throws Fault OCI_URL in the words of go-containerregistry
 * @see source-controller ocirepository_controller.go parseRepository (v1.9.1); go-containerregistry pkg/name
 */
export function parseOciAddress(url: string, isInsecure: boolean): OciAddress {
  if (!url.startsWith(SCHEME))
    throw ociFault('OCI_URL', "URL must be in format 'oci://<domain>/<org>/<repo>'")
  const name = url.slice(SCHEME.length)
  if (name === '') throw ociFault('OCI_URL', 'a repository name must be specified')
  const slash = name.indexOf('/')
  const first = name.slice(0, Math.max(slash, 0))
  const hasHost = slash >= 0 && /[.:]/.test(first)
  const repository = hasHost ? name.slice(slash + 1) : name
  checkRepository(repository)
  if (hasHost && !isAuthority(first))
    throw ociFault('OCI_URL', `registries must be valid RFC 3986 URI authorities: ${first}`)
  const registry = !hasHost || first === 'docker.io' ? DOCKER : first
  const isBare = registry === DOCKER && !repository.includes('/')
  return {
    registry,
    repository: isBare ? `library/${repository}` : repository,
    mayBePlain: isInsecure || isNear(registry),
  }
}

function checkRepository(repository: string): void {
  const { length } = Array.from(repository)
  if (length < 2 || length > 255)
    throw ociFault(
      'OCI_URL',
      `repository must be between 2 and 255 characters in length: ${repository}`,
    )
  if (!/^[a-z0-9_./-]*$/.test(repository))
    throw ociFault(
      'OCI_URL',
      `repository can only contain the characters \`${CHARACTERS}\`: ${repository}`,
    )
}

function isAuthority(host: string): boolean {
  return /^(?:[A-Za-z0-9._~!$&'()*+,;=-]+|\[[0-9A-Fa-f:.]+\])(?::\d*)?$/.test(host)
}

/** Registries on this machine and on private networks. */
function isNear(registry: string): boolean {
  const host = registry.split(':')[0] ?? ''
  return (
    /^(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.[\d.]+$/.test(host) ||
    registry.startsWith('localhost:') ||
    /\.localhost(?::\d{1,5})?$/.test(registry) ||
    registry.includes('127.0.0.1') ||
    registry.includes('::1')
  )
}
