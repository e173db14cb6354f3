import { calledName, isNode, type Node } from './ast.ts'
import { BadHasArgument } from './has.ts'

const STARTS = [
  "'['",
  "'{'",
  "'('",
  "'.'",
  "'-'",
  "'!'",
  "'true'",
  "'false'",
  "'null'",
  'NUM_FLOAT',
  'NUM_INT',
  'NUM_UINT',
  'STRING',
  'BYTES',
  'IDENTIFIER',
]
/** What cel-go expects where an expression should begin. */
const EXPECTED = `{${STARTS.join(', ')}}`
/** The same as the first argument of a call. */
const EXPECTED_ARGUMENT = `{${[...STARTS.slice(0, 3), "')'", ...STARTS.slice(3)].join(', ')}}`

/** A fault at a place of the source. The place counts UTF-16 units from the start. */
export interface Finding {
  readonly at: number
  readonly words: string
}

/** A fault found before evaluation, in the form of cel-go: place, words, the line and a mark. */
export function sourceText(
  expression: string,
  error: unknown,
  isFunction: (name: string) => boolean,
): string {
  const { at, words } = finding(expression, error, isFunction)
  if (expression === '') return `ERROR: <input>:1:0: ${words}`
  const first = placedText(expression, { at, words })
  // After a lone `=` the reference reads on, and stumbles over what was to be compared.
  const [, skipped = '', token] =
    /^(=\s*)('[^']*'|"[^"]*"|\w+)\s*$/.exec(expression.slice(at)) ?? []
  if (token === undefined || !words.includes('token recognition')) return first
  const then = `Syntax error: extraneous input '${token}' expecting <EOF>`
  return `${first}\n${placedText(expression, { at: at + skipped.length, words: then })}`
}

/** What was found, with the line and a mark under the place. */
export function placedText(expression: string, { at, words }: Finding): string {
  const before = expression.slice(0, at).split('\n')
  const column = before.at(-1)?.length ?? 0
  const line = expression.split('\n')[before.length - 1] ?? ''
  const mark = `${'.'.repeat(column)}^`
  return `ERROR: <input>:${before.length}:${column + 1}: ${words}\n | ${line}\n | ${mark}`
}

function finding(
  expression: string,
  error: unknown,
  isFunction: (name: string) => boolean,
): Finding {
  if (error instanceof BadHasArgument) {
    const at = isNode(error.node) ? anchorOf(error.node, expression) : 0
    return { at, words: error.message }
  }
  const node = nodeOf(error)
  if (summaryOf(error).includes('invalid predicate iteration variable') && node !== undefined)
    return { at: node.start, words: 'argument must be a simple name' }
  if (node !== undefined) return typeFinding(expression, error, { node, isFunction })
  return syntaxFinding(expression, error)
}

/** Where cel-go points at for a node: its operator, or the bracket of its arguments. */
function anchorOf(node: Node, expression: string): number {
  const args: readonly unknown[] = Array.isArray(node.args) ? node.args : []
  const receiver = node.op === 'rcall' ? args[1] : args[0]
  const from = isNode(receiver) ? receiver.end : node.start
  const sought =
    node.op === 'call' || node.op === 'rcall'
      ? '('
      : node.op === '?:'
        ? '?'
        : node.op === '[]' || node.op === '[?]'
          ? '['
          : node.op
  const found = isNode(receiver) || node.op === 'call' ? expression.indexOf(sought, from) : -1
  return found < 0 || found > node.end ? node.start : found
}

function typeFinding(
  expression: string,
  error: unknown,
  { node, isFunction }: { node: Node; isFunction: (name: string) => boolean },
): Finding {
  const summary = summaryOf(error)
  const anchor = anchorOf(node, expression)
  const children: readonly unknown[] = Array.isArray(node.args) ? node.args : [node.args]
  switch (codeOf(error)) {
    case 'unknown_variable':
      return { at: node.start, words: undeclared(summary.replace('Unknown variable: ', '')) }
    case 'no_such_overload':
      return { at: anchor, words: noOverload(operatorName(node), children) }
    case 'no_matching_overload':
      return { at: anchor, words: callOverload(node, isFunction) }
    case 'invalid_logical_operand': {
      const bad = children.filter(isNode).find((child) => !/^(?:bool|dyn)$/.test(typeOf(child)))
      return {
        at: bad?.start ?? anchor,
        words: `expected type 'bool' but found '${bad === undefined ? '' : typeOf(bad)}'`,
      }
    }
    case 'invalid_condition_type':
      return ternaryFinding(expression, node)
    case 'incompatible_ternary_branches':
      return { at: anchor, words: noOverload('_?_:_', children) }
    case 'heterogeneous_list_element':
    case 'heterogeneous_map_key':
    case 'heterogeneous_map_value':
      return { at: node.start, words: typeWords(summary.replace(/^.*, expected/, 'expected')) }
    default:
      return { at: node.start, words: typeWords(summary.replaceAll(/(\w)_\b/g, '$1')) }
  }
}

/** A condition that is no bool is found on the condition; cel-go finds it on the whole. */
function ternaryFinding(expression: string, condition: Node): Finding {
  const question = expression.indexOf('?', condition.end)
  const types = `(${typeOf(condition)}, bool, bool)`
  return {
    at: question < 0 ? condition.start : question,
    words: `found no matching overload for '_?_:_' applied to '${types}'`,
  }
}

function callOverload(node: Node, isFunction: (name: string) => boolean): string {
  const name = calledName(node) ?? ''
  if (!isFunction(name)) return undeclared(name)
  const parts: readonly unknown[] = Array.isArray(node.args) ? node.args : []
  const list: unknown = node.op === 'rcall' ? parts[2] : parts[1]
  const types = (Array.isArray(list) ? list : []).filter(isNode).map(typeOf).join(', ')
  const receiver = isNode(parts[1]) && node.op === 'rcall' ? `${typeOf(parts[1])}.` : ''
  return `found no matching overload for '${name}' applied to '${receiver}(${types})'`
}

function noOverload(name: string, children: readonly unknown[]): string {
  const types = children.filter(isNode).map(typeOf).join(', ')
  return `found no matching overload for '${name}' applied to '(${types})'`
}

function operatorName(node: Node): string {
  if (node.op === 'in') return '@in'
  if (node.op === '!_') return '!_'
  if (node.op === '-_') return '-_'
  return `_${node.op}_`
}

function undeclared(name: string): string {
  return `undeclared reference to '${name}' (in container '')`
}

function typeOf(node: Node): string {
  return typeWords(node.checkedType?.name ?? 'dyn')
}

/** Types as cel-go writes them: `map(string, dyn)`, `duration`, `null_type`. */
export function typeWords(text: string): string {
  return text
    .replaceAll('google.protobuf.Duration', 'duration')
    .replaceAll('google.protobuf.Timestamp', 'timestamp')
    .replaceAll(/\b(list|map|optional)</g, '$1(')
    .replaceAll('>', ')')
    .replaceAll(/\bnull\b/g, 'null_type')
}

function syntaxFinding(expression: string, error: unknown): Finding {
  const summary = summaryOf(error)
  const at = startOf(error, expression)
  return { at, words: syntaxWords(expression, at, summary) }
}

function syntaxWords(expression: string, at: number, summary: string): string {
  const token = /^(?:[\w]+|==|!=|<=|>=|&&|\|\||.)/su.exec(expression.slice(at))?.[0] ?? '<EOF>'
  const before = expression.slice(0, at).trimEnd()
  if (summary.startsWith('Unexpected token: EOF')) {
    const expected = /\w\($/.test(before)
      ? EXPECTED_ARGUMENT
      : // An index may be optional: `a[?b]`.
        /[\w)\]]\s*\[$/.test(before)
        ? EXPECTED.replace("'!',", "'!', '?',")
        : EXPECTED
    return `Syntax error: mismatched input '<EOF>' expecting ${expected}`
  }
  if (summary.startsWith('Unexpected token'))
    return `Syntax error: extraneous input '${token}' expecting ${EXPECTED}`
  if (summary.startsWith("Unexpected character: '"))
    return `Syntax error: extraneous input '${token}' expecting <EOF>`
  if (summary.startsWith('Unterminated'))
    return `Syntax error: token recognition error at: '${expression.slice(at)}'`
  if (summary.startsWith('Unexpected character')) {
    // What may begin an operator is read one further.
    const [read = ''] = /^(?:[=&|].|.)/su.exec(expression.slice(at)) ?? []
    return `Syntax error: token recognition error at: '${read}'`
  }
  if (summary === 'Expected RPAREN, got EOF') return "Syntax error: missing ')' at '<EOF>'"
  if (summary === 'Expected RBRACKET, got EOF')
    return "Syntax error: mismatched input '<EOF>' expecting {']', ','}"
  if (summary.startsWith('Expected IDENTIFIER')) {
    const rest = token === '<EOF>' ? '' : `${expression.slice(before.length, at)}${token}`
    return `Syntax error: no viable alternative at input '.${rest}'`
  }
  if (summary.startsWith('Reserved identifier')) return `reserved identifier: ${token}`
  return `Syntax error: ${summary}`
}

/** A fault of evaluation in cel-go's words. */
export function evaluationText(
  error: unknown,
  parents: ReadonlyMap<Node, Node>,
  isFunction: (name: string) => boolean,
): string {
  const summary = summaryOf(error)
  const node = nodeOf(error)
  const called = node?.op === 'call' ? calledName(node) : undefined
  if (NO_OVERLOAD.test(summary) && called !== undefined && !isFunction(called))
    return `no such overload: ${called}`
  const found = RUNTIME.find(([pattern]) => pattern.test(summary))
  if (found !== undefined) return summary.replace(found[0], found[1])
  if (codeOf(error) === 'unknown_variable')
    return `no such attribute(s): ${node === undefined ? '' : attributeOf(node, parents)}`
  if (summary.includes('cannot be range of a comprehension')) {
    const type = /type '(\w)(\w*)/.exec(summary)
    return `got 'types.${type?.[1]?.toUpperCase() ?? ''}${type?.[2] ?? ''}', expected iterable type`
  }
  return summary
}

const NO_OVERLOAD =
  /^(?:no such overload(?!: size\()|found no matching overload|Logical operator|Ternary condition|\w+\(var, predicate\) predicate must).*$/s

/** Texts of the engine, and cel-go's for the same. */
const RUNTIME: readonly (readonly [RegExp, string])[] = [
  [/^No such key: index out of bounds, index (-?\d+).*$/s, 'index out of bounds: $1'],
  [/^No such key: (.*)$/s, 'no such key: $1'],
  [/^integer overflow.*$/s, 'integer overflow'],
  [/^modulo by zero$/, 'modulus by zero'],
  [/^Optional value is not present$/, 'optional.none() dereference'],
  [
    /^(int|uint|double|bool)\(\) (?:type|conversion) error.*(?:cannot convert to|invalid string).*$/s,
    "type conversion error from 'string' to '$1'",
  ],
  [
    /^timestamp\(\) requires.*$/s,
    "type conversion error from 'string' to 'google.protobuf.Timestamp'",
  ],
  [
    /^Invalid duration string.*$/s,
    "type conversion error from 'string' to 'google.protobuf.Duration'",
  ],
  [NO_OVERLOAD, 'no such overload'],
]

/** The attribute that begins at a name: `foo.bar`, also where it was written `foo['bar']`. */
function attributeOf(node: Node, parents: ReadonlyMap<Node, Node>): string {
  let name = String(node.args)
  let at = node
  for (;;) {
    const parent = parents.get(at)
    if (parent === undefined || !Array.isArray(parent.args) || parent.args[0] !== at) return name
    const step: unknown = parent.args[1]
    if (parent.op === '.' && typeof step === 'string') name += `.${step}`
    else if (parent.op === '[]' && isNode(step) && step.op === 'value') name += `.${step.args}`
    else return name
    at = parent
  }
}

function nodeOf(error: unknown): Node | undefined {
  const node: unknown = error instanceof Error ? Reflect.get(error, 'node') : undefined
  return isNode(node) ? node : undefined
}

function startOf(error: unknown, expression: string): number {
  const range: unknown = error instanceof Error ? Reflect.get(error, 'range') : undefined
  const start: unknown =
    typeof range === 'object' && range !== null ? Reflect.get(range, 'start') : undefined
  return typeof start === 'number' ? Math.min(start, expression.length) : 0
}

function summaryOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const summary: unknown = Reflect.get(error, 'summary')
  return typeof summary === 'string' ? summary : (error.message.split('\n')[0] ?? '')
}

function codeOf(error: unknown): unknown {
  return error instanceof Error ? Reflect.get(error, 'code') : undefined
}
