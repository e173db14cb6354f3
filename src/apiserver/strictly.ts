import { compareText } from '../base/index.ts'
import type { Json, KubeObject } from '../object/index.ts'
import type { Ask } from './ask.ts'
import { strictness } from './options.ts'
import { conformTo } from './pipeline.ts'
import { badRequest } from './status.ts'
import { repeatedKeys } from './wire/decode.ts'
import { strictProblems } from './wire/strict.ts'

/**
 * Checks that an object has the name of the URL.
 * @throws StatusFault 400
 */
export function checkName(ask: Ask, name: string): void {
  if (name !== ask.name)
    throw badRequest(
      `the name of the object (${name}) does not match the name on the URL (${ask.name})`,
    )
}

/**
 * Checks that an object says no other namespace than the URL.
 * @throws StatusFault 400
 */
export function checkNamespace(ask: Ask, { metadata: { namespace = '' } }: KubeObject): void {
  if (ask.kind.namespaced && namespace !== '' && namespace !== ask.namespace)
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    )
}

/**
 * An object in the form of its schema. Unknown and doubled fields are refused, warned of, or
 * nothing, as the client asks.
 */
export function checkStrict(
  ask: Ask,
  object: KubeObject,
  refuse: (ask: Ask, problems: string) => void,
): KubeObject {
  const mode = strictness(ask)
  const conformed = conformTo(ask.kind, object, ask.body)
  if (mode === 'Ignore') return conformed.object
  const isCustom = ask.kind.custom !== undefined
  const read = object as unknown as Json
  const unknown = isCustom ? [...conformed.unknown].sort(compareText) : conformed.unknown
  const problems = isCustom
    ? [...strictProblems(ask.body, [], read), ...strictProblems('', unknown)]
    : strictProblems(ask.body, unknown, read)
  const repeated = repeatedKeys(ask)
  if (problems.length + repeated.length === 0) return conformed.object
  if (mode === 'Strict') refuse(ask, [...inYaml(repeated), ...problems].join(', '))
  else ask.warnings.push(...repeated, ...problems)
  return conformed.object
}

/** Keys that a YAML body repeats, as one complaint. */
function inYaml(repeated: readonly string[]): string[] {
  const lines = repeated.map((each) => `\n  ${each}`)
  return lines.length === 0 ? [] : [`yaml: unmarshal errors:${lines.join('')}`]
}

/** What a body is refused with that has unknown or doubled fields. */
export function refuseBody(ask: Ask, problems: string): void {
  const { kind } = ask
  throw badRequest(
    `${kind.kind} in version ${JSON.stringify(kind.version)} cannot be handled as a ${kind.kind}: strict decoding error: ${problems}`,
  )
}
