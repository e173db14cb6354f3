import type { Json, JsonObject } from '../object/index.ts'
import type { Ask } from './ask.ts'
import { invalid, type StatusCause } from './status.ts'
import { goQuoted } from './wire/go-json.ts'

/** What to do about unknown and doubled fields. */
export type Strictness = 'Ignore' | 'Strict' | 'Warn'

/** What the client asks about unknown fields; to be warned, unless it says. */
export function strictness(ask: Ask): Strictness {
  const asked = ask.query.get('fieldValidation') ?? ''
  return asked === 'Ignore' || asked === 'Strict' ? asked : 'Warn'
}

/** What admission is told of the options of a write, beside `dryRun`. */
export function optionsIn({ query }: Pick<Ask, 'query'>): JsonObject {
  const [fieldManager, fieldValidation] = [query.get('fieldManager'), query.get('fieldValidation')]
  return {
    ...(fieldManager === null || fieldManager === '' ? {} : { fieldManager }),
    ...(fieldValidation === null || fieldValidation === '' ? {} : { fieldValidation }),
  }
}

/**
 * Checks the options that writes have in common.
 * @throws StatusFault 422
 */
export function checkOptions(
  ask: Ask,
  of: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'apply',
): void {
  const { query } = ask
  const causes: StatusCause[] = []
  const manager = query.get('fieldManager') ?? ''
  if (of === 'apply' && manager === '')
    causes.push({
      reason: 'FieldValueRequired',
      message: 'Required value: is required for apply patch',
      field: 'fieldManager',
    })
  if (of === 'PatchOptions' && query.get('force') !== null)
    causes.push({
      reason: 'FieldValueForbidden',
      message: 'Forbidden: may not be specified for non-apply patch',
      field: 'force',
    })
  if (manager.length > 128)
    causes.push({
      reason: 'FieldValueTooLong',
      message: 'Too long: may not be more than 128 bytes',
      field: 'fieldManager',
    })
  causes.push(...unprintable(manager), ...badDryRun(query.getAll('dryRun')))
  const validation = query.get('fieldValidation') ?? ''
  if (!['', 'Ignore', 'Strict', 'Warn'].includes(validation))
    causes.push(unsupported('fieldValidation', validation, '"", "Ignore", "Strict", "Warn"'))
  if (causes.length === 0) return
  const kind = of === 'apply' ? 'PatchOptions' : of
  throw invalid({ group: 'meta.k8s.io', kind }, '', causes)
}

/** Characters in the name of a manager that nobody can see. */
function unprintable(manager: string): StatusCause[] {
  const causes: StatusCause[] = []
  let at = 0
  for (const character of manager) {
    if (/[\p{C}\p{Z}]/u.test(character) && character !== ' ') {
      const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
      causes.push({
        reason: 'FieldValueInvalid',
        message: `Invalid value: ${goQuoted(manager)}: invalid character U+${code} (at position ${at})`,
        field: 'fieldManager',
      })
    }
    at += Buffer.byteLength(character)
  }
  return causes
}

/** What a dry run may be called. */
export function badDryRun(values: readonly Json[]): StatusCause[] {
  return values.every((each) => each === 'All') ? [] : [unsupported('dryRun', values, '"All"')]
}

function unsupported(field: string, value: unknown, supported: string): StatusCause {
  return {
    reason: 'FieldValueNotSupported',
    message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported}`,
    field,
  }
}
