import { createHash } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { type GitType, type ObjectSource, parseCommit, parseTag, parseTree } from './object.ts'

const TYPES: Readonly<Record<GitType, number>> = { commit: 1, tree: 2, blob: 3, tag: 4 }

/** What to put into a pack. */
export interface PackSelection {
  readonly wants: readonly string[]
  /** Commits deep; absent for the whole history. */
  readonly depth?: number
  /** Objects that the other side has, with all they lead to. */
  readonly haves: readonly string[]
  readonly commitsOnly: boolean
}

/** A pack and where its history was cut. */
export interface PackOutput {
  readonly pack: Buffer
  readonly shallow: readonly string[]
}

/** Writes the objects that the wants lead to and the haves do not, without deltas. */
export function writePack(objects: ObjectSource, selection: PackSelection): PackOutput {
  const known = new Set<string>()
  for (const oid of selection.haves) collect(objects, { ...selection, wants: [oid] }, known)
  const chosen = new Set<string>()
  const shallow = collect(objects, selection, chosen)
  const oids = [...chosen].filter((oid) => !known.has(oid))
  const head = Buffer.alloc(12)
  head.write('PACK')
  head.writeUInt32BE(2, 4)
  head.writeUInt32BE(oids.length, 8)
  const body = Buffer.concat([head, ...oids.map((oid) => entry(objects, oid))])
  return { pack: Buffer.concat([body, createHash('sha1').update(body).digest()]), shallow }
}

/** All objects that some lead to, themselves included. */
export function reachable(objects: ObjectSource, wants: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>()
  collect(objects, { wants, haves: [], commitsOnly: false }, found)
  return found
}

function entry(objects: ObjectSource, oid: string): Buffer {
  const object = objects.get(oid)
  if (object === undefined) throw new Error(`no object ${oid}`)
  const bytes: number[] = []
  let size = object.data.length
  let byte = (TYPES[object.type] << 4) | (size & 15)
  size = Math.floor(size / 16)
  while (size > 0) {
    bytes.push(byte | 0x80)
    byte = size & 0x7f
    size = Math.floor(size / 128)
  }
  bytes.push(byte)
  return Buffer.concat([Buffer.from(bytes), deflateSync(object.data, { level: 1 })])
}

/** Adds what the wants lead to; answers the commits whose parents were left out. */
function collect(objects: ObjectSource, selection: PackSelection, into: Set<string>): string[] {
  const shallow: string[] = []
  let layer = selection.wants.map((want) => peel(objects, want, into))
  for (let depth = 1; layer.length > 0; depth += 1) {
    const next: string[] = []
    for (const oid of layer) {
      if (into.has(oid)) continue
      const object = objects.get(oid)
      if (object?.type !== 'commit') {
        addTree(objects, oid, into)
        continue
      }
      into.add(oid)
      const commit = parseCommit(object.data)
      if (!selection.commitsOnly) addTree(objects, commit.tree, into)
      if (depth !== selection.depth) next.push(...commit.parents.filter((id) => objects.has(id)))
      else if (commit.parents.length > 0) shallow.push(oid)
    }
    layer = next
  }
  return shallow
}

function peel(objects: ObjectSource, oid: string, into: Set<string>): string {
  let at = oid
  for (let object = objects.get(at); object?.type === 'tag'; object = objects.get(at)) {
    into.add(at)
    at = parseTag(object.data).object
  }
  return at
}

function addTree(objects: ObjectSource, oid: string, into: Set<string>): void {
  if (into.has(oid)) return
  const object = objects.get(oid)
  if (object === undefined) return
  into.add(oid)
  if (object.type !== 'tree') return
  for (const line of parseTree(object.data))
    if (line.mode === 'tree') addTree(objects, line.oid, into)
    else if (line.mode !== 'submodule') into.add(line.oid)
}
