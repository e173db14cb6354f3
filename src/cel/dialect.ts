import { functionsOf, type Overload } from './functions.ts'
import { accessFunctions } from './library/access.ts'
import { addressFunctions } from './library/addresses.ts'
import { type Form, formsOf } from './library/call.ts'
import { collectionFunctions } from './library/collections.ts'
import { conversions } from './library/conversions.ts'
import { plainRules } from './library/format-plain.ts'
import type { FormatRules } from './library/format-steps.ts'
import { localRules } from './library/formatting.ts'
import { kubernetesFunctions } from './library/kubernetes.ts'
import { listFunctions } from './library/lists.ts'
import { operators } from './library/operators.ts'
import { optionalFunctions } from './library/optionals.ts'
import { fluxStrings, kubernetesStrings, stringFunctions } from './library/strings.ts'
import { FLUX, KUBERNETES, kubernetesForms, STANDARD, standardForms } from './signatures.ts'

/** What expressions of somebody may say: the functions, macros and types that there are. */
export interface Dialect {
  /** Forms of functions as the checker knows them. */
  readonly functions: ReadonlyMap<string, readonly Overload[]>
  /** What functions do. */
  readonly forms: ReadonlyMap<string, readonly Form[]>
  /** Lists have loops of two variables, and are sorted. */
  readonly hasPairs: boolean
  /** The names of types of values that a library brings. */
  readonly types: ReadonlySet<string>
  readonly format: FormatRules
  /** Durations, moments and patterns that are written out are read when the types are checked. */
  readonly checksLiterals: boolean
}

const SHARED = [operators, conversions, stringFunctions, collectionFunctions, optionalFunctions]

function lines(...texts: readonly string[]): string[] {
  return texts.flatMap((text) => text.trim().split('\n'))
}

let kubernetes: Dialect | undefined

/** @see k8s.io/apiserver pkg/cel/environment/base.go (v0.36.3) */
export function kubernetesDialect(): Dialect {
  kubernetes ??= {
    functions: functionsOf([
      ...lines(STANDARD, KUBERNETES),
      ...standardForms(),
      ...kubernetesForms(),
    ]),
    forms: formsOf([
      ...SHARED,
      kubernetesStrings,
      listFunctions,
      kubernetesFunctions,
      addressFunctions,
      accessFunctions,
    ]),
    hasPairs: true,
    types: new Set(['net.IP', 'net.CIDR']),
    format: localRules,
    checksLiterals: true,
  }
  return kubernetes
}

let flux: Dialect | undefined

/** @see fluxcd/pkg runtime v0.110.1 cel/expression.go NewExpression */
export function fluxDialect(): Dialect {
  flux ??= {
    functions: functionsOf([...lines(STANDARD, FLUX), ...standardForms()]),
    forms: formsOf([...SHARED, fluxStrings]),
    hasPairs: false,
    types: new Set(),
    format: plainRules,
    checksLiterals: false,
  }
  return flux
}
