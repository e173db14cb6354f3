import { isFault } from '../base/index.ts'
import {
  type LabelMatcher,
  type LabelRequirement,
  parseSelector,
  type SelectorWords,
} from '../object/index.ts'
import { labelValue, qualifiedName } from './builtin/index.ts'
import { badRequest } from './status.ts'
import { goQuoted } from './wire/go-json.ts'

/**
 * Reads the label selector of a request; the empty one selects everything.
 * @throws StatusFault 400, in the words of the API server
 * @see k8s.io/apimachinery pkg/labels/selector.go (v0.36.3)
 */
export function labelsOf(text: string): LabelMatcher {
  try {
    return parseSelector(text, WORDS)
  } catch (error) {
    if (isFault(error)) throw badRequest(error.message)
    throw error
  }
}

const WORDS: SelectorWords = {
  operators: 'in, notin, =, ==, !=, gt, lt',
  key: (key) => {
    const wrong = qualifiedName(key)
    // The key is looked at before there is a path to say where it stands.
    return wrong.length === 0 ? undefined : invalid('<nil>', key, wrong.join('; '))
  },
  requirement: (of) => {
    const wrong = [...unordered(of), ...badValues(of)]
    return wrong.length > 1 ? `[${wrong.join(', ')}]` : wrong[0]
  },
}

const WHOLE_MAX = 2n ** 63n

/** What is to be compared has to be a number of 64 bits. */
function unordered({ operator, values }: LabelRequirement): string[] {
  if (operator !== '<' && operator !== '>') return []
  return values.flatMap((value, i) =>
    /^[-+]?\d+$/.test(value) && BigInt(value.replace('+', '')) < WHOLE_MAX
      ? []
      : [invalid(`values[${i}]`, value, "for 'Gt', 'Lt' operators, the value must be an integer")],
  )
}

function badValues({ key, values }: LabelRequirement): string[] {
  return values.flatMap((value, i) => {
    const wrong = labelValue(value)
    return wrong.length === 0 ? [] : [invalid(`values[${i}][${key}]`, value, wrong.join('; '))]
  })
}

function invalid(path: string, value: string, why: string): string {
  return `${path}: Invalid value: ${goQuoted(value)}: ${why}`
}
