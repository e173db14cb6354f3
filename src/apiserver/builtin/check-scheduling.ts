import { isObject, type JsonObject } from '../../object/index.ts'
import { at, formed, items, labelSelector, number, text, texts } from './check.ts'
import { duplicate, forbidden, invalid, notSupported, required } from './field-error.ts'
import { dnsLabel, dnsSubdomain, labelValue, qualifiedName } from './names.ts'
import type { Cause } from './refusal.ts'

/** What is wrong with where a pod asks to run: affinity, tolerations, spread. */
export function schedulingCauses(spec: JsonObject, path: string): Cause[] {
  const tolerations = items(spec, 'tolerations')
  const spread = items(spec, 'topologySpreadConstraints')
  return [
    ...affinityCauses(at(spec, 'affinity'), `${path}.affinity`),
    ...tolerations.flatMap((each, i) => tolerationCauses(each, `${path}.tolerations[${i}]`)),
    ...spread.flatMap((each, i) =>
      spreadCauses(each, `${path}.topologySpreadConstraints[${i}]`, spread.slice(i + 1)),
    ),
  ]
}

const NEED = 'requiredDuringSchedulingIgnoredDuringExecution'
const WISH = 'preferredDuringSchedulingIgnoredDuringExecution'

function affinityCauses(affinity: JsonObject, path: string): Cause[] {
  const node = at(affinity, 'nodeAffinity')
  const causes: Cause[] = []
  if (isObject(node[NEED])) causes.push(...nodeSelector(node[NEED], `${path}.nodeAffinity.${NEED}`))
  for (const [i, term] of items(node, WISH).entries()) {
    const place = `${path}.nodeAffinity.${WISH}[${i}]`
    causes.push(...weight(term, place))
    causes.push(...nodeTerm(at(term, 'preference'), `${place}.preference`, true))
  }
  for (const kind of ['podAffinity', 'podAntiAffinity']) {
    const pods = at(affinity, kind)
    for (const [i, term] of items(pods, NEED).entries())
      causes.push(...podTerm(term, `${path}.${kind}.${NEED}[${i}]`))
    for (const [i, term] of items(pods, WISH).entries()) {
      const place = `${path}.${kind}.${WISH}[${i}]`
      causes.push(...weight(term, place))
      causes.push(...podTerm(at(term, 'podAffinityTerm'), `${place}.podAffinityTerm`))
    }
  }
  return causes
}

function weight(term: JsonObject, path: string): Cause[] {
  const value = number(term, 'weight') ?? 0
  return value > 0 && value <= 100
    ? []
    : [invalid(`${path}.weight`, value, 'must be in the range 1-100')]
}

/** Terms by which nodes are chosen. */
export function nodeSelector(value: JsonObject, path: string): Cause[] {
  const terms = items(value, 'nodeSelectorTerms')
  const place = `${path}.nodeSelectorTerms`
  if (terms.length === 0) return [required(place, 'must have at least one node selector term')]
  return terms.flatMap((term, i) => nodeTerm(term, `${place}[${i}]`, false))
}

/** A preference may name values that no node can have. */
function nodeTerm(term: JsonObject, path: string, anyValue: boolean): Cause[] {
  const fields = items(term, 'matchFields').flatMap((each, i) =>
    nodeField(each, `${path}.matchFields[${i}]`),
  )
  const expressions = items(term, 'matchExpressions').flatMap((each, i) => {
    const place = `${path}.matchExpressions[${i}]`
    const values = texts(each, 'values')
    return [
      ...nodeOperator(text(each, 'operator'), values.length, place),
      ...formed(text(each, 'key'), qualifiedName, `${place}.key`),
      ...(anyValue
        ? []
        : values.flatMap((value, j) => formed(value, labelValue, `${place}.values[${j}]`))),
    ]
  })
  return [...expressions, ...fields]
}

/** A node by its name. */
function nodeField(value: JsonObject, path: string): Cause[] {
  const operator = text(value, 'operator')
  const key = text(value, 'key')
  const values = texts(value, 'values')
  const causes: Cause[] = []
  if (operator !== 'In' && operator !== 'NotIn')
    causes.push(invalid(`${path}.operator`, operator, 'not a valid selector operator'))
  else if (values.length !== 1)
    causes.push(
      required(
        `${path}.values`,
        "must be only one value when `operator` is 'In' or 'NotIn' for node field selector",
      ),
    )
  if (key !== 'metadata.name')
    return [...causes, invalid(`${path}.key`, key, 'not a valid field selector key')]
  return [
    ...causes,
    ...values.flatMap((each, i) => formed(each, dnsSubdomain, `${path}.values[${i}]`)),
  ]
}

function nodeOperator(operator: string, count: number, path: string): Cause[] {
  const place = `${path}.values`
  switch (operator) {
    case 'In':
    case 'NotIn':
      return count > 0
        ? []
        : [required(place, "must be specified when `operator` is 'In' or 'NotIn'")]
    case 'Exists':
    case 'DoesNotExist':
      return count === 0
        ? []
        : [forbidden(place, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")]
    case 'Gt':
    case 'Lt':
      return count === 1
        ? []
        : [required(place, "must be specified single value when `operator` is 'Lt' or 'Gt'")]
    default:
      return [invalid(`${path}.operator`, operator, 'not a valid selector operator')]
  }
}

function podTerm(term: JsonObject, path: string): Cause[] {
  const causes: Cause[] = []
  for (const key of ['labelSelector', 'namespaceSelector'])
    if (isObject(term[key])) causes.push(...labelSelector(term[key], `${path}.${key}`))
  for (const name of texts(term, 'namespaces'))
    causes.push(...formed(name, dnsLabel, `${path}.namespace`))
  const key = text(term, 'topologyKey')
  if (key === '') causes.push(required(`${path}.topologyKey`, 'can not be empty'))
  return [...causes, ...formed(key, qualifiedName, `${path}.topologyKey`)]
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

/** One toleration. */
export function tolerationCauses(value: JsonObject, path: string): Cause[] {
  const operator = text(value, 'operator')
  const key = text(value, 'key')
  const causes = key === '' ? [] : formed(key, qualifiedName, `${path}.key`)
  if (key === '' && operator !== 'Exists')
    causes.push(
      invalid(
        `${path}.operator`,
        operator,
        'operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ),
    )
  const effect = text(value, 'effect')
  if (value['tolerationSeconds'] !== undefined && effect !== 'NoExecute')
    causes.push(
      invalid(
        `${path}.effect`,
        effect,
        "effect must be 'NoExecute' when `tolerationSeconds` is set",
      ),
    )
  causes.push(...tolerationValue(operator, text(value, 'value'), `${path}.operator`))
  if (effect !== '' && !EFFECTS.includes(effect))
    causes.push(notSupported(`${path}.effect`, effect, EFFECTS))
  return causes
}

function tolerationValue(operator: string, value: string, path: string): Cause[] {
  if (operator === 'Exists')
    return value === ''
      ? []
      : [invalid(path, value, "value must be empty when `operator` is 'Exists'")]
  if (operator !== '' && operator !== 'Equal') {
    // Comparisons of numbers stand behind a gate that is closed.
    const more = operator === 'Lt' || operator === 'Gt' ? ['Lt', 'Gt'] : []
    return [notSupported(path, operator, ['Equal', 'Exists', ...more])]
  }
  const problems = labelValue(value)
  return problems.length === 0 ? [] : [invalid(path, value, problems.join(';'))]
}

const ACTIONS = ['DoNotSchedule', 'ScheduleAnyway']

function spreadCauses(value: JsonObject, path: string, later: readonly JsonObject[]): Cause[] {
  const causes: Cause[] = []
  const skew = number(value, 'maxSkew') ?? 0
  if (skew <= 0) causes.push(invalid(`${path}.maxSkew`, skew, 'must be greater than zero'))
  const key = text(value, 'topologyKey')
  if (key === '') causes.push(required(`${path}.topologyKey`, 'can not be empty'))
  const action = text(value, 'whenUnsatisfiable')
  if (!ACTIONS.includes(action))
    causes.push(notSupported(`${path}.whenUnsatisfiable`, action, ACTIONS))
  const same = (each: JsonObject): boolean =>
    text(each, 'topologyKey') === key && text(each, 'whenUnsatisfiable') === action
  if (later.some(same))
    causes.push(duplicate(`${path}.{topologyKey, whenUnsatisfiable}`, `{${key}, ${action}}`))
  causes.push(...domains(number(value, 'minDomains'), action, `${path}.minDomains`))
  for (const name of ['nodeAffinityPolicy', 'nodeTaintsPolicy']) {
    const policy = value[name]
    if (typeof policy === 'string' && policy !== 'Honor' && policy !== 'Ignore')
      causes.push(notSupported(`${path}.${name}`, policy, ['Honor', 'Ignore']))
  }
  const selector = value['labelSelector']
  if (texts(value, 'matchLabelKeys').length > 0 && !isObject(selector))
    causes.push(
      forbidden(`${path}.matchLabelKeys`, 'must not be specified when labelSelector is not set'),
    )
  return isObject(selector)
    ? [...causes, ...labelSelector(selector, `${path}.labelSelector`)]
    : causes
}

function domains(count: number | undefined, action: string, path: string): Cause[] {
  if (count === undefined) return []
  const causes = count > 0 ? [] : [invalid(path, count, 'must be greater than zero')]
  if (action !== 'DoNotSchedule')
    causes.push(
      invalid(
        path,
        count,
        `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`,
      ),
    )
  return causes
}
