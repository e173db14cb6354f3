const FIELDS: readonly { name: string; min: number; max: number; words: readonly string[] }[] = [
  { name: 'minute', min: 0, max: 59, words: [] },
  { name: 'hour', min: 0, max: 23, words: [] },
  { name: 'day of month', min: 1, max: 31, words: [] },
  {
    name: 'month',
    min: 1,
    max: 12,
    words: 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' '),
  },
  { name: 'day of week', min: 0, max: 6, words: 'sun mon tue wed thu fri sat'.split(' ') },
]

const DESCRIPTORS = [
  '@yearly',
  '@annually',
  '@monthly',
  '@weekly',
  '@daily',
  '@midnight',
  '@hourly',
]

/**
 * What is wrong with a cron schedule, in the words of the library that Kubernetes uses; undefined
 * when nothing is.
 * @see github.com/robfig/cron/v3 parser.go
 */
export function cronProblem(schedule: string): string | undefined {
  const text = schedule.replace(/^(CRON_)?TZ=\S+\s*/, '')
  if (text.startsWith('@')) {
    if (DESCRIPTORS.includes(text) || text.startsWith('@every ')) return undefined
    return `unrecognized descriptor: ${text}`
  }
  const parts = text
    .trim()
    .split(/\s+/)
    .filter((part) => part !== '')
  if (parts.length !== FIELDS.length)
    return `expected exactly 5 fields, found ${parts.length}: [${parts.join(' ')}]`
  for (const [i, part] of parts.entries()) {
    const field = FIELDS[i]
    if (field === undefined) continue
    for (const range of part.split(/,/).filter((each) => each !== '')) {
      const problem = rangeProblem(range, field)
      if (problem !== undefined) return problem
    }
  }
  return undefined
}

function rangeProblem(range: string, field: (typeof FIELDS)[number]): string | undefined {
  const [span = '', step, ...more] = range.split('/')
  const ends = span.split('-')
  if (more.length > 0) return `too many slashes: ${range}`
  if (ends.length > 2) return `too many hyphens: ${range}`
  let start = field.min
  let end = field.max
  if (ends[0] !== '*' && ends[0] !== '?') {
    const first = valueOf(ends[0] ?? '', field)
    if (first === undefined) return notANumber(ends[0] ?? '')
    const last = ends[1] === undefined ? undefined : valueOf(ends[1], field)
    if (ends[1] !== undefined && last === undefined) return notANumber(ends[1])
    start = first
    end = last ?? (step === undefined ? first : field.max)
  }
  if (step !== undefined && !/^\d+$/.test(step)) return notANumber(step)
  if (start < field.min)
    return `beginning of range (${start}) below minimum (${field.min}): ${range}`
  if (end > field.max) return `end of range (${end}) above maximum (${field.max}): ${range}`
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${range}`
  if (step === '0') return `step of range should be a positive number: ${range}`
  return undefined
}

function valueOf(text: string, field: (typeof FIELDS)[number]): number | undefined {
  const word = field.words.indexOf(text.toLowerCase())
  if (word >= 0) return word + field.min
  return /^\d+$/.test(text) ? Number(text) : undefined
}

function notANumber(text: string): string {
  return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`
}
