import type { Json } from '../../../src/object/index.ts'
import type { SchemaType } from '../../../src/schema/index.ts'

/** Numbers drawn from a seed; a case can be drawn again by its number. */
export interface Draw {
  /** A whole number from 0 up to, not including, `below`. */
  below(below: number): number
  of<T>(items: readonly T[]): T
}

/** Mulberry32: small, and good enough to draw cases. */
export function drawFrom(seed: number): Draw {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return {
    below,
    of: (items) => {
      const item = items[below(items.length)]
      if (item === undefined) throw new Error('drawn of nothing')
      return item
    },
  }
}

const LONG = 'a'.repeat(64)

const TEXTS: readonly string[] = [
  '',
  'x',
  'A_b',
  '-x',
  'a.b',
  'x/y',
  'a.io/b',
  'x y',
  '1',
  '10Mi',
  '50%',
  'http',
  '10.0.0.1',
  '10.0.0.0/8',
  'None',
  'Always',
  'True',
  '/x',
  '../x',
  'https://a.example.com/x',
  'é',
  LONG,
  'a'.repeat(254),
]

/** Values of fields whose kind of text the schema does not list. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  operator: ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Equal', 'Lt'],
  effect: ['NoSchedule', 'NoExecute', 'PreferNoSchedule'],
  type: [
    'Opaque',
    'kubernetes.io/tls',
    'RollingUpdate',
    'Recreate',
    'OnDelete',
    'NodePort',
    'Limited',
  ],
  restartPolicy: ['Always', 'Never', 'OnFailure'],
  protocol: ['TCP', 'UDP', 'SCTP'],
  imagePullPolicy: ['Always', 'Never', 'IfNotPresent'],
  schedule: ['@daily', '* * * * *', 'TZ=UTC * * * * *', '61 * * * *', 'x'],
  kind: ['Role', 'ClusterRole', 'User', 'Group', 'ServiceAccount', 'Pod'],
  verbs: ['*', 'get'],
  resource: ['limits.cpu', 'cpu', 'requests.memory'],
  fieldPath: ['metadata.name', "metadata.labels['a']", 'spec.nodeName', 'status.podIP', 'nope'],
  expression: ['true', '1', 'x', 'object.nope', 'object.metadata.name', '(', ''],
  rule: ['true', 'self', 'self.nope', '1 +', 'oldSelf == self', 'has(self.a)'],
  messageExpression: ['"a"', '1', 'x', 'self.a'],
  jsonPath: ['.spec.a', '.spec.nope', 'spec.a', '.metadata.name', '.spec.l[0]'],
  format: ['int32', 'date-time', 'email', 'nope'],
  pattern: ['^a$', '('],
  path: ['/', '/a', 'a', '/a//b', '/a/../b', '/a%2f'],
  name: ['x', 'a', 'http', 'X', 'a.b', 'a.example.com'],
  key: ['k', 'kubernetes.io/os', 'A/b/c'],
  timeZone: ['Europe/Berlin', 'Nope/Nope', 'Local'],
}

const NUMBERS: readonly Json[] = [
  0, 1, -1, 2, 5, 80, 101, 65535, 65536, 2147483647, 1.5, 2147483648,
]
const PORTS: readonly Json[] = [0, 1, -1, 80, 70000, 'http', '50%', 'x_y', '101%', '', '80']
const QUANTITIES: readonly Json[] = [
  '1',
  '0',
  '-1',
  '1.5',
  '100m',
  'x',
  '1e3',
  '1Gi',
  5,
  '0010',
  0.5,
  '1.0005',
]

/** A value for a type: mostly of its form, sometimes not. */
export function valueFor(draw: Draw, type: SchemaType, field: string, depth = 0): Json {
  if (draw.below(25) === 0) return draw.of<Json>([null, 'x', 7, true, [], {}, ['x'], { x: 'y' }])
  if (type.list !== undefined && type.scalar === undefined) {
    const { element } = type.list
    return Array.from({ length: draw.below(3) }, () => valueFor(draw, element, field, depth + 1))
  }
  if (type.map !== undefined && type.scalar === undefined) return structFor(draw, type, depth)
  return scalarFor(draw, type, field)
}

function structFor(draw: Draw, type: SchemaType, depth: number): Json {
  const out: Record<string, Json> = {}
  const element = type.map?.element
  if (element !== undefined && type.map?.fields.size === 0) {
    for (let i = draw.below(3); i > 0; i -= 1)
      out[draw.of(['a', 'k', 'a.io/b', 'Bad Key', '', 'cpu', 'memory', LONG])] = valueFor(
        draw,
        element,
        '',
        depth + 1,
      )
    return out
  }
  if (depth > 4) return out
  for (const [name, field] of type.map?.fields ?? [])
    if (field.required ? draw.below(10) > 0 : draw.below(depth > 1 ? 6 : 3) === 0)
      out[name] = valueFor(draw, field.type, name, depth + 1)
  return out
}

const TIMES: readonly Json[] = [
  '2026-01-01T00:00:00Z',
  '2026-01-01',
  '',
  '2026-01-01T00:00:00.123456Z',
]

function scalarFor(draw: Draw, type: SchemaType, field: string): Json {
  if (type.format === 'quantity') return draw.of(QUANTITIES)
  if (type.format === 'int-or-string') return draw.of(PORTS)
  if (type.format === 'time' || type.format === 'microtime') return draw.of(TIMES)
  if (type.format === 'bytes') return draw.of(['', 'dg==', 'not base64'])
  if (type.scalar === 'boolean') return draw.of<Json>([true, false])
  if (type.scalar === 'numeric') return draw.of(NUMBERS)
  if (type.scalar === 'untyped') return draw.of<Json>([{}, { a: 1 }, 'x', 1, [1]])
  const known = [...(type.values ?? []), ...(WORDS[field] ?? [])]
  return known.length > 0 && draw.below(3) > 0 ? draw.of(known) : draw.of(TEXTS)
}
