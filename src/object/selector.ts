import { Fault } from '../base/index.ts'

/** Says whether a set of labels is selected. */
export type LabelMatcher = (labels: Readonly<Record<string, string>> | undefined) => boolean

type Labels = Readonly<Record<string, string>>
type Requirement = (labels: Labels) => boolean

const NAME = '(?:[A-Za-z0-9][-A-Za-z0-9_./]*)'
const SET = new RegExp(`^(${NAME})\\s+(in|notin)\\s*\\(([^()]*)\\)$`)
const EQUAL = new RegExp(`^(${NAME})\\s*(==|=|!=)\\s*([-A-Za-z0-9_.]*)$`)
const ORDER = new RegExp(`^(${NAME})\\s*([<>])\\s*(-?\\d+)$`)
const EXISTS = new RegExp(`^(!?)\\s*(${NAME})$`)

/**
 * Reads a label selector in its text form (`a=b,c in (d,e),!f`). The empty text selects everything.
 * @throws Fault SELECTOR_SYNTAX
 * @see k8s.io/apimachinery/pkg/labels/selector.go
 */
export function parseSelector(text: string): LabelMatcher {
  const requirements = splitTop(text).map((part) => requirement(part, text))
  return (labels) => requirements.every((each) => each(labels ?? {}))
}

function requirement(part: string, whole: string): Requirement {
  const set = SET.exec(part)
  if (set !== null) {
    const [, key = '', operator, list = ''] = set
    const values = new Set(list.split(',').map((value) => value.trim()))
    return (labels) => {
      const value = labels[key]
      const found = value !== undefined && values.has(value)
      return operator === 'in' ? found : !found
    }
  }
  const equal = EQUAL.exec(part)
  if (equal !== null) {
    const [, key = '', operator, value = ''] = equal
    return (labels) => (operator === '!=' ? labels[key] !== value : labels[key] === value)
  }
  const order = ORDER.exec(part)
  if (order !== null) {
    const [, key = '', operator, bound = '0'] = order
    return (labels) => {
      const value = Number(labels[key] ?? Number.NaN)
      return operator === '>' ? value > Number(bound) : value < Number(bound)
    }
  }
  const exists = EXISTS.exec(part)
  if (exists !== null) {
    const [, not, key = ''] = exists
    return (labels) => Object.hasOwn(labels, key) === (not === '')
  }
  throw new Fault<'SELECTOR_SYNTAX'>({
    code: 'SELECTOR_SYNTAX',
    message: `unable to parse label selector ${JSON.stringify(whole)}: unexpected ${JSON.stringify(part)}`,
  })
}

function splitTop(text: string): string[] {
  if (text.trim() === '') return []
  return text.split(/,(?![^()]*\))/).map((part) => part.trim())
}
