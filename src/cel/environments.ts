import type { Names } from './check.ts'
import { kubernetesDialect } from './dialect.ts'
import { libraryType } from './functions.ts'
import { listOf, mapOf, optionalOf, simple, structOf, type Type } from './type.ts'
import { wrapper } from './wrappers.ts'

const DYN = simple('dyn')
const TEXT = simple('string')
const TEXTS = listOf(TEXT)
const TIME = simple('timestamp')

function struct(name: string, fields: Readonly<Record<string, Type>>): Type {
  return structOf(name, new Map(Object.entries(fields)))
}

const GVK = struct('kubernetes.GroupVersionKind', { group: TEXT, version: TEXT, kind: TEXT })
const GVR = struct('kubernetes.GroupVersionResource', {
  group: TEXT,
  version: TEXT,
  resource: TEXT,
})

const USER = struct('kubernetes.UserInfo', {
  username: TEXT,
  uid: TEXT,
  groups: TEXTS,
  extra: mapOf(TEXT, TEXTS),
})

/** @see k8s.io/apiserver pkg/admission/plugin/cel/compile.go BuildRequestType (v0.36.3) */
const REQUEST = struct('kubernetes.AdmissionRequest', {
  kind: GVK,
  resource: GVR,
  subResource: TEXT,
  requestKind: GVK,
  requestResource: GVR,
  requestSubResource: TEXT,
  name: TEXT,
  namespace: TEXT,
  operation: TEXT,
  userInfo: USER,
  dryRun: simple('bool'),
  options: DYN,
})

/** @see k8s.io/apiserver pkg/admission/plugin/cel/compile.go BuildNamespaceType (v0.36.3) */
const NAMESPACE = struct('kubernetes.Namespace', {
  metadata: struct('kubernetes.NamespaceMetadata', {
    name: TEXT,
    generateName: TEXT,
    namespace: TEXT,
    labels: mapOf(TEXT, TEXT),
    annotations: mapOf(TEXT, TEXT),
    UID: TEXT,
    creationTimestamp: TIME,
    deletionGracePeriodSeconds: simple('int'),
    deletionTimestamp: TIME,
    generation: simple('int'),
    resourceVersion: TEXT,
    finalizers: TEXTS,
  }),
  spec: struct('kubernetes.NamespaceSpec', { finalizers: TEXTS }),
  status: struct('kubernetes.NamespaceStatus', {
    conditions: listOf(
      struct('kubernetes.NamespaceCondition', {
        status: TEXT,
        type: TEXT,
        lastTransitionTime: TIME,
        message: TEXT,
        reason: TEXT,
      }),
    ),
    phase: TEXT,
  }),
})

/** What the rules of CRDs may name. */
export function ruleNames(self: Type, optionalOld: boolean): Names {
  return {
    dialect: kubernetesDialect(),
    variables: new Map([
      ['self', self],
      ['oldSelf', optionalOld ? optionalOf(self) : self],
    ]),
    message: wrapper,
  }
}

/** What expressions of policies and of match conditions may name. */
export interface AdmissionOptions {
  readonly authorizer: boolean
  /** The type of `params`; undefined where there are none. */
  readonly params?: Type | undefined
  /** The types of variables by their names, or any; undefined where there are none. */
  readonly variables?: ReadonlyMap<string, Type> | 'any' | undefined
  /** Objects and patches may be written out. */
  readonly mutates?: boolean
  /** The type of `object` and `oldObject`, where it is known. */
  readonly object?: Type | undefined
}

/** @see k8s.io/apiserver pkg/admission/plugin/cel/compile.go createEnvForOpts (v0.36.3) */
export function admissionNames(options: AdmissionOptions): Names {
  const variables = new Map<string, Type>([
    ['object', options.object ?? DYN],
    ['oldObject', options.object ?? DYN],
    ['namespaceObject', NAMESPACE],
    ['request', REQUEST],
  ])
  if (options.params !== undefined) variables.set('params', options.params)
  if (options.authorizer) {
    variables.set('authorizer', libraryType('Authorizer'))
    variables.set('authorizer.requestResource', libraryType('ResourceCheck'))
  }
  if (options.variables === 'any') variables.set('variables', DYN)
  else if (options.variables !== undefined)
    variables.set('variables', structOf('kubernetes.variables', options.variables))
  const dialect = kubernetesDialect()
  return { dialect, variables, message: options.mutates === true ? patchType : wrapper }
}

const PATCH = struct('JSONPatch', { op: TEXT, path: TEXT, from: TEXT, value: DYN })

/** Objects that policies write out have any fields. @see k8s.io/apiserver pkg/cel/mutation (v0.36.3) */
function patchType(name: string): Type | undefined {
  if (name === 'JSONPatch') return PATCH
  if (name === 'Object' || name.startsWith('Object.')) return { kind: 'struct', name, params: [] }
  return wrapper(name)
}

/**
 * What selectors of devices may name.
 * @see k8s.io/dynamic-resource-allocation cel/compile.go (v0.36.3)
 */
export function deviceNames(): Names {
  const device = struct('kubernetes.DRADevice', {
    driver: TEXT,
    attributes: mapOf(TEXT, mapOf(TEXT, DYN)),
    capacity: mapOf(TEXT, mapOf(TEXT, libraryType('Quantity'))),
    allowMultipleAllocations: simple('bool'),
  })
  return {
    dialect: kubernetesDialect(),
    variables: new Map([['device', device]]),
    message: wrapper,
  }
}

/**
 * The type that a variable of a policy has for other expressions: lists and maps keep theirs, what is
 * no plain value is any.
 * @see k8s.io/apiserver pkg/admission/plugin/cel/composition.go convertCelTypeToDeclType (v0.36.3)
 */
export function variableType(type: Type): Type {
  const { kind, params } = type
  const [first = DYN, second = DYN] = params
  if (kind === 'list') return listOf(variableType(first))
  if (kind === 'map') return mapOf(variableType(first), variableType(second))
  const isPlain = PLAIN.includes(kind)
  return isPlain ? type : DYN
}

const PLAIN = 'bool bytes double duration int null string timestamp uint'.split(' ')
