/** The formats that SOPS encrypts. */
export type Format = 'yaml' | 'json' | 'dotenv' | 'ini' | 'binary'

/** The formats by the names that Flux's messages give them. */
export const FORMAT_NAMES: Readonly<Record<Format, string>> = {
  yaml: 'YAML',
  json: 'JSON',
  dotenv: 'dotenv',
  ini: 'INI',
  binary: 'binary',
}

/** What an encrypted file of a format holds. */
const MARKERS: Readonly<Record<Format, string>> = {
  yaml: 'mac: ENC[',
  json: '"mac": "ENC[',
  dotenv: 'sops_mac=ENC[',
  ini: '[sops]',
  binary: '"mac": "ENC[',
}

/** Says whether a file of a format is encrypted. */
export function isEncrypted(content: Uint8Array, format: Format): boolean {
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength).includes(
    MARKERS[format],
  )
}

/** The format that content is encrypted in, told by its marker; undefined when it is not. */
export function detectFormat(content: Uint8Array): Format | undefined {
  const order: readonly Format[] = ['yaml', 'json', 'dotenv', 'ini']
  return order.find((format) => isEncrypted(content, format))
}

/** The format of a file or a key, told by its name. */
export function formatForPath(path: string): Format {
  if (path.endsWith('.dockerconfigjson') || path.endsWith('.json')) return 'json'
  if (path.endsWith('.yaml') || path.endsWith('.yml')) return 'yaml'
  if (path.endsWith('.env')) return 'dotenv'
  return path.endsWith('.ini') ? 'ini' : 'binary'
}
