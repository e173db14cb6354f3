/** Values shorter than this are masked where they are quoted alone: they are parts of other words. */
const MIN_LENGTH = 4
/** Single lines shorter than this are words that stand anywhere: `key: |`, `-----`. */
const MIN_LINE_LENGTH = 8
const STARS = '*****'

/**
 * A message without the given values: each, and its base64, becomes stars. The longest go first, so
 * that no rest of one stays behind.
 */
export function maskSecrets(message: string, values: Iterable<string>): string {
  const all = [...values].flatMap((value) => [value, ...linesOf(value)])
  const sorted = [...new Set(all)].toSorted((a, b) => b.length - a.length)
  return sorted.reduce((text, value) => maskOne(text, value), message)
}

/** A text of several lines may be quoted line by line. */
function linesOf(value: string): string[] {
  if (!value.includes('\n')) return []
  return value
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.length >= MIN_LINE_LENGTH)
}

function maskOne(text: string, value: string): string {
  if (value.length >= MIN_LENGTH) {
    const base64 = Buffer.from(value).toString('base64')
    const escaped = JSON.stringify(value).slice(1, -1)
    // An API server quotes what it quoted once more.
    const twice = JSON.stringify(escaped).slice(1, -1)
    const forms = [value, twice, escaped, base64, base64.replace(/=+$/, '')]
    return forms.reduce((out, form) => out.replaceAll(form, STARS), text)
  }
  if (value === '') return text
  return text.replaceAll(`"${value}"`, `"${STARS}"`).replaceAll(`'${value}'`, `'${STARS}'`)
}
