import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { noMetrics, seededRandom, silentLog } from '../../../src/base/index.ts'
import { systemClock } from '../../../src/compose/system.ts'
import type { Json, JsonObject } from '../../../src/object/index.ts'
import { createEvents, createOciRepositoryController } from '../../../src/reconcile/index.ts'
import {
  createArtifactStore,
  createHttpClient,
  createRegistry,
  serveArtifacts,
} from '../../../src/source/index.ts'
import { type OddRepository, startOddRegistry } from '../../kit/odd-registry.ts'
import { scratch } from '../../kit/program.ts'
import { keyText } from './recorded.ts'
import { closedPort, type SourceSystem, startCluster } from './system.ts'

/** What real source-controllers did with OCIRepositories: see README.md there. */
export const RECORDED_OCI: string = join(import.meta.dirname, '../../fixtures/source/recorded-oci')

interface Images {
  readonly repositories: Readonly<Record<string, OddRepository>>
  /** Base64 by digest. */
  readonly blobs: Readonly<Record<string, string>>
  /** Digests of manifests by `repository/name`. */
  readonly names: Readonly<Record<string, string>>
}

/** Starts registries of all manners, and the controller that is to get along with them. */
export async function startRegistrySystem(): Promise<SourceSystem> {
  const packed = readFileSync(join(RECORDED_OCI, 'images.json.gz'))
  const images = JSON.parse(gunzipSync(packed).toString()) as Images
  const clock = systemClock
  const deps = { clock, random: seededRandom(7), log: silentLog }
  const server = await startCluster(deps)
  const { cluster } = server
  const pair = (name: string) => ({ cert: keyText(`${name}.crt`), key: keyText(`${name}.key`) })
  const blobs = Object.entries(images.blobs).map(([digest, text]) => [
    digest,
    Buffer.from(text, 'base64'),
  ])
  const registry = await startOddRegistry(
    { repositories: images.repositories, blobs: Object.fromEntries(blobs) },
    { ca: keyText('ca-a.crt'), server: pair('server'), othername: pair('othername') },
  )
  const { dir, dispose } = scratch()
  const storage = await serveArtifacts({ dir, host: '127.0.0.1', port: 0 })
  const http = createHttpClient()
  const end = new AbortController()
  const controller = createOciRepositoryController({
    ...deps,
    cluster,
    metrics: noMetrics,
    fetcher: { git: () => Promise.reject(new Error('no Git here')) },
    registry: createRegistry({ http, clock, spoolDir: dir }),
    store: createArtifactStore({ dir, advertised: () => storage.address, clock }),
    events: createEvents({ ...deps, cluster, component: 'source-controller', instance: 'test' }),
    options: { concurrent: 16, fluxTiming: true },
  })
  const done = controller.run(end.signal)
  const closed = `127.0.0.1:${await closedPort()}`
  return {
    cluster,
    host: { setDown: () => undefined },
    storageDir: dir,
    names: { ...registry.hosts, ...digestNames(images), closed },
    masks: [
      ...masksOf(registry.hosts),
      [closed, 'CLOSED_HOST'],
      [storage.address, 'STORAGE_HOST'],
      [/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT'],
      [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, 'TIME'],
      [/\b\d+\.\d+\.\d+\.\d+:53\b/g, 'DNS'],
    ],
    specOf: (given) => withoutNulls({ url: 'oci://${plain}/x/app', ...given }),
    retag: (repository, tag, name) =>
      registry.retag(repository, tag, name === null ? undefined : images.names[name]),
    copyFor: () => {
      throw new Error('no repositories of Git here')
    },
    close: async () => {
      end.abort(new Error('done'))
      await done
      http.close()
      server.close()
      await Promise.all([registry.close(), storage.close()])
      dispose()
    },
  }
}

function digestNames({ names }: Images): Record<string, string> {
  return Object.fromEntries(
    Object.entries(names).map(([name, digest]) => [`digest:${name}`, digest]),
  )
}

/** The longer address first: one may begin as another. */
function masksOf(hosts: Readonly<Record<string, string>>): [RegExp, string][] {
  return Object.entries(hosts).map(([manner, host]) => [
    new RegExp(`${host.replaceAll('.', '\\.')}(?!\\d)`, 'g'),
    `${manner.toUpperCase()}_HOST`,
  ])
}

function withoutNulls(spec: JsonObject): JsonObject {
  const entries = Object.entries(spec).filter(([, value]) => value !== null)
  return Object.fromEntries(entries) as Record<string, Json>
}
