import { joinPath, messageOf, parseGoJson } from '../../base/index.ts'
import {
  isObject,
  type Json,
  type JsonObject,
  jsonOf,
  parseYamlDocument,
  unfoldAliases,
  YamlError,
  yamlValue,
} from '../../object/index.ts'
import { BuildFault, fail, within } from '../fault.ts'
import { type Kustomization, kustomizationShape } from './kustomization.ts'
import { type Loader, textOf } from './loader.ts'
import { readShape } from './shape.ts'

/** Names that a kustomization file may have. */
export const FILE_NAMES: readonly string[] = [
  'kustomization.yaml',
  'kustomization.yml',
  'Kustomization',
]

const VERSION = 'kustomize.config.k8s.io/v1beta1'
const COMPONENT_VERSION = 'kustomize.config.k8s.io/v1alpha1'

/** A kustomization file as it was found. */
export interface KustomizationFile {
  /** Name in its directory. */
  readonly name: string
  readonly kustomization: Kustomization
}

/**
 * Finds and reads the kustomization file of a directory: the one of three names, strictly.
 * @see sigs.k8s.io/kustomize/api v0.21.1 internal/target/kusttarget.go Load
 */
export function loadKustomization(loader: Loader, warnings: string[]): KustomizationFile {
  const name = findFile(loader)
  const raw = readRaw(loader, name)
  const file = joinPath(loader.root, name)
  const value = within('invalid Kustomization', () => {
    if (!isObject(raw) && raw !== null)
      fail(`json: cannot unmarshal ${kindOf(raw)} into Go value of type types.Kustomization`, {
        file,
      })
    return readShape(raw ?? {}, kustomizationShape, { strict: true, coerce: false })
  })
  return { name, kustomization: settle(value as unknown as Kustomization, { warnings, loader }) }
}

/** What a JSON value is, in Go's words. */
export function kindOf(value: Json): string {
  return Array.isArray(value) ? 'array' : typeof value
}

/** The one kustomization file of a directory. */
export function findFile(loader: Loader): string {
  const found = FILE_NAMES.filter((name) => loader.has(name))
  for (const name of FILE_NAMES) if (!found.includes(name)) loader.noteAbsent(name)
  const shown = `/${loader.root}`
  if (found.length > 1) fail(`Found multiple kustomization files under: ${shown}`)
  if (found[0] !== undefined) return found[0]
  return fail(
    `unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '${shown}'`,
  )
}

/** The value of a kustomization file. */
export function readRaw(loader: Loader, name: string): Json {
  const { bytes, path } = loader.load(name)
  const value = within('invalid Kustomization', () => readConfigValue(bytes, path))
  refuseFlux(value, path)
  return value
}

/** Reads the first document of a configuration file as `sigs.k8s.io/yaml` does. */
export function readConfigValue(bytes: Uint8Array | string, file: string): Json {
  const text = typeof bytes === 'string' ? bytes : textOf(bytes)
  try {
    if (text === undefined) throw new YamlError('invalid leading UTF-8 octet', 1, 1, 0)
    const node = parseYamlDocument(text)
    if (node === undefined) return null
    return jsonOf(yamlValue(unfoldAliases(node), { lenient: true, repeatedKeys: true }))
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    const place = { file, line: error.line, column: error.column }
    throw new BuildFault(error.older, { at: place, cause: error })
  }
}

/** Reads a file that must be JSON. */
export function readJson(bytes: Uint8Array, file: string): Json {
  const text = textOf(bytes) ?? ''
  try {
    return JSON.parse(text) as Json
  } catch {
    return within('json', () => goJson(text, file))
  }
}

/** Reads JSON anew for the words in which Go refuses it. */
function goJson(text: string, file: string): Json {
  try {
    return parseGoJson(text) as Json
  } catch (error) {
    return fail(messageOf(error), { file })
  }
}

/** A file of Flux Kustomizations under the name of a kustomization file is a common mix-up. */
function refuseFlux(value: Json, file: string): void {
  if (!isObject(value)) return
  const version = value['apiVersion']
  if (value['kind'] !== 'Kustomization' || typeof version !== 'string') return
  if (!version.startsWith('kustomize.toolkit.fluxcd.io/')) return
  const name = (value['metadata'] as JsonObject | undefined)?.['name']
  const better = typeof name === 'string' ? `${name}.yaml` : 'sync.yaml'
  fail(
    `Failed to read kustomization file under /${file.split('/').slice(0, -1).join('/')}: ` +
      `apiVersion for Kustomization should be ${VERSION}: ${file} holds a Flux Kustomization ` +
      `(${version}), and this name is reserved for kustomize's own file; give it another one, for example ${better}`,
    { file },
  )
}

const DEPRECATED: readonly [keyof Kustomization, string, string][] = [
  ['bases', 'resources', ''],
  ['commonLabels', 'labels', ''],
  ['imageTags', 'images', ''],
  ['patchesJson6902', 'patches', ''],
  ['patchesStrategicMerge', 'patches', ''],
  ['vars', 'replacements', '[EXPERIMENTAL] '],
]

/** Fills defaults, moves old fields to their new places, checks what must hold. */
export function settle(
  raw: Kustomization,
  context: { readonly warnings: string[]; readonly loader: Loader },
): Kustomization {
  for (const [field, better, note] of DEPRECATED) {
    if (raw[field] === undefined) continue
    const fix = `${note}Run 'kustomize edit fix' to update your Kustomization automatically.`
    context.warnings.push(
      `# Warning: '${field}' is deprecated. Please use '${better}' instead. ${fix}`,
    )
  }
  const { bases, imageTags, ...rest } = raw
  const kind = raw.kind || 'Kustomization'
  const fixed: Kustomization = {
    ...rest,
    kind,
    apiVersion: raw.apiVersion || (kind === 'Component' ? COMPONENT_VERSION : VERSION),
    ...join('resources', raw.resources, bases),
    ...join('images', raw.images, imageTags),
  }
  const filled = Object.entries(fixed).filter(
    ([field]) => field !== 'apiVersion' && field !== 'kind',
  )
  if (filled.length === 0) fail('kustomization.yaml is empty')
  enforce(fixed, context.loader)
  return fixed
}

function join<T>(field: string, a: readonly T[] | undefined, b: readonly T[] | undefined): object {
  return a === undefined && b === undefined ? {} : { [field]: [...(a ?? []), ...(b ?? [])] }
}

function enforce(kustomization: Kustomization, loader: Loader): void {
  const { kind, apiVersion } = kustomization
  const errors: string[] = []
  if (kind !== 'Kustomization' && kind !== 'Component')
    errors.push('kind should be Kustomization or Component')
  const version = kind === 'Component' ? COMPONENT_VERSION : VERSION
  if (apiVersion !== version) errors.push(`apiVersion for ${kind} should be ${version}`)
  if (errors.length === 0) return
  fail(`Failed to read kustomization file under /${loader.root}:\n${errors.join('\n')}`)
}
