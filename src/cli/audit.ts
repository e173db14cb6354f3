import {
  AUDIT_START,
  type AuditLink,
  type Clock,
  compareText,
  type FileTree,
  joinPath,
  readAuditLine,
} from '../base/index.ts'
import { EXIT, type Io } from './io.ts'
import {
  durationOption,
  helpText,
  type OptionTable,
  parseOptions,
  textOption,
  usageFault,
} from './options.ts'

/** What `tidegate audit` needs from outside. */
export interface AuditDeps {
  /** The whole disk: paths are absolute ones without their first slash. */
  readonly tree: FileTree
  readonly clock: Clock
}

const OPTIONS: OptionTable = {
  file: { type: 'string', value: 'FILE', help: 'the trail; TIDEGATE_AUDIT_FILE when not given' },
  for: {
    type: 'string',
    value: 'KIND/NAME',
    help: 'changes of one object; KIND/NAMESPACE/NAME too',
  },
  since: { type: 'string', value: 'DURATION', help: 'changes of the last 24h, 30m, …' },
  by: { type: 'string', value: 'NAMESPACE/NAME', help: 'changes by one Kustomization' },
  output: { type: 'string', short: 'o', value: 'text|json', help: 'json prints the records' },
  'key-file': { type: 'string', value: 'FILE', help: 'the key that the trail was written with' },
  head: { type: 'string', value: 'HASH', help: 'verify: the hash that the trail must end with' },
}

const ABOUT = `Shows what was written to the cluster, on whose behalf and for which commit; or, as "audit
verify", checks that no line of the trail was changed, left out or put in.`

/** Files that a trail may be in. */
const FILES_MAX = 1000

/** `tidegate audit` and `tidegate audit verify`. */
export async function runAudit(argv: readonly string[], io: Io, deps: AuditDeps): Promise<number> {
  const parsed = parseOptions(argv, OPTIONS, 1)
  if (parsed.values['help'] === true) {
    io.out(helpText('tidegate audit [verify] [options]', ABOUT, OPTIONS))
    return EXIT.ok
  }
  const [word] = parsed.positionals
  if (word !== undefined && word !== 'verify')
    throw usageFault(`unexpected argument ${JSON.stringify(word)}`)
  const file = textOption(parsed, 'file') ?? io.env['TIDEGATE_AUDIT_FILE']
  if (file === undefined) throw usageFault('name the trail with --file')
  const keyFile = textOption(parsed, 'key-file')
  const key = keyFile === undefined ? undefined : read(keyFile, io, deps).toString().trim()
  const lines = trailLines(file, io, deps)
  if (word === 'verify') return verify(lines, { io, key, head: textOption(parsed, 'head') })
  const sinceMs =
    textOption(parsed, 'since') === undefined ? undefined : durationOption(parsed, 'since', 0)
  const filter: Filter = {
    object: textOption(parsed, 'for'),
    kustomization: textOption(parsed, 'by'),
    fromMs: sinceMs === undefined ? undefined : deps.clock.now() - sinceMs,
  }
  const found = lines
    .map((line) => readAuditLine(line, key))
    .filter((link): link is AuditLink => link !== undefined && matches(link.body, filter))
  const isJson = textOption(parsed, 'output') === 'json'
  for (const { body } of found) io.out(isJson ? `${JSON.stringify(body)}\n` : told(body))
  return EXIT.ok
}

function read(file: string, io: Io, deps: AuditDeps): Buffer {
  const bytes = deps.tree.read(pathOf(file, io))
  if (bytes === undefined) throw usageFault(`${file}: no such file`)
  return Buffer.from(bytes)
}

function pathOf(file: string, io: Io): string {
  return joinPath(file.startsWith('/') ? file : `${io.cwd}/${file}`)
}

/** The lines of all files of a trail, oldest first. */
function trailLines(file: string, io: Io, deps: AuditDeps): string[] {
  const files = [file]
  for (let i = 1; i < FILES_MAX; i += 1) {
    if (deps.tree.kind(pathOf(`${file}.${i}`, io)) !== 'file') break
    files.unshift(`${file}.${i}`)
  }
  const isThere = deps.tree.kind(pathOf(file, io)) === 'file'
  return (
    isThere ? files : files.filter((each) => each !== file).concat(files.length > 1 ? [] : [file])
  )
    .flatMap((each) => read(each, io, deps).toString('utf8').split('\n'))
    .filter((line) => line !== '')
}

/** Names the first line that does not follow from the one before; each later one rests on it. */
function verify(
  lines: readonly string[],
  {
    io,
    key,
    head,
  }: { readonly io: Io; readonly key: string | undefined; readonly head: string | undefined },
): number {
  let last: AuditLink | undefined
  let torn = 0
  for (const [i, line] of lines.entries()) {
    const link = readAuditLine(line, key)
    const next = lines[i + 1]
    if (link === undefined && (next === undefined || isResumption(next))) {
      torn += 1
      continue
    }
    const fault = link === undefined ? 'is no record' : linkFault(link, last)
    if (fault !== undefined) {
      io.out(`line ${i + 1} ${fault}: the trail was changed\n`)
      return EXIT.failed
    }
    last = link
  }
  if (head !== undefined && last?.hash !== head) {
    io.out(
      `the trail ends with ${last?.hash ?? 'nothing'}, not with ${head}: records are missing\n`,
    )
    return EXIT.failed
  }
  const cut = torn === 0 ? '' : `, ${torn} cut short by a crash`
  const first = Number(readAuditLine(lines[0] ?? '', key)?.body['serial'] ?? 1)
  const before = first > 1 ? `, from number ${first} on` : ''
  io.out(
    `${lines.length - torn} records, unbroken${before}${cut}; the last is ${last?.hash ?? 'none'}\n`,
  )
  return EXIT.ok
}

function linkFault(link: AuditLink, last: AuditLink | undefined): string | undefined {
  if (!link.isIntact) return 'is not as it was written'
  if (last !== undefined && link.previous !== last.hash)
    return 'does not follow from the one before'
  const isFirst = link.body['serial'] === 1
  if (last === undefined && isFirst !== (link.previous === AUDIT_START))
    return 'is not the first, and says that it were'
  return undefined
}

function isResumption(line: string): boolean {
  return readAuditLine(line)?.body['event'] === 'resumed'
}

interface Filter {
  readonly object: string | undefined
  readonly kustomization: string | undefined
  readonly fromMs: number | undefined
}

function matches(body: AuditLink['body'], filter: Filter): boolean {
  const object = text(body, 'object')
  if (object === '') return false
  if (filter.kustomization !== undefined && text(body, 'kustomization') !== filter.kustomization)
    return false
  if (filter.fromMs !== undefined && Date.parse(text(body, 'time')) < filter.fromMs) return false
  return filter.object === undefined || isNamed(object, filter.object)
}

/** `Deployment/web`, `deployment.apps/web`, `Deployment/team/web`. */
function isNamed(object: string, wanted: string): boolean {
  const [kind = '', ...place] = object.split('/')
  const [wantedKind = '', ...wantedPlace] = wanted.split('/')
  const isKind = [kind, kind.split('.')[0]].some(
    (each) => each !== undefined && compareText(each.toLowerCase(), wantedKind.toLowerCase()) === 0,
  )
  if (!isKind) return false
  return wantedPlace.length > 1
    ? place.join('/') === wantedPlace.join('/')
    : place.at(-1) === wantedPlace[0]
}

function text(body: AuditLink['body'], key: string): string {
  const value = body[key]
  return typeof value === 'string' ? value : ''
}

function told(body: AuditLink['body']): string {
  const at = (key: string): string => text(body, key)
  const account = at('serviceAccount') === '' ? at('actor') : at('serviceAccount')
  const commit = at('commitAuthor') === '' ? '' : `, ${at('commitAuthor')}: ${at('commitSubject')}`
  const fields = Array.isArray(body['fields']) ? body['fields'].map(fieldText) : []
  return [
    `${at('time')} ${at('object')} ${at('action')} by ${at('kustomization')} as ${account}`,
    `  ${at('revision')}${commit}`,
    ...fields.map((field) => `  ${field}`),
    '',
  ].join('\n')
}

function fieldText(field: unknown): string {
  const { path = '', from, to } = field as { path?: string; from?: string; to?: string }
  return `${path}: ${from ?? '(none)'} -> ${to ?? '(none)'}`
}
