const RFC3339 = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:[.,](\d+))?(?:Z|([+-])(\d{2}):(\d{2}))$/

/** Times that are canonical at a glance: every month has these days. */
const PLAIN = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3])(?::[0-5]\d){2}Z$/

const MICRO_DIGITS = 6

/** A time as Kubernetes writes it: UTC, whole seconds or six digits; undefined when it is none. */
export function canonicalTime(text: string, micro: boolean): string | undefined {
  if (!micro && PLAIN.test(text)) return text
  const match = RFC3339.exec(text)
  if (match === null) return undefined
  const [, date, clock, fraction = '', sign, hours = '0', minutes = '0'] = match
  if (micro && fraction.length !== MICRO_DIGITS) return undefined
  const offset = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
  const ms = Date.parse(`${date}T${clock}Z`) - offset
  if (Number.isNaN(ms)) return undefined
  const whole = new Date(ms).toISOString().slice(0, 19)
  return micro ? `${whole}.${fraction}Z` : `${whole}Z`
}

const LAYOUT: readonly (readonly [element: string, form: RegExp])[] = [
  ['2006', /^\d{4}/],
  ['-', /^-/],
  ['01', /^\d\d/],
  ['-', /^-/],
  ['02', /^\d\d/],
  ['T', /^T/],
  ['15', /^\d\d/],
  [':', /^:/],
  ['04', /^\d\d/],
  [':', /^:/],
  ['05', /^\d\d/],
]
const RANGES: Readonly<Record<string, readonly [from: number, to: number, name: string]>> = {
  '01': [1, 12, 'month'],
  '02': [1, 31, 'day'],
  '15': [0, 23, 'hour'],
  '04': [0, 59, 'minute'],
  '05': [0, 59, 'second'],
}

/** What Go's reader says of a text that is no time: where it stopped. */
export function timeProblem(text: string, micro: boolean): string {
  const layout = `2006-01-02T15:04:05${micro ? '.000000' : ''}Z07:00`
  const start = `parsing time ${JSON.stringify(text)}`
  let rest = text
  const stopped = (element: string): string =>
    `${start} as ${JSON.stringify(layout)}: cannot parse ${JSON.stringify(rest)} as ${JSON.stringify(element)}`
  for (const [element, form] of LAYOUT) {
    const [found] = form.exec(rest) ?? []
    if (found === undefined) return stopped(element)
    const range = RANGES[element]
    if (range !== undefined && (Number(found) < range[0] || Number(found) > range[1]))
      return `${start}: ${range[2]} out of range`
    rest = rest.slice(found.length)
  }
  const fraction = (micro ? /^[.,]\d{6}/ : /^(?:[.,]\d+)?/).exec(rest)
  if (fraction === null) return stopped('.000000')
  rest = rest.slice(fraction[0].length)
  const zone = /^(?:Z|[+-]\d\d:\d\d)/.exec(rest)
  if (zone === null) return stopped('Z07:00')
  rest = rest.slice(zone[0].length)
  return rest === ''
    ? `${start}: day out of range`
    : `${start}: extra text: ${JSON.stringify(rest)}`
}
