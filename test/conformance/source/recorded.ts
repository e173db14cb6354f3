import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isObject, type Json, type JsonObject, parseYaml } from '../../../src/object/index.ts'
import { type GitObject, type ObjectSource, objectId } from '../../../src/source/git/object.ts'
import { readPack } from '../../../src/source/git/pack.ts'
import { packInMemory } from '../../../src/source/git/pack-bytes.ts'
import type { Repository } from '../../../src/source/index.ts'

/** What real source-controllers did: see README.md there. */
export const RECORDED: string = join(import.meta.dirname, '../../fixtures/source/recorded')

/** One step of a scenario; its keys are those of the oracle's README. */
export type Step = JsonObject

/** A scenario as it is written down. */
export interface Scenario {
  readonly name: string
  readonly kind: string
  readonly why: string
  readonly needs?: string
  readonly isLibraryTail: boolean
  readonly private: readonly string[]
  readonly steps: readonly Step[]
  readonly ignoredEvents: readonly string[]
}

interface Index {
  readonly commits: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly refs: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly heads: Readonly<Record<string, string>>
}

const index = JSON.parse(readFileSync(join(RECORDED, 'repositories.json'), 'utf8')) as Index

/** The name of a commit that scenarios call by a name of their own. */
export function commitOf(repository: string, name: string): string {
  const commit = index.commits[repository]?.[name]
  if (commit === undefined) throw new Error(`no commit ${repository}:${name}`)
  return commit
}

/** The scenarios in the files of such names. */
export function loadScenarios(files: RegExp, from: string = RECORDED): readonly Scenario[] {
  const dir = join(from, 'scenarios')
  return filesIn(dir, files).flatMap((file) => {
    const [list] = parseYaml(readFileSync(join(dir, file), 'utf8'), file)
    return (list as unknown as JsonObject[]).map(scenarioOf)
  })
}

function scenarioOf(given: JsonObject): Scenario {
  const steps = ((given['steps'] ?? [{}]) as Step[]).map((step) => ({ ...step }))
  const [first = {}] = steps
  for (const key of ['spec', 'oci', 'gitrepositories', 'secrets', 'types', 'resources'])
    if (given[key] !== undefined) steps[0] = { [key]: given[key], ...steps[0], ...first }
  return {
    name: String(given['name']),
    kind: steps.some((step) => step['oci'] !== undefined) ? 'OCIRepository' : 'GitRepository',
    why: String(given['why'] ?? 'as it is called'),
    ...(given['needs'] === undefined ? {} : { needs: String(given['needs']) }),
    isLibraryTail: given['library_tail'] === true,
    private: (given['private'] ?? []) as string[],
    steps,
    ignoredEvents: (given['ignore_events'] ?? []) as string[],
  }
}

function filesIn(dir: string, files: RegExp): readonly string[] {
  return readdirSync(dir).filter((file) => files.test(file))
}

/** The recordings of scenarios: by name, one value a step. */
export function loadRecordings(
  files: RegExp,
  from: string = RECORDED,
): ReadonlyMap<string, readonly JsonObject[]> {
  const found = new Map<string, JsonObject[]>()
  const dir = join(from, 'recordings')
  for (const file of filesIn(dir, files))
    for (const value of parseYaml(readFileSync(join(dir, file), 'utf8'), file)) {
      if (!isObject(value as Json)) continue
      const step = value as unknown as JsonObject
      const name = String(step['scenario'])
      found.set(name, [...(found.get(name) ?? []), step])
    }
  return found
}

/** The text of a key. */
export function keyText(name: string): string {
  return readFileSync(join(RECORDED, 'keys', name), 'utf8')
}

/** The repositories that the scenarios fetch from; each call makes refs of its own. */
export async function loadRepositories(): Promise<ReadonlyMap<string, RecordedRepository>> {
  const found = new Map<string, RecordedRepository>()
  for (const name of Object.keys(index.heads))
    found.set(name, new RecordedRepository(name, await objectsOf(name)))
  return found
}

/** A repository whose refs can be moved. */
export class RecordedRepository implements Repository {
  readonly objects: ObjectSource
  readonly name: string
  readonly #refs: Map<string, string>
  #head: string

  constructor(name: string, objects: ObjectSource) {
    this.name = name
    this.objects = objects
    this.#refs = new Map(Object.entries(index.refs[name] ?? {}))
    this.#head = index.heads[name] ?? ''
  }

  refs(): ReadonlyMap<string, string> {
    return this.#refs
  }

  head(): string {
    return this.#head
  }

  /** Moves a ref to a commit by its name; null deletes it, HEAD takes the name of a ref. */
  move(ref: string, to: string | null): void {
    if (ref === 'HEAD') this.#head = to ?? ''
    else if (to === null) this.#refs.delete(ref)
    else this.#refs.set(ref, commitOf(this.name, to))
  }
}

const LIMITS = { objectsMax: 10_000, objectBytesMax: 1 << 24, totalBytesMax: 1 << 30 }

async function objectsOf(name: string): Promise<ObjectSource> {
  const noise = noiseBlob()
  const empty: ObjectSource = { get: () => undefined, has: () => false }
  if (name === 'empty') return empty
  const file = join(RECORDED, 'repositories', `${name}.pack`)
  const pack = await readPack(packInMemory(readFileSync(file)), LIMITS)
  return {
    get: (oid) => (oid === noise.oid ? noise.object : pack.get(oid)),
    has: (oid) => oid === noise.oid || pack.has(oid),
  }
}

let noiseMade: { readonly oid: string; readonly object: GitObject } | undefined

/** A megabyte that does not compress, as the oracle's build_repos.py makes it. */
function noiseBlob(): { readonly oid: string; readonly object: GitObject } {
  if (noiseMade !== undefined) return noiseMade
  const parts = Array.from({ length: (1 << 20) / 32 }, (_, i) =>
    createHash('sha256').update(`tree/${i}`).digest(),
  )
  const data = Buffer.concat(parts)
  noiseMade = { oid: objectId('blob', data), object: { type: 'blob', data } }
  return noiseMade
}
