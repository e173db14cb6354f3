import type { Environment } from './compile.ts'
import { baseEngine } from './extensions.ts'

let flux: Environment | undefined
let ready: Environment | undefined

/** The environment of `healthCheckExprs`: parsed only, an object's top-level fields are the names. */
export function fluxEnvironment(): Environment {
  flux ??= { engine: baseEngine({ checked: false }), checked: false }
  return flux
}

/** The environment of `readyExpr`: `self` and `dep`, checked, and statically bool. */
export function readyEnvironment(): Environment {
  if (ready === undefined) {
    const engine = baseEngine({ checked: true })
    engine.registerVariable('self', 'map<string, dyn>')
    engine.registerVariable('dep', 'map<string, dyn>')
    ready = { engine, checked: true, output: 'bool' }
  }
  return ready
}
