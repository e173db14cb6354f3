import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { OciPushed, OciPushRequest, RegistryWriter } from '../../api/index.ts'
import { bucketFilter } from '../tree/ignore-rules.ts'
import { tarOf } from '../tree/tar-write.ts'
import { parseOciAddress } from './address.ts'
import { IMAGE_MANIFEST } from './content.ts'
import { readDockerConfigs, registryLogin } from './docker-config.ts'
import { ociFault } from './fault.ts'
import type { RegistryOptions } from './registry.ts'
import { OciSession, WayMemory } from './session.ts'

const CONTENT = 'application/vnd.cncf.flux.content.v1.tar+gzip'
const CONFIG = 'application/vnd.cncf.flux.config.v1+json'
const GZIP_LEVEL = 6

/**
 * Creates what writes artifacts into OCI registries, in the form of `flux push artifact`. Equal trees
 * with equal metadata give equal bytes.
 * @see fluxcd/pkg oci/push.go (v0.68)
 */
export function createRegistryWriter(
  options: Pick<RegistryOptions, 'http' | 'clock'>,
): RegistryWriter {
  return {
    push: async (request) => {
      const address = parseOciAddress(request.url, request.insecure ?? false)
      const name = `${address.registry}/${address.repository}`
      const configs = readDockerConfigs(request.dockerConfigs ?? [])
      const session = new OciSession({
        ...options,
        address,
        ways: new WayMemory(),
        isQuiet: false,
        actions: 'push,pull',
        login: async () => {
          const known = registryLogin(configs, name)
          const user = known === undefined ? await request.login?.(name) : undefined
          return user === undefined ? known : { kind: 'basic', ...user }
        },
        tls: request.insecure === true ? { rejectUnauthorized: false } : undefined,
        proxy: undefined,
        signal: request.signal,
      })
      return push(session, request, name)
    },
  }
}

async function push(
  session: OciSession,
  request: OciPushRequest,
  name: string,
): Promise<OciPushed> {
  const { layer, config, manifest } = imageOf(request)
  for (const blob of [layer, config]) await putBlob(session, blob)
  const answer = await session.ask({
    method: 'PUT',
    path: `/manifests/${request.tag}`,
    headers: { 'content-type': IMAGE_MANIFEST },
    body: manifest,
    code: 'OCI_PUSH',
  })
  answer.body.resume()
  return { repository: name, digest: digestOf(manifest) }
}

/** The three pieces of an artifact. */
function imageOf({ tree, ignore, created, annotations }: OciPushRequest) {
  const rules = bucketFilter('', ignore)
  // Links are left out, as Flux leaves them out.
  const includes = (path: string, kind: 'file' | 'dir'): boolean =>
    rules(path, kind) && (tree.real === undefined || tree.real(path) === path)
  const tar = tarOf(tree, includes)
  const layer = gzipSync(tar, { level: GZIP_LEVEL })
  const config = Buffer.from(
    JSON.stringify({
      architecture: '',
      created,
      history: [{ created: '0001-01-01T00:00:00Z' }],
      os: '',
      rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
      config: {},
    }),
  )
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: IMAGE_MANIFEST,
      config: { mediaType: CONFIG, size: config.length, digest: digestOf(config) },
      layers: [{ mediaType: CONTENT, size: layer.length, digest: digestOf(layer) }],
      annotations,
    }),
  )
  return { layer, config, manifest }
}

async function putBlob(session: OciSession, data: Buffer): Promise<void> {
  const digest = digestOf(data)
  const code = 'OCI_PUSH'
  const there = await session.ask({
    method: 'HEAD',
    path: `/blobs/${digest}`,
    code,
    mayMiss: true,
  })
  there.body.resume()
  if (there.status === 200) return
  const begun = await session.ask({ method: 'POST', path: '/blobs/uploads/', code })
  begun.body.resume()
  const { location } = begun.headers
  const from = session.urlOf('/blobs/uploads/')
  if (location === undefined || !URL.canParse(location, from))
    throw ociFault(code, `POST ${from}: the registry names no place for an upload`)
  const place = new URL(location, from)
  if (place.origin !== new URL(from).origin)
    throw ociFault(code, `POST ${from}: refusing to upload to ${place.origin}`)
  place.searchParams.set('digest', digest)
  const put = await session.ask({
    method: 'PUT',
    path: place.href,
    headers: { 'content-type': 'application/octet-stream' },
    body: data,
    code,
  })
  put.body.resume()
}

function digestOf(data: Buffer): string {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`
}
