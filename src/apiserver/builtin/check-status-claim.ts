import { isObject, type JsonObject, sameJson } from '../../object/index.ts'
import { at, formed, items, text, texts } from './check.ts'
import { allocationCauses, poolCauses, uidCauses } from './check-allocation.ts'
import { conditionCauses } from './check-condition.ts'
import { driver } from './check-devices.ts'
import { forbidden, invalid, required, tooLong, tooMany } from './field-error.ts'
import { asStruct } from './go-struct.ts'
import { dnsLabel } from './names.ts'
import type { Cause } from './refusal.ts'

const MOST_CONDITIONS = 8
const LONGEST_DATA = 10 * 1024
const MOST_RESERVED = 256

/**
 * The status of a claim of devices: who has it, and what the devices say.
 * @see k8s.io/kubernetes pkg/apis/resource/validation/validation.go validateResourceClaimStatusUpdate (v1.36.3)
 */
export function claimStatus(next: JsonObject, old: JsonObject): Cause[] {
  const [status, before] = [at(next, 'status'), at(old, 'status')]
  const reserved = items(status, 'reservedFor')
  const causes: Cause[] =
    reserved.length > MOST_RESERVED
      ? [tooMany('status.reservedFor', reserved.length, MOST_RESERVED)]
      : reserved.flatMap((each, i) =>
          ['resource', 'name', 'uid'].flatMap((key) =>
            text(each, key) === '' ? [required(`status.reservedFor[${i}].${key}`)] : [],
          ),
        )
  const { allocation } = status
  const allocated = new Set(
    items(at(at(status, 'allocation'), 'devices'), 'results').map(deviceKey),
  )
  for (const [i, each] of items(status, 'devices').entries())
    causes.push(...deviceCauses(each, `status.devices[${i}]`, allocated))
  if (reserved.length > 0 && !isObject(allocation))
    causes.push(forbidden('status.reservedFor', 'may not be specified when `allocated` is not set'))
  if (!isObject(allocation)) return causes
  if (!isObject(before['allocation']))
    return [...causes, ...allocationCauses(allocation, at(next, 'spec'), 'status.allocation')]
  return sameJson(allocation, before['allocation'])
    ? causes
    : [...causes, invalid('status.allocation', allocation, 'field is immutable')]
}

function deviceKey(each: JsonObject): string {
  return JSON.stringify(['driver', 'pool', 'device', 'shareID'].map((key) => text(each, key)))
}

function deviceCauses(each: JsonObject, place: string, allocated: ReadonlySet<string>): Cause[] {
  const causes = driver(text(each, 'driver'), `${place}.driver`)
  causes.push(...poolCauses(text(each, 'pool'), `${place}.pool`))
  causes.push(...formed(text(each, 'device'), dnsLabel, `${place}.device`))
  const share = each['shareID']
  if (typeof share === 'string') causes.push(...uidCauses(share, `${place}.shareID`))
  if (!allocated.has(deviceKey(each)))
    causes.push(invalid(place, goDevice(each), 'must be an allocated device in the claim'))
  const conditions = items(each, 'conditions')
  if (conditions.length > MOST_CONDITIONS)
    causes.push(tooMany(`${place}.conditions`, conditions.length, MOST_CONDITIONS))
  causes.push(...conditionCauses(each, `${place}.conditions`))
  const { data } = each
  if (data !== undefined && data !== null) {
    if (Buffer.byteLength(JSON.stringify(data)) > LONGEST_DATA)
      causes.push(tooLong(`${place}.data`, LONGEST_DATA))
    else if (!isObject(data))
      causes.push(invalid(`${place}.data`, '<value omitted>', 'must be a valid JSON object'))
  }
  return [...causes, ...networkCauses(at(each, 'networkData'), `${place}.networkData`)]
}

function goDevice(each: JsonObject): JsonObject {
  const id = asStruct({
    Driver: text(each, 'driver'),
    Pool: text(each, 'pool'),
    Device: text(each, 'device'),
  })
  return asStruct({ ...id, ShareID: text(each, 'shareID') })
}

function networkCauses(network: JsonObject, path: string): Cause[] {
  const causes: Cause[] = []
  for (const [key, most] of [
    ['interfaceName', 256],
    ['hardwareAddress', 128],
  ] as const)
    if (Buffer.byteLength(text(network, key)) > most) causes.push(tooLong(`${path}.${key}`, most))
  for (const [i, ip] of texts(network, 'ips').entries())
    if (!/^[0-9a-fA-F.:]+\/\d{1,3}$/.test(ip))
      causes.push(
        invalid(
          `${path}.ips[${i}]`,
          ip,
          'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)',
        ),
      )
  return causes
}
