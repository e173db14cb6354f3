import { isObject, type JsonObject } from '../../object/index.ts'
import { at, formed, items, text, texts } from './check.ts'
import { driver, type Names, namesOf, opaque, references } from './check-devices.ts'
import { nodeSelector } from './check-scheduling.ts'
import { duplicate, invalid, notSupported, required, tooLong, tooMany } from './field-error.ts'
import { dnsLabel, dnsSubdomain, qualifiedName } from './names.ts'
import type { Cause } from './refusal.ts'

const MOST_RESULTS = 32
const MOST_CONFIGS = 64
const MOST_BINDINGS = 4
const LONGEST_POOL = 253

/** What a claim was given. */
export function allocationCauses(value: JsonObject, spec: JsonObject, path: string): Cause[] {
  const devices = at(value, 'devices')
  const known = namesOf(at(spec, 'devices'))
  const [results, configs] = [items(devices, 'results'), items(devices, 'config')]
  const place = `${path}.devices`
  const causes: Cause[] =
    results.length > MOST_RESULTS
      ? [tooMany(`${place}.results`, results.length, MOST_RESULTS)]
      : results.flatMap((each, i) => resultCauses(each, `${place}.results[${i}]`, known))
  if (configs.length > MOST_CONFIGS)
    causes.push(tooMany(`${place}.config`, configs.length, MOST_CONFIGS))
  else
    for (const [i, each] of configs.entries())
      causes.push(...configCauses(each, `${place}.config[${i}]`, known))
  const selector = value['nodeSelector']
  if (isObject(selector)) causes.push(...nodeSelector(selector, `${path}.nodeSelector`))
  return causes
}

function resultCauses(each: JsonObject, path: string, known: Names): Cause[] {
  const request = { requests: [text(each, 'request')] }
  const share = each['shareID']
  return [
    ...references(request, `${path}.request`, known).map((cause) => ({
      ...cause,
      field: `${path}.request`,
    })),
    ...driver(text(each, 'driver'), `${path}.driver`),
    ...poolCauses(text(each, 'pool'), `${path}.pool`),
    ...formed(text(each, 'device'), dnsLabel, `${path}.device`),
    ...bindingCauses(each, path),
    ...(typeof share === 'string' ? uidCauses(share, `${path}.shareID`) : []),
  ]
}

function configCauses(each: JsonObject, path: string, known: Names): Cause[] {
  const source = text(each, 'source')
  const sources = ['FromClaim', 'FromClass']
  const causes: Cause[] = []
  if (source === '') causes.push(required(`${path}.source`))
  else if (!sources.includes(source)) causes.push(notSupported(`${path}.source`, source, sources))
  return [...causes, ...references(each, `${path}.requests`, known), ...opaque(each, path)]
}

function bindingCauses(each: JsonObject, path: string): Cause[] {
  const [good, bad] = [texts(each, 'bindingConditions'), texts(each, 'bindingFailureConditions')]
  const causes = [
    ...conditionNames(good, `${path}.bindingConditions`),
    ...conditionNames(bad, `${path}.bindingFailureConditions`),
  ]
  for (const [i, name] of bad.entries())
    if (good.includes(name))
      causes.push(
        invalid(
          `${path}.bindingFailureConditions[${i}]`,
          name,
          'bindingFailureConditions must not overlap with bindingConditions',
        ),
      )
  if (good.length === 0 && bad.length > 0)
    causes.push(
      invalid(
        `${path}.bindingConditions`,
        null,
        'bindingConditions are required to use bindingFailureConditions',
      ),
    )
  if (bad.length === 0 && good.length > 0)
    causes.push(
      invalid(
        `${path}.bindingFailureConditions`,
        null,
        'bindingFailureConditions are required to use bindingConditions',
      ),
    )
  return causes
}

function conditionNames(names: readonly string[], path: string): Cause[] {
  if (names.length > MOST_BINDINGS) return [tooMany(path, names.length, MOST_BINDINGS)]
  return names.flatMap((name, i) => [
    ...formed(name, qualifiedName, `${path}[${i}]`),
    ...(names.indexOf(name) < i ? [duplicate(`${path}[${i}]`, name)] : []),
  ])
}

/** The name of a pool: subdomains with slashes between. */
export function poolCauses(pool: string, path: string): Cause[] {
  if (pool === '') return [required(path)]
  const causes: Cause[] = pool.length > LONGEST_POOL ? [tooLong(path, LONGEST_POOL)] : []
  for (const part of pool.split('/')) causes.push(...formed(part, dnsSubdomain, path))
  return causes
}

/** An id in the form of a UUID. */
export function uidCauses(uid: string, path: string): Cause[] {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uid)) return []
  const why = uid.length === 36 ? 'invalid UUID format' : `invalid UUID length: ${uid.length}`
  return [invalid(path, uid, `error validating uid: ${why}`)]
}
