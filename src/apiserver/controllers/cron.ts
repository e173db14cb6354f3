const NAMES: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const MINUTE_MS = 60_000
const MINUTES_MAX = 366 * 24 * 60 * 5

interface Field {
  readonly values: ReadonlySet<number>
  readonly any: boolean
}

/** The next time (UTC) that a cron schedule names after a moment; undefined when there is none. */
export function nextTime(schedule: string, after: number): number | undefined {
  const parts = (NAMES[schedule] ?? schedule).trim().split(/\s+/)
  if (parts.length !== 5) return undefined
  const [minutes, hours, days, months, weekdays] = [
    fieldOf(parts[0], [0, 59]),
    fieldOf(parts[1], [0, 23]),
    fieldOf(parts[2], [1, 31]),
    fieldOf(parts[3], [1, 12], MONTHS, 1),
    fieldOf(parts[4], [0, 7], DAYS, 0),
  ]
  if (!minutes || !hours || !days || !months || !weekdays) return undefined
  let at = Math.floor(after / MINUTE_MS) * MINUTE_MS + MINUTE_MS
  for (let i = 0; i < MINUTES_MAX; i += 1) {
    const time = new Date(at)
    const weekday =
      weekdays.values.has(time.getUTCDay()) || (time.getUTCDay() === 0 && weekdays.values.has(7))
    const day = days.values.has(time.getUTCDate())
    const fits = days.any || weekdays.any ? day && weekday : day || weekday
    if (!months.values.has(time.getUTCMonth() + 1) || !fits) {
      at = Date.UTC(time.getUTCFullYear(), time.getUTCMonth(), time.getUTCDate() + 1)
      continue
    }
    if (hours.values.has(time.getUTCHours()) && minutes.values.has(time.getUTCMinutes())) return at
    at += MINUTE_MS
  }
  return undefined
}

function fieldOf(
  text: string | undefined,
  [low, high]: readonly [number, number],
  names: readonly string[] = [],
  base = 0,
): Field | undefined {
  const values = new Set<number>()
  const number = (word: string): number => {
    const index = names.indexOf(word.toLowerCase())
    return index < 0 ? Number(word) : index + base
  }
  for (const part of (text ?? '').split(',')) {
    const [range = '', step = '1'] = part.split('/')
    const [from = '', to] =
      range === '*' || range === '?' ? [String(low), String(high)] : range.split('-')
    const first = number(from)
    const last = to === undefined ? (part.includes('/') ? high : first) : number(to)
    const by = Number(step)
    if (![first, last, by].every(Number.isInteger) || by < 1 || first < low || last > high)
      return undefined
    for (let value = first; value <= last; value += by) values.add(value)
  }
  return { values, any: text === '*' || text === '?' }
}
