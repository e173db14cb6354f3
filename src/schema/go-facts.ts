import { goLines } from './kubernetes.generated.ts'

/** What Go's decoder says of a field that no OpenAPI document tells. */
export interface GoFact {
  /** The structs that the field is inherited from, with dots between; '' for none. */
  readonly via: string
  /** The type's own name (`v1.Protocol`, `[]types.UID`); absent: its form is its name. */
  readonly type?: string
}

let structs: Map<string, string> | undefined
const read = new Map<string, ReadonlyMap<string, GoFact>>()

/** The fact of a field of a definition, where there is something to tell. */
export function goFact(definition: string | undefined, field: string): GoFact | undefined {
  if (definition === undefined) return undefined
  let facts = read.get(definition)
  if (facts === undefined) {
    facts = new Map(linesOf(definition).map(readFact))
    read.set(definition, facts)
  }
  return facts.get(field)
}

function linesOf(definition: string): readonly string[] {
  structs ??= new Map(
    goLines
      .trim()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('|')), line.slice(line.indexOf('|') + 1)]),
  )
  return structs.get(definition)?.split('|') ?? []
}

function readFact(text: string): [string, GoFact] {
  const [field = '', via = '', type = ''] = text.split(':')
  return [field, { via, ...(type === '' ? {} : { type }) }]
}
