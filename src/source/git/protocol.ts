import { gitFault } from './fault.ts'
import type { ObjectSource } from './object.ts'
import { type PackLimits, readPack } from './pack.ts'
import { gatherPack } from './pack-bytes.ts'
import { DELIMITER, FLUSH, PacketReader, packet, packetText } from './pkt-line.ts'

/** A way to `git-upload-pack` of one repository. */
export interface GitConversation {
  /** The greeting of the host: its version and what it can do. */
  greet(): Promise<AsyncIterable<Uint8Array>>
  /** Says something and gets the answer. */
  say(payload: Buffer): Promise<AsyncIterable<Uint8Array>>
  /** Where a greeting may be left out: says whether the next time may do without. */
  resume?(): boolean
  close(): void
}

/** The refs of a repository. */
export interface RemoteRefs {
  /** From full names to objects; an annotated tag `x` also has `x^{}`, its commit. */
  readonly refs: ReadonlyMap<string, string>
  /** The branch that HEAD names, where the host tells. */
  readonly head?: string
}

/** What to fetch. */
export interface FetchRequest {
  readonly wants: readonly string[]
  /** Commits deep; absent for the whole history. */
  readonly depth?: number
  /** Objects that are here already, with all they lead to at `depth`. */
  readonly have?: { readonly oids: readonly string[]; readonly objects: ObjectSource }
  /** Leaves the trees and files out, where the host can. */
  readonly commitsOnly?: boolean
}

/** Bounds of a fetch. */
export interface FetchLimits extends PackLimits {
  /** Bytes of a pack, as it is sent. */
  readonly packBytesMax: number
  readonly refsMax: number
}

/** A repository that has greeted. */
export interface Remote {
  readonly version: 0 | 2
  /** `prefixes` may spare the host from telling all; it may tell more. */
  refs(prefixes: readonly string[]): Promise<RemoteRefs>
  fetch(request: FetchRequest): Promise<ObjectSource>
  /** What the host can do, in version 2. */
  readonly features?: ReadonlyMap<string, string>
  /** Says whether the host can leave trees and files out. */
  readonly canFilter: boolean
  /** Says whether the host gives out commits that no ref names. */
  readonly canWantAny: boolean
}

const WANT_ANY: readonly string[] = ['allow-reachable-sha1-in-want', 'allow-any-sha1-in-want']
const REF_BYTES_MAX = 64 * 1024 * 1024

/**
 * Opens a repository, in version 2 of the protocol or, where the host does not speak it, version 0.
 * @throws Fault of GitCode
 * @see https://git-scm.com/docs/protocol-v2
 */
export async function openRemote(way: GitConversation, limits: FetchLimits): Promise<Remote> {
  const reader = new PacketReader(await way.greet(), REF_BYTES_MAX)
  let first = await reader.next()
  if (first?.kind === 'data' && packetText(first.data).startsWith('# service=')) {
    first = await reader.next()
    if (first?.kind === 'flush') first = await reader.next()
  }
  if (first?.kind !== 'data') return remoteV0(way, { refs: new Map() }, new Set(), limits)
  if (packetText(first.data) === 'version 2') {
    const features = new Map<string, string>()
    for (;;) {
      const line = await reader.next()
      if (line?.kind !== 'data') break
      const [key = '', value = ''] = packetText(line.data).split(/=(.*)/s)
      features.set(key, value)
    }
    return remoteV2(way, features, limits)
  }
  const { refs, features } = await readAdvertisement(reader, packetText(first.data), limits)
  return remoteV0(way, refs, features, limits)
}

/** Goes on with a repository of version 2 whose features are known from an earlier time. */
export function resumeRemote(
  way: GitConversation,
  features: ReadonlyMap<string, string>,
  limits: FetchLimits,
): Remote {
  return remoteV2(way, features, limits)
}

async function readAdvertisement(
  reader: PacketReader,
  firstLine: string,
  limits: FetchLimits,
): Promise<{ refs: RemoteRefs; features: Set<string> }> {
  if (firstLine.startsWith('ERR ')) throw gitFault('GIT_HOST', firstLine.slice(4))
  const [line = '', list = ''] = firstLine.split('\0')
  const features = new Set(list.split(' ').filter((feature) => feature !== ''))
  const refs = new Map<string, string>()
  addRef(refs, line)
  for (;;) {
    const next = await reader.next()
    if (next?.kind !== 'data') break
    addRef(refs, packetText(next.data))
    if (refs.size > limits.refsMax)
      throw gitFault('GIT_PROTOCOL', `more than ${limits.refsMax} refs`)
  }
  const head = [...features].find((feature) => feature.startsWith('symref=HEAD:'))?.slice(12)
  return { refs: { refs, ...(head === undefined ? {} : { head }) }, features }
}

function addRef(refs: Map<string, string>, line: string): void {
  const match = /^([0-9a-f]{40}) (.+)$/.exec(line)
  if (match === null) {
    if (line.startsWith('shallow ')) return
    throw gitFault('GIT_PROTOCOL', 'malformed line among the refs')
  }
  const [, oid = '', name = ''] = match
  if (name !== 'capabilities^{}') refs.set(name, oid)
}

function remoteV2(
  way: GitConversation,
  features: ReadonlyMap<string, string>,
  limits: FetchLimits,
): Remote {
  const format = features.get('object-format') ?? 'sha1'
  if (format !== 'sha1') throw gitFault('GIT_PROTOCOL', `object format ${format} is not supported`)
  const canFilter = (features.get('fetch') ?? '').split(' ').includes('filter')
  const head = (command: string): Buffer[] => [
    packet(`command=${command}\n`),
    packet('agent=git/2.0-tidegate\n'),
    ...(features.has('object-format') ? [packet('object-format=sha1\n')] : []),
    DELIMITER,
  ]
  return {
    version: 2,
    features,
    canFilter,
    canWantAny: true,
    refs: async (prefixes) => {
      const lines = [...head('ls-refs'), packet('peel\n'), packet('symrefs\n')]
      for (const prefix of prefixes) lines.push(packet(`ref-prefix ${prefix}\n`))
      const answer = await way.say(Buffer.concat([...lines, FLUSH]))
      return readRefs(new PacketReader(answer, REF_BYTES_MAX), limits)
    },
    fetch: async (request) => {
      const lines = [...head('fetch'), packet('no-progress\n'), packet('ofs-delta\n')]
      if (request.have !== undefined) lines.push(packet('thin-pack\n'))
      if (request.depth !== undefined) lines.push(packet(`deepen ${request.depth}\n`))
      if (request.commitsOnly && canFilter) lines.push(packet('filter tree:0\n'))
      for (const oid of request.wants) lines.push(packet(`want ${oid}\n`))
      if (request.depth !== undefined)
        for (const oid of request.have?.oids ?? []) lines.push(packet(`shallow ${oid}\n`))
      for (const oid of request.have?.oids ?? []) lines.push(packet(`have ${oid}\n`))
      const answer = await way.say(Buffer.concat([...lines, packet('done\n'), FLUSH]))
      const reader = new PacketReader(answer, limits.packBytesMax)
      await skipToPack(reader)
      const pack = await gatherPack(readSideband(reader), limits.spool)
      return readPack(pack, limits, request.have?.objects)
    },
  }
}

async function readRefs(reader: PacketReader, limits: FetchLimits): Promise<RemoteRefs> {
  const refs = new Map<string, string>()
  let head: string | undefined
  for (;;) {
    const line = await reader.next()
    if (line === undefined) throw gitFault('GIT_PROTOCOL', 'unexpected EOF')
    if (line.kind !== 'data') break
    const text = packetText(line.data)
    if (text.startsWith('ERR ')) throw gitFault('GIT_HOST', text.slice(4))
    const [oid = '', name = '', ...attributes] = text.split(' ')
    const target = attributes.find((word) => word.startsWith('symref-target:'))?.slice(14)
    if (name === 'HEAD') head = target
    if (oid === 'unborn') continue
    addRef(refs, `${oid} ${name}`)
    const peeled = attributes.find((word) => word.startsWith('peeled:'))?.slice(7)
    if (peeled !== undefined) addRef(refs, `${peeled} ${name}^{}`)
    if (refs.size > limits.refsMax)
      throw gitFault('GIT_PROTOCOL', `more than ${limits.refsMax} refs`)
  }
  return { refs, ...(head === undefined ? {} : { head }) }
}

async function skipToPack(reader: PacketReader): Promise<void> {
  for (;;) {
    const line = await reader.next()
    if (line === undefined) throw gitFault('GIT_PROTOCOL', 'unexpected EOF')
    if (line.kind !== 'data') continue
    const text = packetText(line.data)
    if (text.startsWith('ERR ')) throw gitFault('GIT_HOST', text.slice(4))
    if (text === 'packfile') return
  }
}

/** The pack from its band, piece by piece; the host's complaints come on another one. */
async function* readSideband(reader: PacketReader): AsyncGenerator<Buffer> {
  for (;;) {
    const line = await reader.next()
    if (line === undefined) throw gitFault('GIT_PROTOCOL', 'unexpected EOF')
    if (line.kind !== 'data') break
    const [band] = line.data
    if (band === 1) yield line.data.subarray(1)
    else if (band === 3) throw gitFault('GIT_HOST', packetText(line.data.subarray(1)))
    else if (band !== 2) throw gitFault('GIT_PROTOCOL', 'unknown channel')
  }
}

function remoteV0(
  way: GitConversation,
  known: RemoteRefs,
  features: ReadonlySet<string>,
  limits: FetchLimits,
): Remote {
  const sideband = features.has('side-band-64k')
  return {
    version: 0,
    canFilter: features.has('filter'),
    canWantAny: WANT_ANY.some((feature) => features.has(feature)),
    refs: () => Promise.resolve(known),
    fetch: async (request) => {
      const asked = [
        'ofs-delta',
        'no-progress',
        ...(request.depth === undefined ? [] : ['shallow']),
      ]
      const wanted = [
        ...asked.filter((feature) => features.has(feature)),
        ...(sideband ? ['side-band-64k'] : []),
        ...(request.have !== undefined && features.has('thin-pack') ? ['thin-pack'] : []),
        ...(request.commitsOnly && features.has('filter') ? ['filter'] : []),
        'agent=git/2.0-tidegate',
      ].join(' ')
      const lines = request.wants.map((oid, i) =>
        packet(`want ${oid}${i === 0 ? ` ${wanted}` : ''}\n`),
      )
      if (request.depth !== undefined) {
        for (const oid of request.have?.oids ?? []) lines.push(packet(`shallow ${oid}\n`))
        lines.push(packet(`deepen ${request.depth}\n`))
      }
      if (request.commitsOnly && features.has('filter')) lines.push(packet('filter tree:0\n'))
      lines.push(FLUSH)
      for (const oid of request.have?.oids ?? []) lines.push(packet(`have ${oid}\n`))
      const answer = await way.say(Buffer.concat([...lines, packet('done\n')]))
      const reader = new PacketReader(answer, limits.packBytesMax)
      await skipAcknowledgements(reader, request.depth !== undefined)
      const chunks = sideband ? readSideband(reader) : reader.rest()
      const pack = await gatherPack(chunks, limits.spool)
      return readPack(pack, limits, request.have?.objects)
    },
  }
}

async function skipAcknowledgements(reader: PacketReader, isShallow: boolean): Promise<void> {
  let shallowDone = !isShallow
  for (;;) {
    const line = await reader.next()
    if (line === undefined) throw gitFault('GIT_PROTOCOL', 'unexpected EOF')
    if (line.kind === 'flush') {
      shallowDone = true
      continue
    }
    const text = line.kind === 'data' ? packetText(line.data) : ''
    if (text.startsWith('ERR ')) throw gitFault('GIT_HOST', text.slice(4))
    if (text === 'NAK' || (shallowDone && /^ACK [0-9a-f]{40}$/.test(text))) return
  }
}
