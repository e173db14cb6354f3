import { compareText, Fault, isFault, messageOf } from '../base/index.ts'
import {
  gvkOf,
  isArray,
  isKubeObject,
  isObject,
  type Json,
  type JsonObject,
  jsonOf,
  type KubeObject,
  parseYamlDocument,
  printYaml,
  unfoldAliases,
  YamlError,
  yamlValue,
} from '../object/index.ts'
import { expand } from './expand.ts'
import { type SubstituteCode, substituteFault } from './faults.ts'
import { maskSecrets } from './mask.ts'

/** How to substitute. */
export interface SubstituteOptions {
  /** Values by name; newlines are removed from each. */
  readonly vars: Readonly<Record<string, string>>
  /** A variable that is not set is a fault; else it is empty. */
  readonly strict: boolean
  /** Run with no variable at all, for the sake of defaults and `$$`. */
  readonly always?: boolean
  /** Names of the variables that came from Secrets: their values stay out of messages. */
  readonly secret?: ReadonlySet<string>
  /** Told what the forms of these variables became: that stays out of messages, too. */
  readonly onSecret?: (text: string) => void
  /** What several calls may come to together. */
  readonly room?: SubstitutionRoom
  /** What a fault's message begins with; `post build failed for 'ConfigMap.v1.[noGrp]/a'` if absent. */
  readonly failure?: (object: KubeObject) => string
}

/** Characters that may still come of substitution. */
export interface SubstitutionRoom {
  left: number
}

/** Room for one set of objects. */
export function substitutionRoom(): SubstitutionRoom {
  return { left: MAX_TOTAL_LENGTH }
}

/** Characters that all objects together may come to: the memory of the process is everybody's. */
const MAX_TOTAL_LENGTH = 128 * 1024 * 1024
const MARKER = 'kustomize.toolkit.fluxcd.io/substitute'
const NAME = /^[_A-Za-z][_A-Za-z0-9]*$/
const NAME_TEXT = '^[_[:alpha:]][_[:alpha:][:digit:]]*$'

/**
 * Substitutes the variables in each object's canonical YAML, which is read again afterwards: so a
 * number may come out where a string stood. Objects that opt out, and those without a `$`, stay as
 * they are. With no variables nothing happens, unless `always` is set.
 * @throws Fault VARIABLE_NAME, VARIABLE_SYNTAX, VARIABLE_UNSET, SUBSTITUTED_YAML,
 *   SUBSTITUTION_LIMIT: the first in the order of the objects, with those of the other objects in
 *   `others`
 * @see fluxcd/pkg kustomize v1.35.4 SubstituteVariables
 */
export function substitute(
  objects: readonly KubeObject[],
  options: SubstituteOptions,
): KubeObject[] {
  const vars = mergeVariables(options.vars)
  if (Object.keys(vars).length === 0 && options.always !== true) return [...objects]
  const badName = Object.keys(vars)
    .sort(compareText)
    .find((name) => !NAME.test(name))
  const run: Run = {
    lookup: lookupIn(vars, options.strict),
    onForm: (name, out) => {
      if (options.secret?.has(name)) options.onSecret?.(out)
    },
    room: options.room ?? substitutionRoom(),
  }
  const faults: Fault[] = []
  const out = objects.map((object) => {
    if (isSubstitutionDisabled(object)) return object
    try {
      if (badName !== undefined)
        throw substituteFault(
          'VARIABLE_NAME',
          `'${badName}' var name is invalid, must match '${NAME_TEXT}'`,
        )
      return holdsDollar(object as unknown as Json) ? substituteOne(object, run) : object
    } catch (error) {
      if (!isFault(error)) throw error
      faults.push(wrap(error, object, options))
      return object
    }
  })
  const [first, ...others] = faults
  if (first === undefined) return out
  throw new Fault({
    code: first.code,
    message: first.message,
    reason: 'BuildFailed',
    cause: first.cause,
    others,
    ...(first.at === undefined ? {} : { at: first.at }),
  })
}

/** Merges variables, later layers over earlier ones, and removes newlines from their values. */
export function mergeVariables(
  ...layers: readonly Readonly<Record<string, string>>[]
): Record<string, string> {
  const entries = layers.flatMap((layer) => Object.entries(layer))
  return Object.fromEntries(entries.map(([name, value]) => [name, value.replaceAll('\n', '')]))
}

/** Says whether a label or an annotation takes the object out of substitution. */
export function isSubstitutionDisabled(object: KubeObject): boolean {
  const { labels, annotations } = object.metadata
  return labels?.[MARKER] === 'disabled' || annotations?.[MARKER] === 'disabled'
}

function lookupIn(
  vars: Readonly<Record<string, string>>,
  strict: boolean,
): (name: string) => string | undefined {
  return (name) => {
    if (Object.hasOwn(vars, name)) return vars[name]
    return strict ? undefined : ''
  }
}

interface Run {
  readonly lookup: (name: string) => string | undefined
  readonly onForm: (name: string, out: string) => void
  readonly room: SubstitutionRoom
}

function substituteOne(object: KubeObject, run: Run): KubeObject {
  const text = expandText(printYaml(sortKeys(object as unknown as Json)), run)
  run.room.left -= text.length
  if (run.room.left < 0)
    throw substituteFault(
      'SUBSTITUTION_LIMIT',
      `the objects together are longer than ${MAX_TOTAL_LENGTH} characters`,
    )
  const value = readBack(text)
  if (!isKubeObject(value))
    throw substituteFault(
      'SUBSTITUTED_YAML',
      'UnmarshalJSON: the result has no apiVersion, kind or metadata',
    )
  return value
}

function expandText(text: string, { lookup, onForm }: Run): string {
  try {
    return expand(text, lookup, onForm)
  } catch (error) {
    if (!isFault(error)) throw error
    throw substituteFault(
      error.code as SubstituteCode,
      `variable substitution failed: ${error.message}`,
      error,
    )
  }
}

function readBack(text: string): Json | undefined {
  try {
    const document = parseYamlDocument(text)
    if (document === undefined) return undefined
    return jsonOf(yamlValue(unfoldAliases(document), { lenient: true, repeatedKeys: true }))
  } catch (error) {
    const why = error instanceof YamlError ? error.older : messageOf(error)
    throw substituteFault('SUBSTITUTED_YAML', `YAMLToJSON: ${why}`, error)
  }
}

function wrap(fault: Fault, object: KubeObject, options: SubstituteOptions): Fault<SubstituteCode> {
  const secrets = secretsOf(mergeVariables(options.vars), options.secret)
  const { failure = postBuildFailed } = options
  const name = object.metadata.name ?? ''
  // Only what the YAML reader says quotes values; the other messages hold names alone.
  const quotes = fault.code === 'SUBSTITUTED_YAML' && secrets.length > 0
  const message = quotes ? maskSecrets(fault.message, secrets) : fault.message
  return new Fault<SubstituteCode>({
    code: fault.code as SubstituteCode,
    message: `${failure(object)}: envsubst error: ${message}`,
    reason: 'BuildFailed',
    at: { object: `${object.kind}/${object.metadata.namespace ?? ''}/${name}`.replace('//', '/') },
    ...(quotes ? {} : { cause: fault }),
  })
}

function postBuildFailed(object: KubeObject): string {
  const { group, version, kind } = gvkOf(object)
  const gvk = `${kind}.${version === '' ? '[noVer]' : version}.${group === '' ? '[noGrp]' : group}`
  return `post build failed for '${gvk}/${object.metadata.name ?? ''}'`
}

/** Values that may not be quoted. */
function secretsOf(
  vars: Readonly<Record<string, string>>,
  names: ReadonlySet<string> | undefined,
): string[] {
  if (names === undefined) return []
  return Object.entries(vars)
    .filter(([name, value]) => names.has(name) && value !== '')
    .map(([, value]) => value)
}

function holdsDollar(value: Json | undefined): boolean {
  if (typeof value === 'string') return value.includes('$')
  if (isArray(value)) return value.some(holdsDollar)
  if (!isObject(value)) return false
  return Object.entries(value).some(([key, item]) => key.includes('$') || holdsDollar(item))
}

function sortKeys(value: Json): Json {
  if (isArray(value)) return value.map(sortKeys)
  if (!isObject(value)) return value
  const out: Record<string, Json> = {}
  for (const key of Object.keys(value).sort(compareText)) {
    const item = (value as JsonObject)[key]
    if (item !== undefined) out[key] = sortKeys(item)
  }
  return out
}
