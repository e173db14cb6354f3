import { Buffer } from 'node:buffer'
import { brotliDecompressSync } from 'node:zlib'

/** The recorded documents; texts are JSON. */
export interface Documents {
  /** A whole document by its path (`apis/apps/v1`); undefined when there is none. */
  document(path: string): string | undefined
  /** Information, paths and schemas of a document or template (`Namespaced`, `Cluster`). */
  parts(path: string): DocumentParts | undefined
  readonly paths: readonly string[]
}

/** A document in parts, each of them JSON. */
export interface DocumentParts {
  readonly info: string
  readonly paths: string
  /** By name. */
  readonly schemas: readonly (readonly [name: string, schema: string])[]
}

let unpacked: Documents | undefined

/** The documents of the built-in kinds; unpacked when they are first asked for. */
export async function documents(): Promise<Documents> {
  if (unpacked !== undefined) return unpacked
  const { packed } = await import('./documents.generated.ts')
  unpacked = fromLines(linesOf(brotliDecompressSync(Buffer.from(packed, 'base64'))))
  return unpacked
}

/** Lines stay bytes until they are read: they are 5 MB, and few of them are asked for. */
function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = []
  let start = 0
  while (start <= bytes.length) {
    const end = bytes.indexOf(10, start)
    lines.push(bytes.subarray(start, end < 0 ? bytes.length : end))
    if (end < 0) break
    start = end + 1
  }
  return lines
}

function fromLines(lines: readonly Buffer[]): Documents {
  const count = Number(lines[0]?.toString())
  const places = new Map<string, Buffer>()
  for (const line of lines.slice(1 + count))
    places.set(line.subarray(0, line.indexOf(9)).toString(), line)
  const parts = (path: string): DocumentParts | undefined => {
    const line = places.get(path)
    if (line === undefined) return undefined
    const [, numbers = '', info = '', paths = ''] = line.toString().split('\t')
    const schemas = numbers
      .split(',')
      .filter((each) => each !== '')
      .map((number) => schemaOf(lines[1 + Number(number)]))
    return { info, paths, schemas }
  }
  return {
    parts,
    paths: [...places.keys()],
    document: (path) => {
      const found = parts(path)
      return found === undefined ? undefined : textOf(found, BEARER)
    },
  }
}

function schemaOf(line: Buffer | undefined): readonly [string, string] {
  const [name = '', schema = '{}'] = line?.toString().split('\t') ?? []
  return [name, schema]
}

/** How whoever asks tells who they are: every server says so of its own kinds that takes tokens. */
export const BEARER =
  '{"BearerToken":{"type":"apiKey","description":"Bearer Token authentication","name":"authorization","in":"header"}}'

/** A document from its parts. */
export function textOf({ info, paths, schemas }: DocumentParts, security = ''): string {
  const all = schemas.map(([name, schema]) => `${JSON.stringify(name)}:${schema}`).join(',')
  const components = [
    ...(all === '' ? [] : [`"schemas":{${all}}`]),
    ...(security === '' ? [] : [`"securitySchemes":${security}`]),
  ]
  return `{"openapi":"3.0.0","info":${info},"paths":${paths},"components":{${components.join(',')}}}`
}
