import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import type { HttpClient } from '../../src/source/index.ts'

const IMAGE = 'application/vnd.oci.image.manifest.v1+json'
const INDEX = 'application/vnd.oci.image.index.v1+json'

/** What lies beside an artifact: a layer with its type and notes. */
export interface MemoryLayer {
  readonly mediaType: string
  readonly data: Buffer
  readonly annotations?: Readonly<Record<string, string>>
}

export interface MemoryAnswer {
  readonly status: number
  readonly body: Buffer
}

/** One repository of a registry that is asked without a network. */
export class MemoryRepository {
  readonly #answers = new Map<string, Buffer>()
  readonly #referrers: object[] = []
  readonly #subject: { readonly digest: string; readonly size: number }

  constructor(manifest: Buffer) {
    this.#subject = { digest: this.#put(manifest), size: manifest.length }
    this.#list()
  }

  get digest(): string {
    return this.#subject.digest
  }

  /** Attaches something to the artifact. */
  attach(
    artifactType: string,
    layers: readonly MemoryLayer[],
    configType: string = artifactType,
  ): void {
    const manifest = this.#manifest(layers, { artifactType, configType })
    const digest = this.#put(manifest)
    this.#referrers.push({ mediaType: IMAGE, digest, size: manifest.length, artifactType })
    this.#list()
  }

  /** Puts a manifest with layers under a tag. */
  tag(name: string, layers: readonly MemoryLayer[]): void {
    this.#answers.set(`/manifests/${name}`, this.#manifest(layers, {}))
  }

  /** A client that sees this repository wherever it looks; elsewhere answers by how a path begins. */
  client(elsewhere: Readonly<Record<string, MemoryAnswer>> = {}): HttpClient {
    return {
      send: ({ url }: { readonly url: URL }) => {
        const [, path = ''] = /^\/v2\/org\/app(\/.*)$/.exec(url.pathname) ?? []
        const other = Object.entries(elsewhere).find(([from]) => url.pathname.startsWith(from))?.[1]
        const held =
          path === '' && url.pathname === '/v2/' ? Buffer.from('{}') : this.#answers.get(path)
        const { status, body } =
          other ??
          (held === undefined
            ? { status: 404, body: Buffer.from('{}') }
            : { status: 200, body: held })
        const headers = { 'content-type': held === undefined ? undefined : IMAGE }
        const answer = Readable.from([body]) as unknown as IncomingMessage
        return Promise.resolve({ status, headers, body: answer })
      },
      close: () => undefined,
    }
  }

  #manifest(
    layers: readonly MemoryLayer[],
    { artifactType, configType }: { readonly artifactType?: string; readonly configType?: string },
  ): Buffer {
    const descriptors = layers.map(({ mediaType, data, annotations = {} }) => {
      const digest = digestOf(data)
      this.#answers.set(`/blobs/${digest}`, data)
      return { mediaType, digest, size: data.length, annotations }
    })
    const config = { mediaType: configType, digest: digestOf(Buffer.from('{}')), size: 2 }
    const subject = { mediaType: IMAGE, ...this.#subject }
    const manifest = { mediaType: IMAGE, artifactType, config, layers: descriptors, subject }
    return Buffer.from(JSON.stringify(manifest))
  }

  #put(manifest: Buffer): string {
    const digest = digestOf(manifest)
    this.#answers.set(`/manifests/${digest}`, manifest)
    return digest
  }

  #list(): void {
    const index = { mediaType: INDEX, manifests: this.#referrers }
    this.#answers.set(`/referrers/${this.digest}`, Buffer.from(JSON.stringify(index)))
  }
}

function digestOf(data: Buffer): string {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`
}
