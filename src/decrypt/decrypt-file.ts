import type { KeyService } from '../api/index.ts'
import { isFault } from '../base/index.ts'
import { dataKeyOf } from './data-key.ts'
import { emit } from './emit.ts'
import { decryptFault } from './faults.ts'
import { FORMAT_NAMES, type Format } from './formats.ts'
import { type Loaded, loadFile } from './load.ts'
import { type Metadata, readMetadata } from './metadata.ts'
import type { OpenFile } from './open-file.ts'
import type { TreeValue } from './tree.ts'
import { openTree, storedMac } from './walk.ts'

/** How to decrypt a file. */
export interface DecryptOptions {
  readonly input: Format
  /** The same as `input` when absent. */
  readonly output?: Format
  /** Check the MAC, too. Flux does not: kustomize changes what was encrypted. */
  readonly verify?: boolean
  /** Told of each text that was decrypted: no message may quote it. */
  readonly onText?: (text: string) => void
}

/** Biggest file that is decrypted. */
export const MAX_FILE_BYTES: number = 5 * 1024 * 1024

/**
 * Decrypts a SOPS file.
 * @throws Fault SOPS_FORMAT, SOPS_KEY, SOPS_VALUE, SOPS_MAC in Flux's words; no value is quoted
 * @see fluxcd/kustomize-controller v1.9.4 decryptor.go SopsDecryptWithFormat
 */
export async function decryptFile(
  content: Uint8Array,
  options: DecryptOptions,
  keys: KeyService,
): Promise<Uint8Array> {
  const file = await open(content, options, keys)
  return emitting(options, () => emit(file, options.output ?? options.input))
}

/** What goes wrong with what was opened is told as a fault of writing it, as in Flux. */
function emitting<T>({ input, output = input }: DecryptOptions, run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (!isFault(error, 'SOPS_FORMAT')) throw error
    const names = `encrypted ${FORMAT_NAMES[input]} file as decrypted ${FORMAT_NAMES[output]}`
    throw decryptFault('SOPS_FORMAT', `failed to emit ${names}: ${error.message}`)
  }
}

/**
 * Checks that a SOPS file is as it was encrypted; answers how many values it holds encrypted.
 * @throws Fault as `decryptFile` does
 */
export async function verifyFile(
  content: Uint8Array,
  format: Format,
  keys: KeyService,
): Promise<number> {
  return (await open(content, { input: format, verify: true }, keys)).values.size
}

async function open(
  content: Uint8Array,
  options: DecryptOptions,
  keys: KeyService,
): Promise<OpenFile> {
  const { loaded, metadata } = load(content, options.input)
  const dataKey = await dataKeyOf(metadata, keys)
  const values = new Map<string, TreeValue>()
  const opened = emitting(options, () =>
    openTree(loaded.branches, { metadata, dataKey }, (sealed, value) => {
      values.set(sealed, value)
      if (typeof value === 'string') options.onText?.(value)
    }),
  )
  if (options.verify === true) {
    refuseUnseen(loaded)
    checkMac(opened.mac, metadata, dataKey)
  }
  return { loaded, metadata, dataKey, opened, values }
}

function load(content: Uint8Array, format: Format): { loaded: Loaded; metadata: Metadata } {
  try {
    const loaded = loadFile(content, format)
    return { loaded, metadata: readMetadata(loaded.metadata) }
  } catch (error) {
    if (!isFault(error)) throw error
    const message = `failed to load encrypted ${FORMAT_NAMES[format]} data: ${error.message}`
    throw decryptFault('SOPS_FORMAT', message)
  }
}

/** A comment whose type is that of a text is a value to SOPS, and counts for the MAC. */
const FOREIGN_COMMENT = /[#;] ?ENC\[AES256_GCM,[^\]\n]*,type:str\]\s*$/m

/** What a MAC is over and a tree does not hold. */
function refuseUnseen({ isRepeated, layout }: Loaded): void {
  const why = isRepeated
    ? 'a key stands twice'
    : textsOf(layout).some((text) => FOREIGN_COMMENT.test(text))
      ? 'a comment is encrypted as a value'
      : undefined
  if (why !== undefined)
    throw decryptFault('SOPS_MAC', `failed to verify sops data integrity: ${why}`)
}

function textsOf(layout: Loaded['layout']): readonly string[] {
  if (layout.format === 'yaml') return [layout.text]
  if (layout.format === 'ini') return layout.lines.map(({ text }) => text)
  if (layout.format === 'json') return []
  return layout.lines.map((line) => ('comment' in line ? `#${line.comment}` : ''))
}

function checkMac(mac: string, metadata: Metadata, dataKey: Uint8Array): void {
  const stored = openMac(metadata, dataKey)
  if (stored === mac) return
  const expected = stored === '' ? 'no MAC' : stored
  throw decryptFault(
    'SOPS_MAC',
    `failed to verify sops data integrity: expected mac '${expected}', got '${mac}'`,
  )
}

function openMac(metadata: Metadata, dataKey: Uint8Array): string {
  try {
    return storedMac(metadata, dataKey)
  } catch (error) {
    if (!isFault(error)) throw error
    throw decryptFault('SOPS_MAC', `failed to verify sops data integrity: ${error.message}`)
  }
}
