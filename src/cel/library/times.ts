import { Duration, EvalError, Timestamp } from '../values.ts'

const SECOND = 1_000_000_000n
const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: SECOND,
  m: 60n * SECOND,
  h: 3600n * SECOND,
}
const MAX_NS = 2n ** 63n - 1n
const FIRST = -62_135_596_800n * SECOND
const LAST = 253_402_300_799n * SECOND + 999_999_999n

/** Reads a duration as Go does; undefined: it is none. */
export function durationOf(text: string): Duration | undefined {
  const body = text.replace(/^[+-]/, '')
  if (body === '0') return new Duration(0n)
  if (!/^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(body)) return undefined
  let ns = 0n
  for (const [, whole = '', part = '', unit = 's'] of body.matchAll(
    /(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g,
  )) {
    const size = UNITS[unit] ?? 0n
    ns += BigInt(whole === '' ? '0' : whole) * size
    if (part !== '') ns += (BigInt(part) * size) / 10n ** BigInt(part.length)
  }
  const signed = text.startsWith('-') ? -ns : ns
  return signed > MAX_NS || signed < -MAX_NS - 1n ? undefined : new Duration(signed)
}

const RFC3339 =
  /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))$/

/** Reads a moment: RFC 3339, or seconds since 1970; undefined: it is none, or too far. */
export function timestampOf(value: string | bigint): Timestamp | undefined {
  if (typeof value === 'bigint') return inRange(value * SECOND)
  const match = RFC3339.exec(value)
  if (match === null) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const [part = '', sign, zoneHour = '0', zoneMinute = '0'] = match.slice(7)
  if (hour > 23 || minute > 59 || second > 59 || Number(zoneHour) > 24 || Number(zoneMinute) > 60)
    return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined
  const days = BigInt(date.getTime() / 86_400_000)
  const zone = (Number(zoneHour) * 60 + Number(zoneMinute)) * (sign === '-' ? -1 : 1)
  const seconds =
    days * 86_400n +
    BigInt(hour * 3600 + minute * 60 + second) -
    BigInt(sign === undefined ? 0 : zone * 60)
  const ns = seconds * SECOND + BigInt(part.slice(0, 9).padEnd(9, '0'))
  return inRange(ns, sign === undefined ? 0 : zone)
}

function inRange(ns: bigint, zone = 0): Timestamp | undefined {
  return ns < FIRST || ns > LAST ? undefined : new Timestamp(ns, zone)
}

/** A sum or difference of moments and spans, as long as it can be told. @throws EvalError */
export function movedBy(moment: Timestamp, ns: bigint): Timestamp {
  const found = inRange(moment.ns + ns, moment.zone)
  if (found === undefined) throw new EvalError('timestamp overflow')
  return found
}

/** @throws EvalError */
export function spanOf(ns: bigint): Duration {
  if (ns > MAX_NS || ns < -MAX_NS - 1n) throw new EvalError('integer overflow')
  return new Duration(ns)
}

function parts(ns: bigint): { readonly seconds: bigint; readonly rest: bigint } {
  const rest = ((ns % SECOND) + SECOND) % SECOND
  return { seconds: (ns - rest) / SECOND, rest }
}

/** A moment as RFC 3339, in the zone in which it was said. */
export function timestampText({ ns, zone }: Timestamp): string {
  const { seconds, rest } = parts(ns + BigInt(zone) * 60n * SECOND)
  const text = new Date(Number(seconds) * 1000).toISOString().slice(0, 19)
  const fraction = rest === 0n ? '' : `.${String(rest).padStart(9, '0').replace(/0+$/, '')}`
  const [hours, minutes] = [Math.floor(Math.abs(zone) / 60), Math.abs(zone) % 60].map((part) =>
    String(part).padStart(2, '0'),
  )
  const place = zone === 0 ? 'Z' : `${zone < 0 ? '-' : '+'}${hours}:${minutes}`
  return `${text}${fraction}${place}`
}

/** A span in seconds. */
export function durationText({ ns }: Duration): string {
  const size = ns < 0n ? -ns : ns
  const part = size % SECOND
  const fraction = part === 0n ? '' : `.${String(part).padStart(9, '0').replace(/0+$/, '')}`
  return `${ns < 0n ? '-' : ''}${size / SECOND}${fraction}s`
}

const FIELDS: Readonly<Record<string, (date: Date) => number>> = {
  getFullYear: (date) => date.getUTCFullYear(),
  getMonth: (date) => date.getUTCMonth(),
  getDayOfYear: (date) => Math.floor((date.getTime() - startOfYear(date)) / 86_400_000),
  getDayOfMonth: (date) => date.getUTCDate() - 1,
  getDate: (date) => date.getUTCDate(),
  getDayOfWeek: (date) => date.getUTCDay(),
  getHours: (date) => date.getUTCHours(),
  getMinutes: (date) => date.getUTCMinutes(),
  getSeconds: (date) => date.getUTCSeconds(),
  getMilliseconds: (date) => date.getUTCMilliseconds(),
}

function startOfYear(date: Date): number {
  const start = new Date(0)
  start.setUTCFullYear(date.getUTCFullYear(), 0, 1)
  return start.getTime()
}

/** A part of a moment, where a zone is said in that zone. @throws EvalError */
export function fieldOfTime(name: string, moment: Timestamp, zone?: string): bigint {
  const { seconds, rest } = parts(moment.ns)
  const ms = Number(seconds) * 1000 + Number(rest / 1_000_000n)
  const shift = zone === undefined ? 0 : offsetOf(zone, ms)
  const field = FIELDS[name]
  if (field === undefined) throw new EvalError('no such overload')
  const date = new Date(ms + shift)
  return BigInt(field(date))
}

/** The parts of a span. */
export function fieldOfSpan(name: string, { ns }: Duration): bigint {
  switch (name) {
    case 'getHours':
      return ns / (3600n * SECOND)
    case 'getMinutes':
      return ns / (60n * SECOND)
    case 'getSeconds':
      return ns / SECOND
    default:
      return ns / 1_000_000n
  }
}

/** Zones whose formats are kept. */
const MAX_FORMATS = 50
const formats = new Map<string, Intl.DateTimeFormat>()

function formatIn(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  const numbers = { year: 'numeric', month: 'numeric', day: 'numeric' } as const
  const times = { hour: 'numeric', minute: 'numeric', second: 'numeric' } as const
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    ...numbers,
    ...times,
  })
  if (formats.size >= MAX_FORMATS) formats.clear()
  formats.set(timeZone, format)
  return format
}

/** How far a zone is ahead of UTC, in milliseconds. */
function offsetOf(zone: string, ms: number): number {
  const colon = zone.indexOf(':')
  if (colon >= 0) {
    const [hours, minutes] = [zone.slice(0, colon), zone.slice(colon + 1)].map((text) => {
      if (!/^[+-]?\d+$/.test(text))
        throw new EvalError(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
      return Number(text)
    })
    const sign = zone.startsWith('-') ? -1 : 1
    return ((hours ?? 0) * 60 + sign * (minutes ?? 0)) * 60_000
  }
  // Servers have no other zone of their own.
  if (zone === '' || zone === 'UTC' || zone === 'Local') return 0
  try {
    const found = new Map(
      formatIn(zone)
        .formatToParts(new Date(ms))
        .map(({ type, value }) => [type, Number(value)]),
    )
    const at = (type: Intl.DateTimeFormatPartTypes): number => found.get(type) ?? 0
    const there = Date.UTC(
      at('year'),
      at('month') - 1,
      at('day'),
      at('hour'),
      at('minute'),
      at('second'),
    )
    return there - Math.floor(ms / 1000) * 1000
  } catch {
    throw new EvalError(`unknown time zone ${zone}`)
  }
}
