import { ociFault } from './oci-fault.ts'

/** Where a repository of a registry is. */
export interface OciAddress {
  /** `https://host[:port]`, or `http://` for a registry that is near or said to be insecure. */
  readonly base: string
  /** As credentials name it: `host[:port]`, `index.docker.io`. */
  readonly registry: string
  /** `org/name`. */
  readonly repository: string
}

const SCHEME = 'oci://'
const DOCKER = 'index.docker.io'

/**
 * Parses the address of an OCIRepository.
 * @throws Fault OCI_URL
 * @see source-controller ocirepository_controller.go parseRepository (v1.9.1)
 */
export function parseOciAddress(url: string, isInsecure: boolean): OciAddress {
  const path = url.startsWith(SCHEME) ? url.slice(SCHEME.length) : ''
  const slash = path.indexOf('/')
  const host = path.slice(0, slash)
  const name = path.slice(slash + 1)
  if (slash <= 0 || name === '' || !/^[a-z0-9][a-z0-9._/:-]*$/.test(name))
    throw ociFault('OCI_URL', "URL must be in format 'oci://<domain>/<org>/<repo>'")
  const [repository = '', tag] = name.split(':')
  if (tag !== undefined) throw ociFault('OCI_URL', `URL must not contain a tag; remove ':${tag}'`)
  const isDocker = host === 'docker.io' || host === DOCKER
  const registry = isDocker ? DOCKER : host
  const scheme = isInsecure || isNear(host) ? 'http' : 'https'
  return {
    base: `${scheme}://${isDocker ? 'registry-1.docker.io' : registry}`,
    registry,
    repository: isDocker && !repository.includes('/') ? `library/${repository}` : repository,
  }
}

/** Registries on this machine and on private networks speak plain HTTP. */
function isNear(host: string): boolean {
  const name = host.replace(/:\d+$/, '')
  return (
    /^(localhost|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|\[::1\])/.test(name) ||
    name.endsWith('.local')
  )
}
