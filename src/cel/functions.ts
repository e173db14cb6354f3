import { listOf, mapOf, optionalOf, simple, structOf, type Type } from './type.ts'

/** One form of a function. */
export interface Overload {
  /** Only where costs depend on it; else the name of the function. */
  readonly id: string
  readonly isMember: boolean
  readonly args: readonly Type[]
  readonly result: Type
}

const NAMED: Readonly<Record<string, Type>> = {
  A: { kind: 'param', name: 'A', params: [] },
  B: { kind: 'param', name: 'B', params: [] },
  URL: structOf('kubernetes.URL'),
  Quantity: structOf('kubernetes.Quantity'),
  Semver: structOf('kubernetes.Semver'),
  Format: structOf('kubernetes.NamedFormat'),
  Authorizer: structOf('kubernetes.authorization.Authorizer'),
  PathCheck: structOf('kubernetes.authorization.PathCheck'),
  GroupCheck: structOf('kubernetes.authorization.GroupCheck'),
  ResourceCheck: structOf('kubernetes.authorization.ResourceCheck'),
  Decision: structOf('kubernetes.authorization.Decision'),
  IP: { kind: 'opaque', name: 'net.IP', params: [] },
  CIDR: { kind: 'opaque', name: 'net.CIDR', params: [] },
}

function readTypes(text: string): Type[] {
  const types: Type[] = []
  let depth = 0
  let start = 0
  for (let i = 0; i <= text.length; i += 1) {
    if (text[i] === '(') depth += 1
    if (text[i] === ')') depth -= 1
    if ((i === text.length || text[i] === ',') && depth === 0) {
      if (i > start) types.push(readType(text.slice(start, i)))
      start = i + 1
    }
  }
  return types
}

function readType(text: string): Type {
  const open = text.indexOf('(')
  if (open < 0) return NAMED[text] ?? simple(text as Type['kind'])
  const inner = readTypes(text.slice(open + 1, -1))
  const [first = simple('dyn'), second = simple('dyn')] = inner
  switch (text.slice(0, open)) {
    case 'list':
      return listOf(first)
    case 'map':
      return mapOf(first, second)
    case 'opt':
      return optionalOf(first)
    default:
      return { kind: 'type', name: 'type', params: [first] }
  }
}

/** A type of Kubernetes' libraries, by its short name. */
export function libraryType(name: string): Type {
  return NAMED[name] ?? simple('dyn')
}

/** The forms of each function, by its name, from lines of signatures. */
export function functionsOf(lines: readonly string[]): ReadonlyMap<string, readonly Overload[]> {
  const made = new Map<string, Overload[]>()
  for (const line of lines.flatMap(forms)) {
    const [signature = '', id] = line.split('#')
    const close = signature.lastIndexOf('):')
    const open = openOf(signature)
    const isMember = signature.startsWith('.')
    const name = signature.slice(isMember ? 1 : 0, open)
    const overload: Overload = {
      id: id ?? name,
      isMember,
      args: readTypes(signature.slice(open + 1, resultAt(signature, close))),
      result: readType(signature.slice(resultAt(signature, close) + 2)),
    }
    made.set(name, [...(made.get(name) ?? []), overload])
  }
  return made
}

/** Forms of one function stand in one line; `_||_` holds the mark between them. */
function forms(line: string): string[] {
  return line.startsWith('_||_') ? [line] : line.split('|')
}

function openOf(signature: string): number {
  return signature.indexOf('(', 1)
}

/** Where the arguments end: results have parentheses, too. */
function resultAt(signature: string, fallback: number): number {
  let depth = 0
  for (let i = openOf(signature); i < signature.length; i += 1) {
    if (signature[i] === '(') depth += 1
    if (signature[i] === ')') depth -= 1
    if (depth === 0) return i
  }
  return fallback
}
