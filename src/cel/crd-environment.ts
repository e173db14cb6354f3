import type { Environment } from './compile.ts'
import { baseEngine } from './extensions.ts'

let crd: Environment | undefined

/** The environment of `x-kubernetes-validations`: `self` and `oldSelf`, checked. */
export function crdEnvironment(): Environment {
  if (crd === undefined) {
    const engine = baseEngine({ openNames: false })
    engine.registerVariable('self', 'dyn')
    engine.registerVariable('oldSelf', 'dyn')
    crd = { engine, checked: true }
  }
  return crd
}
