import type { Environment } from './compile.ts'
import { baseEngine } from './extensions.ts'
import { addAddresses, addUrls } from './k8s-net.ts'
import { addLists, addQuantity, addRegexFind } from './k8s-values.ts'

class Device {}

let made: Environment | undefined

/**
 * The environment of selectors of devices: `device`, with its driver, attributes and capacity, and
 * Kubernetes' libraries.
 * @see k8s.io/dynamic-resource-allocation cel/compile.go (v0.36.3)
 */
export function deviceEnvironment(): Environment {
  if (made !== undefined) return made
  const engine = baseEngine({ checked: true })
  addLists(engine)
  addRegexFind(engine)
  addQuantity(engine)
  addUrls(engine)
  addAddresses(engine)
  engine.registerType('kubernetes.DRADevice', {
    ctor: Device,
    fields: {
      driver: 'string',
      attributes: 'dyn',
      capacity: 'dyn',
      allowMultipleAllocations: 'bool',
    },
  })
  engine.registerVariable('device', 'kubernetes.DRADevice')
  made = { engine, checked: true, output: 'bool' }
  return made
}
