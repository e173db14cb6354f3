import { messageLines } from './fields.generated.ts'

/** JSON names of a message's fields by number (from 1); another message whose fields are inlined. */
export type Message = readonly (string | { readonly inlined: string })[]

let lines: Map<string, string> | undefined
const read = new Map<string, Message | undefined>()

/** The message that OpenAPI calls by this name (`io.k8s.api.core.v1.Container`). */
export function messageOf(name: string): Message | undefined {
  if (read.has(name)) return read.get(name)
  lines ??= indexLines()
  const line = lines.get(name)
  const message = line === undefined ? undefined : readLine(name, line)
  read.set(name, message)
  return message
}

function indexLines(): Map<string, string> {
  const index = new Map<string, string>()
  let place = ''
  for (const line of messageLines.trim().split('\n')) {
    const [name = '', fields] = line.split('|')
    if (fields === undefined) place = `io.k8s.${line.slice(1)}`
    else index.set(`${place}.${name}`, fields)
  }
  return index
}

function readLine(name: string, line: string): Message {
  const place = name.slice(0, name.lastIndexOf('.'))
  return line
    .split(',')
    .map((field) => (field.startsWith('+') ? { inlined: `${place}.${field.slice(1)}` } : field))
}
