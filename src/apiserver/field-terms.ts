import { compareText } from '../base/index.ts'
import { badRequest } from './status.ts'

/** One term of a field selector. */
export interface FieldTerm {
  readonly field: string
  readonly value: string
  /** Whether the field is to have the value, or not to. */
  readonly isWanted: boolean
}

/**
 * Reads a field selector into its terms, in the order of their texts.
 * @throws StatusFault 400
 * @see k8s.io/apimachinery pkg/fields/selector.go parseSelector (v0.36.3)
 */
export function fieldTerms(selector: string): FieldTerm[] {
  return parts(selector)
    .sort(compareText)
    .filter((part) => part !== '')
    .map((part) => {
      const match = /^(.*?)(!=|==|=)(.*)$/s.exec(part)
      if (match === null)
        throw badRequest(`invalid selector: '${selector}'; can't understand '${part}'`)
      const [, field = '', operator, value = ''] = match
      return { field, value: unescaped(value), isWanted: operator !== '!=' }
    })
    .filter(({ field, value }) => field !== '' || value !== '')
}

/** The texts between commas that no backslash stands before. */
function parts(selector: string): string[] {
  return selector.match(/(?:\\.|[^,\\]|\\$)+/gs) ?? []
}

function unescaped(value: string): string {
  if (!/[\\,=]/.test(value)) return value
  let out = ''
  for (let i = 0; i < value.length; i += 1) {
    const character = value[i] ?? ''
    // Go writes the character as its number.
    if (character === ',' || character === '=')
      throw badRequest(
        `invalid field selector: unescaped character in value: ${character.codePointAt(0)}`,
      )
    if (character !== '\\') {
      out += character
      continue
    }
    i += 1
    const escaped = String.fromCodePoint(...[value.codePointAt(i) ?? []].flat())
    if (!/^[\\,=]$/.test(escaped))
      throw badRequest(`invalid field selector: invalid escape sequence: \\${escaped}`)
    out += escaped
  }
  return out
}
