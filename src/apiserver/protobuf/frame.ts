/** A field of bytes: its number with the wire type of what has a length, the length, the bytes. */
export function lengthField(number: number, bytes: Uint8Array): Buffer {
  const head = [(number << 3) | 2]
  let rest = bytes.length
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) head.push((rest % 0x80) | 0x80)
  return Buffer.concat([Buffer.from([...head, rest]), bytes])
}
