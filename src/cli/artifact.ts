import type { CloudLogins, OciRequest, Registry, RegistryWriter, SourceTree } from '../api/index.ts'
import { type Clock, rfc3339 } from '../base/index.ts'
import { printYaml } from '../object/index.ts'
import { EXIT, type Io } from './io.ts'
import {
  durationOption,
  helpText,
  type OptionTable,
  type ParsedOptions,
  parseOptions,
  textOption,
  usageFault,
} from './options.ts'

/** What `tidegate push` and `tidegate pull` need from outside. */
export interface ArtifactDeps {
  readonly registry: Registry
  readonly writer: RegistryWriter
  readonly logins: CloudLogins
  readonly clock: Clock
  /** The Docker configuration of this user; undefined where there is none. */
  readonly dockerConfig: () => Promise<Uint8Array | undefined>
  /** A directory, or a file as a tree of one; undefined where there is nothing. */
  readonly tree: (path: string) => SourceTree | undefined
  /** Writes a tree into a directory that exists. */
  readonly write: (dir: string, tree: SourceTree) => Promise<void>
}

const ACCESS: OptionTable = {
  creds: {
    type: 'string',
    value: 'USER[:PASSWORD]',
    help: 'credentials for the registry; else those of the Docker configuration',
  },
  provider: {
    type: 'string',
    value: 'generic|aws|azure|gcp',
    help: 'cloud whose registry it is, that is logged in to with what the environment has',
  },
  'insecure-registry': { type: 'boolean', help: 'plain HTTP, or any certificate' },
  timeout: { type: 'string', value: 'DURATION', help: 'how long it may take (default 5m)' },
}

const PUSH: OptionTable = {
  path: { type: 'string', short: 'f', value: 'PATH', help: 'directory or file to push' },
  source: { type: 'string', value: 'URL', help: 'where the content comes from, e.g. the Git URL' },
  revision: { type: 'string', value: 'REV', help: 'its revision, e.g. main@sha1:<commit>' },
  annotations: {
    type: 'string',
    short: 'a',
    multiple: true,
    value: 'KEY=VALUE',
    help: 'annotation of the artifact; may be repeated',
  },
  'ignore-paths': {
    type: 'string',
    multiple: true,
    value: 'RULES',
    help: 'what is left out, as in .gitignore, with commas between (default: Git files, pictures, archives)',
  },
  reproducible: {
    type: 'boolean',
    help: 'the time is 1970-01-01, so that bytes depend on content',
  },
  output: { type: 'string', short: 'o', value: 'json|yaml', help: 'how the digest is printed' },
  ...ACCESS,
}

const PULL: OptionTable = {
  output: {
    type: 'string',
    short: 'o',
    value: 'DIR',
    help: 'directory to write to; it must exist',
  },
  ...ACCESS,
}

const PUSH_ABOUT = `Pushes a directory as an artifact that an OCIRepository can pull, as flux push artifact does.`
const PULL_ABOUT = 'Pulls an artifact and unpacks it into a directory.'
/** What Flux leaves out of artifacts where nothing is said. */
const IGNORED =
  '.git/,.gitignore,.gitmodules,.gitattributes,*.jpg,*.jpeg,*.gif,*.png,*.wmv,*.flv,*.tar.gz,*.zip'
const TIMEOUT_MS = 300_000
const PROVIDERS: readonly string[] = ['generic', 'aws', 'azure', 'gcp']

/** `tidegate push artifact`. */
export async function runPush(
  argv: readonly string[],
  io: Io,
  deps: ArtifactDeps,
): Promise<number> {
  const parsed = parseOptions(argv, PUSH, 2)
  if (parsed.values['help'] === true) {
    io.out(helpText('tidegate push artifact oci://HOST/REPOSITORY:TAG [options]', PUSH_ABOUT, PUSH))
    return EXIT.ok
  }
  const { url, tag, digest } = targetOf(parsed)
  if (digest !== undefined) throw usageFault('an artifact is pushed to a tag, not to a digest')
  const need = (name: string): string => {
    const value = textOption(parsed, name)
    if (value) return value
    throw usageFault(`--${name} is required`)
  }
  const [source, revision, path] = [need('source'), need('revision'), need('path')]
  const format = textOption(parsed, 'output')
  if (format !== undefined && format !== 'json' && format !== 'yaml')
    throw usageFault(`--output: ${JSON.stringify(format)} is neither json nor yaml`)
  const tree = deps.tree(path)
  if (tree === undefined)
    throw usageFault(`invalid path '${path}', must point to an existing directory or file`)
  const now = parsed.values['reproducible'] === true ? 0 : deps.clock.now()
  const created = rfc3339(now)
  if (format === undefined) io.err(`► pushing artifact to ${url.slice('oci://'.length)}:${tag}\n`)
  const pushed = await deps.writer.push({
    ...(await accessOf(parsed, io, deps)),
    url,
    tag,
    tree,
    created,
    ignore: listOf(parsed, 'ignore-paths', IGNORED).join('\n'),
    annotations: sorted({
      ...annotationsOf(parsed),
      'org.opencontainers.image.created': created,
      'org.opencontainers.image.revision': revision,
      'org.opencontainers.image.source': source,
    }),
  })
  const { repository } = pushed
  const shown = {
    url: `oci://${repository}@${pushed.digest}`,
    repository,
    tag,
    digest: pushed.digest,
  }
  if (format === 'json') io.out(`${JSON.stringify(shown, undefined, 2)}\n`)
  else if (format === 'yaml') io.out(printYaml(shown))
  else io.err(`✔ artifact successfully pushed to ${repository}@${pushed.digest}\n`)
  return EXIT.ok
}

/** `tidegate pull artifact`. */
export async function runPull(
  argv: readonly string[],
  io: Io,
  deps: ArtifactDeps,
): Promise<number> {
  const parsed = parseOptions(argv, PULL, 2)
  if (parsed.values['help'] === true) {
    io.out(helpText('tidegate pull artifact oci://HOST/REPOSITORY:TAG -o DIR', PULL_ABOUT, PULL))
    return EXIT.ok
  }
  const { url, tag, digest } = targetOf(parsed)
  const dir = textOption(parsed, 'output')
  if (!dir) throw usageFault('--output is required: a directory')
  io.err(`► pulling artifact from ${url.slice('oci://'.length)}\n`)
  const found = await deps.registry.find({
    ...(await accessOf(parsed, io, deps)),
    url,
    ref: digest === undefined ? { tag } : { digest },
  })
  const pulled = await found.pull()
  const { annotations, content } = pulled
  try {
    if (!('tree' in content)) throw new Error('an artifact that is not unpacked')
    await deps.write(dir, content.tree)
  } finally {
    pulled.release()
  }
  for (const [words, key] of SHOWN)
    if (annotations[key] !== undefined) io.err(`✔ ${words} ${annotations[key]}\n`)
  io.err(`✔ digest ${found.revision.split('@').at(-1)}\n✔ artifact content extracted to ${dir}\n`)
  return EXIT.ok
}

const SHOWN = [
  ['source', 'org.opencontainers.image.source'],
  ['revision', 'org.opencontainers.image.revision'],
] as const

interface Target {
  readonly url: string
  readonly tag: string
  readonly digest: string | undefined
}

function targetOf({ positionals }: ParsedOptions): Target {
  const [what, address, ...more] = positionals
  if (what !== 'artifact') throw usageFault('say what: artifact')
  if (address === undefined || more.length > 0) throw usageFault('artifact URL is required')
  if (!address.startsWith('oci://'))
    throw usageFault("URL must be in format 'oci://<domain>/<org>/<repo>'")
  const at = address.indexOf('@')
  if (at >= 0) return { url: address.slice(0, at), tag: '', digest: address.slice(at + 1) }
  const colon = address.lastIndexOf(':')
  const hasTag = colon > address.lastIndexOf('/')
  const url = hasTag ? address.slice(0, colon) : address
  const tag = hasTag ? address.slice(colon + 1) : 'latest'
  if (!/^\w[\w.-]{0,127}$/.test(tag)) throw usageFault(`${JSON.stringify(tag)} is no tag`)
  return { url, tag, digest: undefined }
}

async function accessOf(
  parsed: ParsedOptions,
  io: Io,
  deps: ArtifactDeps,
): Promise<Pick<OciRequest, 'insecure' | 'dockerConfigs' | 'login' | 'signal'>> {
  const creds = textOption(parsed, 'creds')
  const provider = textOption(parsed, 'provider') ?? 'generic'
  if (!PROVIDERS.includes(provider))
    throw usageFault(`--provider: ${JSON.stringify(provider)} is none of ${PROVIDERS.join(', ')}`)
  const config =
    creds === undefined && provider === 'generic' ? await deps.dockerConfig() : undefined
  const login = loginOf(deps, { creds, provider })
  const stop = new AbortController()
  deps.clock.after(durationOption(parsed, 'timeout', TIMEOUT_MS), () =>
    stop.abort(new Error('context deadline exceeded')),
  )
  return {
    insecure: parsed.values['insecure-registry'] === true,
    dockerConfigs: config === undefined ? [] : [config],
    ...(login === undefined ? {} : { login }),
    signal: AbortSignal.any([io.signal, stop.signal]),
  }
}

function loginOf(
  { logins }: ArtifactDeps,
  { creds, provider }: { readonly creds: string | undefined; readonly provider: string },
): OciRequest['login'] {
  if (provider === 'aws' || provider === 'azure' || provider === 'gcp')
    return (repository) => logins.registry(provider, { repository })
  if (creds === undefined) return undefined
  const colon = creds.indexOf(':')
  const user = colon < 0 ? creds : creds.slice(0, colon)
  const password = colon < 0 ? '' : creds.slice(colon + 1)
  return () => Promise.resolve({ user, password })
}

function listOf(parsed: ParsedOptions, name: string, fallback: string): readonly string[] {
  const given = parsed.values[name]
  const texts = Array.isArray(given) ? given.map(String) : [fallback]
  return texts.flatMap((text) => text.split(','))
}

function annotationsOf(parsed: ParsedOptions): Record<string, string> {
  const given = parsed.values['annotations']
  const pairs = (Array.isArray(given) ? given.map(String) : []).map((text) => {
    const [key = '', value, ...more] = text.split('=')
    if (value === undefined || more.length > 0)
      throw usageFault(`invalid annotation ${text}, must be in the format key=value`)
    return [key, value]
  })
  return Object.fromEntries(pairs)
}

/** Go writes maps in the order of their keys; equal annotations then give equal bytes. */
function sorted(fields: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)))
}
