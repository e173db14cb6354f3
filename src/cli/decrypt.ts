import type { CloudKeys, KeyService } from '../api/index.ts'
import { type FileTree, isFault, joinPath, messageOf } from '../base/index.ts'
import {
  decryptFile,
  type Format,
  formatForPath,
  isEncrypted,
  localKeys,
  readKeySecret,
  verifyFile,
} from '../decrypt/index.ts'
import { EXIT, type Io } from './io.ts'
import { helpText, type OptionTable, parseOptions, textOption, usageFault } from './options.ts'

/** What `tidegate decrypt` needs from outside. */
export interface DecryptDeps {
  /** The whole disk: paths are absolute ones without their first slash. */
  readonly tree: FileTree
  /** Keys across the network, with the process's own credentials. */
  readonly cloudKeys: CloudKeys
}

const FORMATS: readonly string[] = ['yaml', 'json', 'dotenv', 'ini', 'binary']

const OPTIONS: OptionTable = {
  verify: {
    type: 'boolean',
    help: 'check that files are as they were encrypted; prints no plain text',
  },
  key: {
    type: 'string',
    short: 'k',
    multiple: true,
    value: 'FILE',
    help: 'a file of age identities, an SSH key or an armored PGP key; may be repeated',
  },
  format: {
    type: 'string',
    value: FORMATS.join('|'),
    help: 'format of the files, instead of what their names say',
  },
}

const ABOUT = `Decrypts a file that sops encrypted, to standard output; or, with --verify, checks files and
directories of them. Keys are those of --key, of SOPS_AGE_KEY_FILE and SOPS_AGE_KEY, and what
AWS_ACCESS_KEY_ID, VAULT_ADDR and VAULT_TOKEN open.`

/** Files that one run looks at. */
const MAX_FILES = 100_000

/** `tidegate decrypt`: what `sops -d` prints, and a check of the MAC, which Flux never does. */
export async function runDecrypt(
  argv: readonly string[],
  io: Io,
  deps: DecryptDeps,
): Promise<number> {
  const parsed = parseOptions(argv, OPTIONS, MAX_FILES)
  if (parsed.values['help'] === true) {
    io.out(helpText('tidegate decrypt [--verify] FILE|DIR… [options]', ABOUT, OPTIONS))
    return EXIT.ok
  }
  const format = textOption(parsed, 'format')
  if (format !== undefined && !FORMATS.includes(format))
    throw usageFault(`--format: ${JSON.stringify(format)} is none of ${FORMATS.join(', ')}`)
  const verify = parsed.values['verify'] === true
  if (parsed.positionals.length === 0) throw usageFault('name a file')
  if (!verify && parsed.positionals.length > 1) throw usageFault('name one file, or give --verify')
  const given = parsed.values['key']
  const keys = await keysOf({ io, deps }, Array.isArray(given) ? given.map(String) : [])
  const run: Run = { io, deps, keys, format: format as Format | undefined }
  return verify ? verifyAll(parsed.positionals, run) : decryptOne(parsed.positionals[0] ?? '', run)
}

interface Place {
  readonly io: Io
  readonly deps: DecryptDeps
}

interface Run extends Place {
  readonly keys: KeyService
  readonly format: Format | undefined
}

async function keysOf({ io, deps }: Place, files: readonly string[]): Promise<KeyService> {
  const { SOPS_AGE_KEY, SOPS_AGE_KEY_FILE } = io.env
  const age = SOPS_AGE_KEY === undefined ? [] : [Buffer.from(SOPS_AGE_KEY)]
  const all = [...files, ...(SOPS_AGE_KEY_FILE === undefined ? [] : [SOPS_AGE_KEY_FILE])]
  const data: Record<string, Uint8Array> = {}
  for (const [i, bytes] of age.entries()) data[`SOPS_AGE_KEY.${i}.agekey`] = bytes
  for (const file of all) {
    const bytes = deps.tree.read(pathOf(file, io))
    if (bytes === undefined) throw usageFault(`${file}: no such file`)
    const isPgp = Buffer.from(bytes).includes('-----BEGIN PGP ')
    data[`${file}${isPgp ? '.asc' : '.agekey'}`] = bytes
  }
  return localKeys(readKeySecret(data, 'command line'), [deps.cloudKeys({ credentials: {} })])
}

/** An absolute path without its first slash. */
function pathOf(file: string, io: Io): string {
  return joinPath(file.startsWith('/') ? file : `${io.cwd}/${file}`)
}

async function decryptOne(file: string, run: Run): Promise<number> {
  const content = run.deps.tree.read(pathOf(file, run.io))
  if (content === undefined) {
    run.io.err(`${file}: no such file\n`)
    return EXIT.failed
  }
  try {
    const plain = await decryptFile(content, { input: run.format ?? formatForPath(file) }, run.keys)
    const text = Buffer.from(plain).toString('utf8')
    if (!Buffer.from(text).equals(plain)) {
      run.io.err(`${file}: the plain text is binary, and this prints text alone\n`)
      return EXIT.failed
    }
    run.io.out(text)
    return EXIT.ok
  } catch (error) {
    if (!isFault(error)) throw error
    run.io.err(`${file}: ${error.message}\n`)
    return EXIT.failed
  }
}

/** One line a file; fails when one is not as it was, or when there was nothing to check. */
async function verifyAll(names: readonly string[], run: Run): Promise<number> {
  let checked = 0
  let bad = 0
  for (const { name, path } of names.flatMap((name) => filesAt(name, run))) {
    const format = run.format ?? formatForPath(name)
    const content = run.deps.tree.read(path)
    if (content === undefined || (!isEncrypted(content, format) && !names.includes(name))) continue
    checked += 1
    try {
      const count = await verifyFile(content, format, run.keys)
      run.io.out(`${name}: as it was encrypted (${count} ${count === 1 ? 'value' : 'values'})\n`)
    } catch (error) {
      if (!isFault(error)) throw error
      bad += 1
      run.io.out(`${name}: ${messageOf(error)}\n`)
    }
  }
  if (checked === 0) run.io.err('no encrypted file found\n')
  return bad > 0 || checked === 0 ? EXIT.failed : EXIT.ok
}

interface Found {
  /** As it is shown. */
  readonly name: string
  readonly path: string
}

function filesAt(name: string, run: Run): Found[] {
  const { tree } = run.deps
  const found: Found[] = []
  const visit = (at: Found): void => {
    if (found.length >= MAX_FILES) throw usageFault(`${name}: more than ${MAX_FILES} files`)
    if (tree.kind(at.path) === 'file') found.push(at)
    for (const entry of tree.list(at.path) ?? [])
      if (entry !== '.git' && entry !== 'node_modules')
        visit({ name: joinedName(at.name, entry), path: joinPath(at.path, entry) })
  }
  const path = pathOf(name, run.io)
  if (tree.kind(path) === undefined) throw usageFault(`${name}: no such file or directory`)
  visit({ name, path })
  return found
}

function joinedName(directory: string, entry: string): string {
  if (directory === '.') return entry
  return `${directory.replace(/\/$/, '')}/${entry}`
}
