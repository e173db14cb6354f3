import { Fault, isFault, parseDuration } from '../base/index.ts'
import { listOf, readShape, type Shape, shape, text, textMap, texts } from '../build/index.ts'
import { isObject, type JsonObject, parseYaml, YamlError } from '../object/index.ts'

/** What of a Flux Kustomization has a say in a build. Everything may be absent. */
export interface FluxKustomization {
  readonly name: string
  readonly namespace: string
  readonly spec: FluxBuildSpec
}

/** The fields of its spec, as Flux's types read them. */
export interface FluxBuildSpec {
  readonly path?: string
  readonly targetNamespace?: string
  readonly namePrefix?: string
  readonly nameSuffix?: string
  readonly patches?: readonly JsonObject[]
  readonly images?: readonly JsonObject[]
  readonly components?: readonly string[]
  readonly ignoreMissingComponents?: boolean
  readonly buildMetadata?: readonly string[]
  readonly commonMetadata?: {
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly postBuild?: {
    readonly substitute?: Readonly<Record<string, string>>
    readonly substituteFrom?: readonly {
      readonly kind?: string
      readonly name?: string
      readonly optional?: boolean
    }[]
    readonly substituteStrategy?: string
  }
  readonly sourceRef?: {
    readonly kind?: string
    readonly name?: string
    readonly namespace?: string
  }
}

/** The group of Flux's Kustomizations. */
const GROUP = 'kustomize.toolkit.fluxcd.io/'

const selector = shape(
  {
    group: text,
    version: text,
    kind: text,
    namespace: text,
    name: text,
    annotationSelector: text,
    labelSelector: text,
  },
  'kustomize.Selector',
)
const specShape = shape(
  {
    path: text,
    prune: 'bool',
    suspend: 'bool',
    wait: 'bool',
    force: 'bool',
    interval: text,
    retryInterval: text,
    timeout: text,
    targetNamespace: text,
    serviceAccountName: text,
    namePrefix: text,
    nameSuffix: text,
    patches: listOf(shape({ patch: text, target: selector }, 'kustomize.Patch')),
    images: listOf(
      shape({ name: text, newName: text, newTag: text, digest: text }, 'kustomize.Image'),
    ),
    components: texts,
    ignoreMissingComponents: 'bool',
    buildMetadata: texts,
    commonMetadata: shape({ labels: textMap, annotations: textMap }, 'v1.CommonMetadata'),
    postBuild: shape(
      {
        substitute: textMap,
        substituteFrom: listOf(
          shape({ kind: text, name: text, optional: 'bool' }, 'v1.SubstituteReference'),
        ),
        substituteStrategy: text,
      },
      'v1.PostBuild',
    ),
    sourceRef: shape(
      { apiVersion: text, kind: text, name: text, namespace: text },
      'v1.CrossNamespaceSourceReference',
    ),
  },
  'v1.KustomizationSpec',
)
const kustomizationShape: Shape = shape(
  {
    apiVersion: text,
    kind: text,
    metadata: shape({ name: text, namespace: text }, 'v1.ObjectMeta'),
    spec: specShape,
  },
  'v1.Kustomization',
)

const DURATIONS = ['interval', 'retryInterval', 'timeout']

/** Says whether an object is a Kustomization of Flux. */
export function isFluxKustomization(value: unknown): value is JsonObject {
  return (
    isObject(value as JsonObject) &&
    String((value as JsonObject)['apiVersion']).startsWith(GROUP) &&
    (value as JsonObject)['kind'] === 'Kustomization'
  )
}

/** Reads a Flux Kustomization with the looseness of Flux's own types. @throws Fault in Go's words */
export function readFluxKustomization(value: JsonObject): FluxKustomization {
  const read = readShape(value, kustomizationShape, { strict: false, coerce: true }) as {
    readonly metadata?: { readonly name?: string; readonly namespace?: string }
    readonly spec?: FluxBuildSpec & Readonly<Record<string, unknown>>
  }
  const { metadata = {}, spec = {} } = read
  for (const field of DURATIONS) {
    const said = (spec as Readonly<Record<string, unknown>>)[field]
    if (typeof said === 'string' && parseDuration(said) === undefined)
      throw usage(`time: invalid duration ${JSON.stringify(said)}`)
  }
  return { name: metadata.name ?? '', namespace: metadata.namespace ?? '', spec }
}

/**
 * Finds the Kustomization of a name in a file of one or more documents; one without a namespace is in
 * any.
 * @see flux2 internal/build/build.go unMarshallKustomization (v2.9.4)
 */
export function findKustomization(
  content: string,
  wanted: { readonly file: string; readonly name: string; readonly namespace: string },
): FluxKustomization {
  const { file, name, namespace } = wanted
  for (const value of documents(content, file)) {
    if (!isFluxKustomization(value)) continue
    const found = inFile(file, 'error unmarshaling JSON: while decoding JSON: ', () =>
      readFluxKustomization(value),
    )
    const isHere = found.namespace === namespace || found.namespace === ''
    if (found.name === name && isHere) return found
  }
  throw usage(
    `failed find kustomization with name '${name}' and namespace '${namespace}' in file '${file}'`,
  )
}

function documents(content: string, file: string): readonly unknown[] {
  return inFile(file, 'error converting YAML to JSON: ', () => parseYaml(content, file))
}

function inFile<T>(file: string, context: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!isFault(error)) throw error
    const words = error.cause instanceof YamlError ? error.cause.older : error.message
    throw usage(`failed to unmarshall kustomization file ${file}: ${context}${words}`)
  }
}

function usage(message: string): Fault<'USAGE'> {
  return new Fault({ code: 'USAGE', message })
}
