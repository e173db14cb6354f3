const RFC3339 = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:[.,](\d+))?(?:Z|([+-])(\d{2}):(\d{2}))$/

/** Times that are canonical at a glance: every month has these days. */
const PLAIN = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3])(?::[0-5]\d){2}Z$/

/** A time as Kubernetes writes it: UTC, whole seconds or six digits; undefined when it is none. */
export function canonicalTime(text: string, micro: boolean): string | undefined {
  if (!micro && PLAIN.test(text)) return text
  const match = RFC3339.exec(text)
  if (match === null) return undefined
  const [, date, clock, fraction = '', sign, hours = '0', minutes = '0'] = match
  const offset = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
  const ms = Date.parse(`${date}T${clock}Z`) - offset
  if (Number.isNaN(ms)) return undefined
  const whole = new Date(ms).toISOString().slice(0, 19)
  return micro ? `${whole}.${fraction.slice(0, 6).padEnd(6, '0')}Z` : `${whole}Z`
}
