import type { Repository } from './memory-repository.ts'
import { parseTag } from './object.ts'
import { writePack } from './pack-write.ts'
import { DELIMITER, FLUSH, packet } from './pkt-line.ts'

/** How a repository is served. */
export interface UploadPackOptions {
  readonly repository: Repository
  readonly version: 0 | 2
  /** Over a connection that stays, the line that HTTP puts first is left out. */
  readonly isConnection?: boolean
  /** Gives out only what a ref names, as a server of version 0 does by default. */
  readonly advertisedOnly?: boolean
}

const BAND_BYTES_MAX = 65_515
const AGENT = 'agent=tidegate'
const NOTHING = '0'.repeat(40)

/** The greeting: in version 0 all refs, in version 2 what can be asked for. */
export function greeting(options: UploadPackOptions): Buffer {
  const service = options.isConnection ? [] : [packet('# service=git-upload-pack\n'), FLUSH]
  if (options.version === 2) {
    const lines = ['version 2', AGENT, 'ls-refs', 'fetch=shallow filter', 'object-format=sha1']
    return Buffer.concat([...service, ...lines.map((line) => packet(`${line}\n`)), FLUSH])
  }
  const { repository } = options
  const features = `ofs-delta side-band-64k shallow no-progress filter symref=HEAD:${repository.head()} object-format=sha1 ${AGENT}`
  const lines = refLines(repository).map((line) => `${line.oid} ${line.name}`)
  if (lines.length === 0) lines.push(`${NOTHING} capabilities^{}`)
  lines[0] += `\0${features}`
  return Buffer.concat([...service, ...lines.map((line) => packet(`${line}\n`)), FLUSH])
}

interface RefLine {
  readonly name: string
  readonly oid: string
}

/** HEAD first, then the refs by name; an annotated tag is followed by what it names. */
function refLines(repository: Repository): RefLine[] {
  const refs = [...repository.refs()].sort(([a], [b]) => (a < b ? -1 : 1))
  const head = repository.refs().get(repository.head())
  const lines = head === undefined ? [] : [{ name: 'HEAD', oid: head }]
  for (const [name, oid] of refs) {
    lines.push({ name, oid })
    const peeled = peel(repository, oid)
    if (peeled !== oid) lines.push({ name: `${name}^{}`, oid: peeled })
  }
  return lines
}

function peel(repository: Repository, oid: string): string {
  const object = repository.objects.get(oid)
  return object?.type === 'tag' ? peel(repository, parseTag(object.data).object) : oid
}

/** Answers one request of a client, whole. */
export function uploadPack(options: UploadPackOptions, body: Buffer): Buffer {
  const lines = readLines(body)
  if (options.version === 0) return answerV0(options, lines)
  if (lines.includes('command=ls-refs')) return listRefs(options.repository, lines)
  if (lines.includes('command=fetch')) return answerV2(options, lines)
  return packet('ERR unknown command')
}

/** The lines of a request; flushes and delimiters are left out. */
function readLines(body: Buffer): string[] {
  const lines: string[] = []
  for (let at = 0; at + 4 <= body.length; ) {
    const length = Number.parseInt(body.toString('latin1', at, at + 4), 16)
    if (Number.isNaN(length)) throw new Error('broken request')
    if (length < 4) {
      at += 4
      continue
    }
    lines.push(body.toString('utf8', at + 4, at + length).replace(/\n$/, ''))
    at += length
  }
  return lines
}

function valuesOf(lines: readonly string[], key: string): string[] {
  return lines
    .filter((line) => line.startsWith(`${key} `))
    .map((line) => line.slice(key.length + 1).split(' ')[0] ?? '')
}

function listRefs(repository: Repository, lines: readonly string[]): Buffer {
  const prefixes = valuesOf(lines, 'ref-prefix')
  const out: Buffer[] = []
  for (const { name, oid } of refLines(repository)) {
    const isAsked = prefixes.length === 0 || prefixes.some((prefix) => name.startsWith(prefix))
    if (!isAsked || name.endsWith('^{}')) continue
    const peeled = peel(repository, oid)
    const target =
      name === 'HEAD' && lines.includes('symrefs') ? ` symref-target:${repository.head()}` : ''
    const tail = peeled !== oid && lines.includes('peel') ? ` peeled:${peeled}` : ''
    out.push(packet(`${oid} ${name}${target}${tail}\n`))
  }
  return Buffer.concat([...out, FLUSH])
}

interface Asked {
  readonly wants: readonly string[]
  readonly haves: readonly string[]
  readonly depth?: number
  readonly commitsOnly: boolean
}

function askedFor(options: UploadPackOptions, lines: readonly string[]): Asked | string {
  const { repository } = options
  const wants = valuesOf(lines, 'want')
  const named = new Set(refLines(repository).map((line) => line.oid))
  const unknown = wants.find((oid) =>
    options.advertisedOnly ? !named.has(oid) : !repository.objects.has(oid),
  )
  if (unknown !== undefined) return `upload-pack: not our ref ${unknown}`
  const [depth] = valuesOf(lines, 'deepen')
  return {
    wants,
    haves: valuesOf(lines, 'have').filter((oid) => repository.objects.has(oid)),
    ...(depth === undefined ? {} : { depth: Number(depth) }),
    commitsOnly: valuesOf(lines, 'filter')[0] === 'tree:0',
  }
}

function answerV2(options: UploadPackOptions, lines: readonly string[]): Buffer {
  const asked = askedFor(options, lines)
  if (typeof asked === 'string') return packet(`ERR ${asked}\n`)
  const out: Buffer[] = []
  if (!lines.includes('done')) {
    out.push(packet('acknowledgments\n'))
    if (asked.haves.length === 0) return Buffer.concat([...out, packet('NAK\n'), FLUSH])
    for (const oid of asked.haves) out.push(packet(`ACK ${oid}\n`))
    out.push(packet('ready\n'), DELIMITER)
  }
  const { pack, shallow } = writePack(options.repository.objects, asked)
  if (asked.depth !== undefined) {
    out.push(packet('shallow-info\n'))
    for (const oid of shallow) out.push(packet(`shallow ${oid}\n`))
    out.push(DELIMITER)
  }
  return Buffer.concat([...out, packet('packfile\n'), ...banded(pack), FLUSH])
}

function answerV0(options: UploadPackOptions, lines: readonly string[]): Buffer {
  const asked = askedFor(options, lines)
  if (typeof asked === 'string') return packet(`ERR ${asked}\n`)
  const { pack, shallow } = writePack(options.repository.objects, asked)
  const out: Buffer[] = []
  if (asked.depth !== undefined) {
    for (const oid of shallow) out.push(packet(`shallow ${oid}\n`))
    out.push(FLUSH)
  }
  const [common] = asked.haves
  out.push(packet(common === undefined ? 'NAK\n' : `ACK ${common}\n`))
  if (!lines.includes('done')) return Buffer.concat(out)
  const sideband = lines[0]?.includes('side-band-64k')
  return Buffer.concat([...out, ...(sideband ? [...banded(pack), FLUSH] : [pack])])
}

function banded(pack: Buffer): Buffer[] {
  const out: Buffer[] = []
  for (let at = 0; at < pack.length; at += BAND_BYTES_MAX) {
    const chunk = pack.subarray(at, at + BAND_BYTES_MAX)
    out.push(packet(Buffer.concat([Buffer.from([1]), chunk])))
  }
  return out
}
