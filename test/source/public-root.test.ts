import { mkdtempSync, readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/base/index.ts'
import type { HttpClient } from '../../src/source/index.ts'
import { PublicRoot } from '../../src/source/verify/public-root.ts'
import { SIGSTORE_ROOT } from '../../src/source/verify/sigstore-root.ts'
import { readMetadata, verifySigned } from '../../src/source/verify/update-metadata.ts'

interface Case {
  readonly root: number
  readonly rounds: readonly {
    readonly files: Readonly<Record<string, number>>
    readonly accepted: boolean
    readonly message?: string
  }[]
}

const file = join(import.meta.dirname, '../fixtures/source/tuf/cases.json')
const { texts, cases } = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly texts: readonly string[]
  readonly cases: Readonly<Record<string, Case>>
}
const NOW = Date.parse('2026-11-21T00:00:00Z')
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

/** A host of files; counts what it is asked for. */
function host(): HttpClient & { files: Readonly<Record<string, number>>; asked: string[] } {
  const state = {
    files: {} as Readonly<Record<string, number>>,
    asked: [] as string[],
    send: ({ url }: { readonly url: URL }) => {
      const path = url.pathname.slice(1)
      state.asked.push(path)
      const text = texts[state.files[path] ?? -1]
      const body = Readable.from([Buffer.from(text ?? '')]) as unknown as IncomingMessage
      return Promise.resolve({ status: text === undefined ? 404 : 200, headers: {}, body })
    },
    close: () => undefined,
  }
  return state
}

const given = (name: string): Case => {
  const found = cases[name]
  if (found === undefined) throw new Error(`no case ${name}`)
  return found
}

const repositoryOf = ({ root }: Case) => ({
  baseUrl: 'https://tuf.example.com',
  root: Buffer.from(texts[root] ?? ''),
})

describe('a repository with the trusted root is judged as sigstore-go judges it', () => {
  for (const [name, one] of Object.entries(cases))
    it(name, async () => {
      const http = host()
      const dir = mkdtempSync(join(tmpdir(), 'tidegate-test-'))
      for (const { files, accepted, message } of one.rounds) {
        http.files = files
        const clock = new VirtualClock(NOW)
        const root = new PublicRoot({ http, clock, dir, repository: repositoryOf(one) })
        const said = await root.get().then(
          () => 'accepted',
          (error: unknown) => {
            expect(error).toMatchObject({ code: 'OCI_VERIFY' })
            return 'refused'
          },
        )
        expect(said, message).toBe(accepted ? 'accepted' : 'refused')
      }
    })
})

describe('the trusted root of the public instance', () => {
  const one = given('good')
  const files = one.rounds[0]?.files ?? {}

  it('is fetched once for all who wait, and again after a day', async () => {
    const http = Object.assign(host(), { files })
    const clock = new VirtualClock(NOW)
    const root = new PublicRoot({ http, clock, repository: repositoryOf(one) })
    await Promise.all([root.get(), root.get()])
    await root.get()
    expect(http.asked.filter((path) => path === 'timestamp.json')).toHaveLength(1)
    await clock.advance(DAY)
    await root.get()
    expect(http.asked.filter((path) => path === 'timestamp.json')).toHaveLength(2)
  })

  it('is not asked for within a minute of a failure', async () => {
    const http = host()
    const clock = new VirtualClock(NOW)
    const root = new PublicRoot({ http, clock, repository: repositoryOf(one) })
    await expect(root.get()).rejects.toThrow('unable to initialize trusted root')
    const asked = http.asked.length
    http.files = files
    await expect(root.get()).rejects.toThrow('unable to initialize trusted root')
    expect(http.asked).toHaveLength(asked)
    await clock.advance(MINUTE)
    expect((await root.get()).length).toBeGreaterThan(0)
  })

  it('is believed by a root that signs itself', () => {
    const root = readMetadata(Buffer.from(SIGSTORE_ROOT), 'root')
    expect(() => verifySigned(root, root, 'root')).not.toThrow()
    expect(root.version).toBe(14)
  })
})
