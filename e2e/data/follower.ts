import { isDeepStrictEqual } from 'node:util'
import type { KubeObject } from '../../src/object/index.ts'
import type { Ledger } from './ledger.ts'
import type { DataServer } from './server.ts'
import { HOME } from './writers.ts'

/** A client that keeps a copy of what there is by watching, over the ends of servers. */
export class Follower {
  #copy = new Map<string, KubeObject>()
  #revision = ''
  readonly #ledger: Ledger
  /** How often a watch went on where it had ended, and how often it was told to list anew. */
  readonly resumed: { count: number; expired: number } = { count: 0, expired: 0 }

  constructor(ledger: Ledger) {
    this.#ledger = ledger
  }

  /** Follows until the signal, or the end of the server. */
  async follow(server: DataServer, signal: AbortSignal): Promise<void> {
    try {
      if (this.#revision === '') await this.#list(server)
      else this.resumed.count += 1
      while (!(await this.#watch(server, signal))) {
        this.resumed.expired += 1
        await this.#list(server)
      }
    } catch {
      // The server was killed, or nobody wants to know any more.
    }
  }

  async #list(server: DataServer): Promise<void> {
    const { object } = await server.ask({ method: 'GET', path: HOME })
    const items = object['items'] as unknown as KubeObject[]
    this.#copy = new Map(items.map((each) => [each.metadata.name ?? '', each]))
    this.#revision = object.metadata.resourceVersion ?? ''
  }

  /** False when the revision is too old. */
  async #watch(server: DataServer, signal: AbortSignal): Promise<boolean> {
    const path = `${HOME}?watch=true&resourceVersion=${this.#revision}`
    for await (const line of await server.watch(path, signal)) {
      const { type, object } = JSON.parse(line) as { type: string; object: KubeObject }
      if (type === 'ERROR') return false
      const { name = '', resourceVersion = '' } = object.metadata
      if (Number(resourceVersion) <= Number(this.#revision))
        this.#ledger.faults.push(`watch told ${resourceVersion} after ${this.#revision}`)
      this.#revision = resourceVersion
      if (type === 'DELETED') this.#copy.delete(name)
      else {
        this.#copy.set(name, object)
        this.#ledger.see(object)
      }
      this.#ledger.reach(Number(resourceVersion))
    }
    return true
  }

  /** Whether the copy of what writers wrote is what there is. */
  isSame(found: ReadonlyMap<string, KubeObject>): boolean {
    const names = (map: ReadonlyMap<string, KubeObject>): unknown =>
      [...map]
        .filter(([name]) => name.startsWith('w'))
        .map(([name, { metadata }]) => `${name} ${metadata.resourceVersion}`)
        .sort()
    return isDeepStrictEqual(names(this.#copy), names(found))
  }
}
