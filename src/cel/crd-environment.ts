import type { Environment } from './compile.ts'
import { baseEngine } from './extensions.ts'
import { addFormats } from './k8s-format.ts'
import { addAddresses, addUrls } from './k8s-net.ts'
import { addLists, addQuantity, addRegexFind } from './k8s-values.ts'
import { addMoreLists } from './more-lists.ts'
import { addSemver } from './semver.ts'

const made = new Map<boolean, Environment>()

/**
 * The environment of `x-kubernetes-validations`: `self`, with `oldSelf` where a rule is for changes,
 * and Kubernetes' libraries (lists, regex, url, quantity, ip, cidr, format). Names are checked; what
 * `self` holds is not.
 * @see https://kubernetes.io/docs/reference/using-api/cel/
 */
export function crdEnvironment(options: { readonly oldSelf?: boolean } = {}): Environment {
  const withOld = options.oldSelf ?? true
  const known = made.get(withOld)
  if (known !== undefined) return known
  const engine = baseEngine({ checked: true, kubernetes: true })
  addLists(engine)
  addMoreLists(engine)
  addSemver(engine)
  addRegexFind(engine)
  addQuantity(engine)
  addUrls(engine)
  addAddresses(engine)
  addFormats(engine)
  engine.registerVariable('self', 'dyn')
  if (withOld) engine.registerVariable('oldSelf', 'dyn')
  const environment: Environment = { engine, checked: true }
  made.set(withOld, environment)
  return environment
}
