import { isObject, type Json, type JsonObject } from '../../object/index.ts'
import { at, items, number, text } from './check.ts'
import { modeCauses } from './check-env.ts'
import { downwardFile, keyToPath, notReserved } from './check-files.ts'
import { forbidden, invalid, required } from './field-error.ts'
import type { Cause } from './refusal.ts'

const SHORTEST_TOKEN_SECONDS = 600
const LONGEST_TOKEN_SECONDS = 2 ** 32

/** Several sources as one volume; no two may give the same file. */
export function projected(source: JsonObject, path: string): Cause[] {
  const seen = new Set<string>()
  return [
    ...modeCauses(source['defaultMode'], `${path}.defaultMode`),
    ...items(source, 'sources').flatMap((each, i) =>
      projection(each, { whole: path, own: `${path}.sources[${i}]` }, seen),
    ),
  ]
}

interface Place {
  readonly whole: string
  readonly own: string
}

function projection(source: JsonObject, place: Place, seen: Set<string>): Cause[] {
  const causes: Cause[] = []
  for (const key of ['secret', 'configMap'])
    if (isObject(source[key])) causes.push(...listed(source[key], place, key, seen))
  if (isObject(source['downwardAPI']))
    for (const file of items(source['downwardAPI'], 'items')) {
      const path = text(file, 'path')
      causes.push(...downwardFile(file, `${place.own}.downwardAPI`))
      causes.push(...taken(path, path, place, seen))
    }
  if (isObject(source['serviceAccountToken']))
    causes.push(...token(source['serviceAccountToken'], place))
  const given = Object.keys(source).filter((key) => isObject(source[key]))
  if (given.length > 1)
    causes.push(forbidden(place.own, 'may not specify more than 1 volume type per source'))
  return causes
}

function listed(source: JsonObject, place: Place, key: string, seen: Set<string>): Cause[] {
  const own = `${place.own}.${key}`
  const name = text(source, 'name')
  return [
    ...(name === '' ? [required(`${own}.name`)] : []),
    ...items(source, 'items').flatMap((item, i) => [
      ...keyToPath(item, `${own}.items[${i}]`),
      ...taken(text(item, 'path'), name, place, seen),
    ]),
  ]
}

function taken(path: string, shown: Json, place: Place, seen: Set<string>): Cause[] {
  if (path === '') return []
  if (seen.has(path)) return [invalid(place.whole, shown, 'conflicting duplicate paths')]
  seen.add(path)
  return []
}

function token(source: JsonObject, place: Place): Cause[] {
  const own = `${place.own}.serviceAccountToken.expirationSeconds`
  const seconds = number(source, 'expirationSeconds') ?? 0
  const causes: Cause[] = []
  if (seconds < SHORTEST_TOKEN_SECONDS)
    causes.push(invalid(own, seconds, 'may not specify a duration less than 10 minutes'))
  if (seconds > LONGEST_TOKEN_SECONDS)
    causes.push(invalid(own, seconds, 'may not specify a duration larger than 2^32 seconds'))
  const path = text(source, 'path')
  if (path === '') return [...causes, required(`${place.whole}.path`)]
  return [...causes, ...notReserved(path, `${place.whole}.path`)]
}

/** A volume that lives as long as its pod: the claim that is made for it. */
export function ephemeral(
  source: JsonObject,
  path: string,
  claim: (spec: JsonObject, path: string) => Cause[],
): Cause[] {
  const template = source['volumeClaimTemplate']
  if (!isObject(template)) return [required(`${path}.volumeClaimTemplate`)]
  return claim(at(template, 'spec'), `${path}.volumeClaimTemplate.spec`)
}
