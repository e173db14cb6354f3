/** Values shorter than this are masked where they are quoted alone: they are parts of other words. */
const MIN_LENGTH = 4
const STARS = '*****'

/**
 * A message without the given values: each, and its base64, becomes stars. The longest go first, so
 * that no rest of one stays behind.
 */
export function maskSecrets(message: string, values: Iterable<string>): string {
  const sorted = [...new Set(values)].toSorted((a, b) => b.length - a.length)
  return sorted.reduce((text, value) => maskOne(text, value), message)
}

function maskOne(text: string, value: string): string {
  if (value.length >= MIN_LENGTH) {
    const base64 = Buffer.from(value).toString('base64')
    const escaped = JSON.stringify(value).slice(1, -1)
    return [value, escaped, base64].reduce((out, form) => out.replaceAll(form, STARS), text)
  }
  if (value === '') return text
  return text.replaceAll(`"${value}"`, `"${STARS}"`).replaceAll(`'${value}'`, `'${STARS}'`)
}
