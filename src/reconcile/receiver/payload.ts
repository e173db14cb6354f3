import { Fault } from '../../base/index.ts'

/** What a field of a payload must be, where it is there: nothing else is looked at. */
export type Shape = 'text' | 'texts' | { readonly [field: string]: Shape }

/**
 * Reads a payload and checks the fields that its sender must get right.
 * @throws Fault HOOK with the words given
 */
export function readPayload(
  body: Uint8Array,
  { shape, words, isOneValue = false }: PayloadRule,
): void {
  const text = Buffer.from(body).toString()
  let value: unknown
  try {
    value = JSON.parse(isOneValue ? text : firstValue(text))
  } catch {
    throw refuse(words)
  }
  if (!fits(value, shape)) throw refuse(words)
}

/** How a payload is read. */
export interface PayloadRule {
  readonly shape: Shape
  readonly words: string
  /** Nothing may follow; else what follows the first value is not read, as Go's decoder has it. */
  readonly isOneValue?: boolean
}

function fits(value: unknown, shape: Shape): boolean {
  if (value === null || value === undefined) return true
  if (shape === 'text') return typeof value === 'string'
  if (shape === 'texts') return Array.isArray(value) && value.every((each) => fits(each, 'text'))
  if (typeof value !== 'object' || Array.isArray(value)) return false
  const fields = value as Readonly<Record<string, unknown>>
  return Object.entries(shape).every(([field, inner]) => fits(fields[field], inner))
}

/** The text up to the end of its first object or array; all of it where it begins with neither. */
function firstValue(text: string): string {
  let depth = 0
  let isQuoted = false
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i]
    if (isQuoted) {
      if (char === '\\') i += 1
      else if (char === '"') isQuoted = false
    } else if (char === '"') isQuoted = true
    else if (char === '{' || char === '[') depth += 1
    else if (char === '}' || char === ']') {
      depth -= 1
      if (depth === 0) return text.slice(0, i + 1)
    }
  }
  return text
}

/** The events of CDEvents 0.4, by subject. */
const CDEVENTS: Readonly<Record<string, string>> = {
  artifact: 'deleted downloaded packaged published signed',
  branch: 'created deleted',
  build: 'finished queued started',
  change: 'abandoned created merged reviewed updated',
  environment: 'created deleted modified',
  incident: 'detected reported resolved',
  pipelinerun: 'finished queued started',
  repository: 'created deleted modified',
  service: 'deployed published removed rolledback upgraded',
  taskrun: 'finished started',
  testcaserun: 'finished queued skipped started',
  testoutput: 'published',
  testsuiterun: 'finished queued started',
  ticket: 'closed created updated',
}

/**
 * Checks what every event of CDEvents has: a known type of a version that is understood, an id, a
 * source, a time and a subject. The fields of single types are not looked at.
 * @throws Fault HOOK
 * @see https://github.com/cdevents/spec/blob/v0.4.1/spec.md
 */
export function checkCdEvent(body: Uint8Array): void {
  const words = 'unable to validate CDEvent event'
  readPayload(body, {
    words,
    isOneValue: true,
    shape: { context: { id: 'text', source: 'text', type: 'text' }, subject: { id: 'text' } },
  })
  const { context, subject } = JSON.parse(Buffer.from(body).toString()) as {
    readonly context?: Readonly<Record<string, string>>
    readonly subject?: Readonly<Record<string, unknown>>
  }
  const { id, source, type = '', timestamp = '' } = context ?? {}
  const hasTime =
    /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(timestamp) &&
    !Number.isNaN(Date.parse(timestamp))
  if (!id || !source || !subject?.['id'] || !hasTime || !isKnownType(type)) throw refuse(words)
}

function isKnownType(type: string): boolean {
  if (/^dev\.cdeventsx\.[a-z]+-[a-z]+\.[a-z]+\.\d+\.\d+\.\d+/.test(type)) return true
  const [, subject = '', predicate = '', major] =
    /^dev\.cdevents\.([a-z]+)\.([a-z]+)\.(\d+)\.\d+\.\d+(?:-.*)?$/.exec(type) ?? []
  const known = Object.hasOwn(CDEVENTS, subject) ? CDEVENTS[subject] : undefined
  return major === '0' && known?.split(' ').includes(predicate) === true
}

function refuse(message: string): Fault {
  return new Fault({ code: 'HOOK', message })
}
