const FORM = /^(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)(?:[.,]\d+)?(?:Z|([+-])(\d\d):(\d\d))$/

/**
 * A time of RFC 3339 as Go writes it again, without parts of a second and in the zone that it was
 * given in; undefined when it is none. The MAC of a file is bound to this text.
 * @see Go's time.Parse and Time.Format with RFC3339
 */
export function wholeSeconds(text: string): string | undefined {
  const match = FORM.exec(text)
  if (match === null) return undefined
  const [, year = '', month = '', day = '', hour = '', minute = '', second = ''] = match
  const [, , , , , , , sign, hours = '00', minutes = '00'] = match
  const date = `${year}-${month}-${day}`
  if (!isDate(date) || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
    return undefined
  if (Number(hours) > 24 || Number(minutes) > 60) return undefined
  const isUtc = sign === undefined || (hours === '00' && minutes === '00')
  const clock = `${hour.padStart(2, '0')}:${minute}:${second}`
  return `${date}T${clock}${isUtc ? 'Z' : `${sign}${hours}:${minutes}`}`
}

/** Says whether a text is a time as an encrypted value holds it, where Go is stricter. */
export function isStrictTime(text: string): boolean {
  if (!/^.{11}\d\d:.*$/.test(text) || text.includes(',') || wholeSeconds(text) === undefined)
    return false
  const zone = /[+-](\d\d):(\d\d)$/.exec(text.slice(10))
  return zone === null || (Number(zone[1]) < 24 && Number(zone[2]) < 60)
}

function isDate(text: string): boolean {
  const ms = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text)
}
