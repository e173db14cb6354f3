import { fail, within } from '../fault.ts'
import type { GeneratorArgs } from '../load/kustomization.ts'
import { fileNameOf, type Loader, textOf } from '../load/loader.ts'

/** Longest line of an env file, in bytes: Go's scanner stops there and says nothing. */
const MAX_LINE_BYTES = 64 * 1024

/**
 * The keys and values of a generator: from env files, literals, then files. A repeated key is an
 * error.
 * @see sigs.k8s.io/kustomize/api v0.21.1 kv/kv.go
 */
export function readPairs(args: GeneratorArgs, loader: Loader): ReadonlyMap<string, Uint8Array> {
  const envs = [...(args.envs ?? []), ...(args.env ? [args.env] : [])]
  const pairs = within('loading KV pairs', () => [
    ...within(`env source files: [${envs.join(' ')}]`, () =>
      envs.flatMap((path) => envPairs(loader.load(path).bytes)),
    ),
    ...within(`literal sources [${(args.literals ?? []).join(' ')}]`, () =>
      (args.literals ?? []).map(literalPair),
    ),
    ...within(`file sources: [${(args.files ?? []).join(' ')}]`, () =>
      (args.files ?? []).map((source) => filePair(source, loader)),
    ),
  ])
  const result = new Map<string, Uint8Array>()
  for (const [key, value] of pairs) {
    if (result.has(key)) fail(`configmap ${args.name ?? ''} illegally repeats the key \`${key}\``)
    result.set(key, value)
  }
  return result
}

type Pair = readonly [string, Uint8Array]

function literalPair(source: string): Pair {
  const equals = source.indexOf('=')
  if (equals <= 0) fail(`invalid literal source ${source}, expected key=value`)
  return [source.slice(0, equals), Buffer.from(unquote(source.slice(equals + 1)))]
}

function unquote(text: string): string {
  const first = text[0]
  if (text.length < 2 || first !== text.at(-1)) return text
  return first === '"' || first === "'" ? text.slice(1, -1) : text
}

function filePair(source: string, loader: Loader): Pair {
  const equals = source.split('=').length - 1
  if (equals === 0) return [fileNameOf(source), loader.load(source).bytes]
  if (equals > 1) fail(`source ${JSON.stringify(source)} key name or file path contains '='`)
  const [key = '', path = ''] = source.split('=')
  if (key === '')
    fail(
      `missing key name for file path ${JSON.stringify(path)} in source ${JSON.stringify(source)}`,
    )
  if (path === '')
    fail(
      `missing file path for key name ${JSON.stringify(key)} in source ${JSON.stringify(source)}`,
    )
  return [key, loader.load(path).bytes]
}

function envPairs(bytes: Uint8Array): Pair[] {
  const text = textOf(bytes)
  if (text === undefined) fail('line has invalid utf8 bytes')
  const pairs: Pair[] = []
  const lines = text.replace(/\n$/, '').split('\n')
  for (const [i, raw] of lines.entries()) {
    if (raw.length > MAX_LINE_BYTES) break
    const line = (i === 0 ? raw.replace(/^\ufeff/, '') : raw).replace(/\r$/, '').trimStart()
    if (line === '' || line.startsWith('#')) continue
    const equals = line.indexOf('=')
    const key = equals < 0 ? line : line.slice(0, equals)
    if (key === '') continue
    pairs.push([key, Buffer.from(equals < 0 ? '' : line.slice(equals + 1))])
  }
  return pairs
}
