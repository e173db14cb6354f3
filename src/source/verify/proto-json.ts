/** That a text is not the message that it should be. Callers make a fault of it. */
export class BadMessage extends Error {}

/** The shape of a message: of each field, how it is read. */
export interface Shape {
  readonly [field: string]: Reader
}

/** Reads one value. @throws BadMessage */
export type Reader = (value: unknown) => unknown

const DEPTH_MAX = 100

/**
 * Reads a message of Protocol Buffers in its JSON form, as strictly as Go does: names in camel or snake
 * case, no field that is not known, whole numbers as numbers or text, bytes in either alphabet.
 * @throws BadMessage
 * @see https://protobuf.dev/programming-guides/json/
 */
export function readMessage<T>(text: string, shape: Shape): T {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new BadMessage('syntax error', { cause: error })
  }
  return message(shape)(json) as T
}

export function message(shape: Shape): Reader {
  const snake = new Map(Object.keys(shape).map((name) => [snakeCase(name), name]))
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new BadMessage('unexpected token')
    const read: Record<string, unknown> = {}
    for (const [key, field] of Object.entries(value)) {
      const name = Object.hasOwn(shape, key) ? key : snake.get(key)
      const reader = name === undefined ? undefined : shape[name]
      if (name === undefined || reader === undefined)
        throw new BadMessage(`unknown field ${JSON.stringify(key)}`)
      if (Object.hasOwn(read, name)) throw new BadMessage(`duplicate field ${JSON.stringify(key)}`)
      if (field !== null) read[name] = reader(field)
    }
    return read
  }
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

export function list(reader: Reader): Reader {
  return (value) => {
    if (!Array.isArray(value)) throw new BadMessage('unexpected token')
    return value.map(reader)
  }
}

export const text: Reader = (value) => {
  if (typeof value === 'string') return value
  throw new BadMessage('invalid value for string field')
}

export const bytes: Reader = (value) => {
  const given = text(value) as string
  const plain = given.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '')
  if (!/^[A-Za-z0-9+/]*$/.test(plain) || plain.length % 4 === 1)
    throw new BadMessage('invalid value for bytes field')
  return Buffer.from(plain, 'base64')
}

export const int64: Reader = (value) => {
  const number = typeof value === 'string' && /^-?\d{1,19}$/.test(value) ? BigInt(value) : value
  if (typeof number === 'bigint') return number
  if (typeof number === 'number' && Number.isSafeInteger(number)) return BigInt(number)
  throw new BadMessage('invalid value for int64 field')
}

/** A value of any kind, as `google.protobuf.Struct` has it. */
export const anything: Reader = (value) => {
  checkDepth(value, 0)
  return value
}

function checkDepth(value: unknown, depth: number): void {
  if (depth > DEPTH_MAX) throw new BadMessage('exceeded maximum recursion depth')
  if (typeof value !== 'object' || value === null) return
  for (const each of Object.values(value)) checkDepth(each, depth + 1)
}

/** Names to values of one kind. */
export function mapOf(reader: Reader): Reader {
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new BadMessage('unexpected token')
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, reader(each)]))
  }
}

/** What Go says of a text that begins with no JSON value; its blank does not break. */
export function protoJsonError(given: string, error: BadMessage): string {
  const token = /^[-+._a-zA-Z0-9]{1,32}/.exec(given)?.[0]
  if (error.message !== 'syntax error') return `proto: ${error.message}`
  if (token === undefined) return 'it is no JSON'
  return `proto:\u00a0syntax error (line 1:1): invalid value ${token}`
}
