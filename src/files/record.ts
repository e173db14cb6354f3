import { crc32 } from 'node:zlib'

const SUM_LETTERS = 8
const SPACE = 0x20
const LINE_END = 0x0a
const BRACE = 0x7b

/** An entry as a line: the checksum of its JSON in eight letters, a space, the JSON. */
export function recordOf(entry: unknown): Buffer {
  const json = Buffer.from(JSON.stringify(entry))
  const line = Buffer.allocUnsafe(SUM_LETTERS + 1 + json.length + 1)
  line.write(sumOf(json), 0, 'latin1')
  line[SUM_LETTERS] = SPACE
  json.copy(line, SUM_LETTERS + 1)
  line[line.length - 1] = LINE_END
  return line
}

/**
 * What a line without its end says; undefined when it is not as it was written. Journals of old have
 * JSON alone, which is taken as it is.
 */
export function entryIn(line: Buffer): { readonly entry: unknown } | undefined {
  const isOld = line[0] === BRACE
  const json = isOld ? line : line.subarray(SUM_LETTERS + 1)
  if (!isOld && (line[SUM_LETTERS] !== SPACE || line.toString('latin1', 0, 8) !== sumOf(json)))
    return undefined
  try {
    return { entry: JSON.parse(json.toString('utf8')) as unknown }
  } catch {
    return undefined
  }
}

function sumOf(json: Buffer): string {
  return crc32(json).toString(16).padStart(SUM_LETTERS, '0')
}
