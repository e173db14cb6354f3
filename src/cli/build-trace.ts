import { Fault } from '../base/index.ts'
import type { Change, FieldTrace, TracedBuild } from '../build/index.ts'
import { type KubeObject, printYaml } from '../object/index.ts'

/** A field that is asked for: `KIND/NAME FIELD` or `KIND/NAMESPACE/NAME FIELD`. */
export interface AskedField {
  readonly kind: string
  readonly namespace: string | undefined
  readonly name: string
  readonly field: string
}

/**
 * Reads what is asked for.
 * @throws Fault USAGE
 */
export function parseAsked(text: string): AskedField {
  const [id = '', ...rest] = text.trim().split(/\s+/)
  const [kind = '', ...names] = id.split('/')
  const name = names.at(-1) ?? ''
  const field = rest.join(' ')
  if (kind === '' || name === '' || field === '' || names.length > 2)
    throw usage(`--trace ${JSON.stringify(text)}: it takes 'KIND/NAME FIELD'`)
  return { kind, namespace: names.length === 2 ? names[0] : undefined, name, field }
}

/**
 * Says who made a field what it is, one change a line and the last one, which has the say, last.
 * @throws Fault USAGE when there is no such object or field
 */
export function traceText(traced: TracedBuild, asked: AskedField): string {
  const { kind, namespace, name, field } = asked
  const isAsked = ({ kind: own, metadata }: KubeObject): boolean =>
    own === kind &&
    metadata.name === name &&
    (namespace === undefined || (metadata.namespace ?? 'default') === namespace)
  const objects = traced.built.objects.filter(isAsked)
  const [object] = objects
  const id = [kind, namespace, name].filter((part) => part !== undefined).join('/')
  if (object === undefined) throw usage(`the build makes no ${id}`)
  if (objects.length > 1)
    throw usage(`the build makes more than one ${id}: KIND/NAMESPACE/NAME says which`)
  const trace = traced.trace(object, field)
  if (trace?.value === undefined) throw usage(`${id} has no field ${field}`)
  const lines = trace.changes.map((change) => `  ${changeText(change)}\n`)
  return `${id} ${field}: ${valueText(trace)}\n${lines.join('')}`
}

/** A change as people read it: what did it, where, and the way that leads there. */
function changeText({ step, file, line, layers }: Change): string {
  const place = line === undefined ? file : `${file}:${line}`
  const way = layers.length > 1 ? ` (${layers.join(' → ')})` : ''
  return `${step}${place === '' ? '' : ` at ${place}`}${way}`
}

function valueText({ value }: FieldTrace): string {
  return typeof value === 'object' && value !== null
    ? JSON.stringify(value)
    : printYaml(value ?? null).trimEnd()
}

function usage(message: string): Fault<'USAGE'> {
  return new Fault({ code: 'USAGE', message })
}
