/** Texts by their letters (code points), as Go's runes; most texts have no letter of two units. */
const WIDE = /[\ud800-\udfff]/

/** How many letters a text has. */
export function lettersIn(text: string): number {
  if (!WIDE.test(text)) return text.length
  let count = 0
  for (const _ of text) count += 1
  return count
}

/** The place in a text that comes before a letter, by the letter's number. */
export function unitAt(text: string, letter: number): number {
  if (!WIDE.test(text)) return Math.min(letter, text.length)
  let unit = 0
  for (let i = 0; i < letter && unit < text.length; i += 1)
    unit += (text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1
  return unit
}
