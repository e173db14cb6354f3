import type { JsonObject } from '../../../object/index.ts'
import { type Cause, dns1035Label, invalid, required } from '../../builtin/index.ts'
import { objectAt, textAt, textsAt } from './parts.ts'

const NAMES = ['plural', 'singular', 'kind', 'listKind']

/** Names that a definition has to have. */
export function requiredNames(spec: JsonObject): Cause[] {
  const names = objectAt(spec, 'names')
  return NAMES.filter((key) => textAt(names, key) === '').map((key) =>
    required(`spec.names.${key}`),
  )
}

/** What is wrong with the names of a kind. */
export function nameCauses(names: JsonObject, path: string): Cause[] {
  const causes: Cause[] = []
  for (const key of NAMES) {
    const value = textAt(names, key)
    const mixed = key === 'kind' || key === 'listKind'
    const problems = value === '' ? [] : dns1035Label(mixed ? value.toLowerCase() : value)
    const before = mixed ? 'may have mixed case, but should otherwise match: ' : ''
    if (problems.length > 0)
      causes.push(invalid(`${path}.${key}`, value, before + problems.join(',')))
  }
  for (const key of ['shortNames', 'categories'])
    for (const [i, value] of textsAt(names, key).entries()) {
      const problems = dns1035Label(value)
      if (problems.length > 0)
        causes.push(invalid(`${path}.${key}[${i}]`, value, problems.join(',')))
    }
  const kind = textAt(names, 'kind')
  if (kind !== '' && kind === textAt(names, 'listKind'))
    causes.push(invalid(`${path}.listKind`, kind, 'kind and listKind may not be the same'))
  return causes
}
