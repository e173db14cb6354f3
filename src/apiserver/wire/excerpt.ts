const EXCERPT_BYTES = 30
const BRACE = 0x7b

/** A body as messages show it: in hexadecimal when it is no map, and cut. */
export function excerpt(body: string | Uint8Array): string {
  const bytes = Buffer.from(body as string)
  if (bytes.length === 0) return '<empty>'
  const start = bytes.subarray(0, EXCERPT_BYTES)
  const more = bytes.length > EXCERPT_BYTES ? ' ...' : ''
  return start.toString(bytes[0] === BRACE ? 'utf8' : 'hex') + more
}
