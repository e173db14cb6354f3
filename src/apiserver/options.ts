import type { Ask } from './ask.ts'
import { invalid, type StatusCause } from './status.ts'

/** What to do about unknown and doubled fields. */
export type Strictness = 'Ignore' | 'Strict' | 'Warn'

/** What the client asks about unknown fields; to be warned, unless it says. */
export function strictness(ask: Ask): Strictness {
  const asked = ask.query.get('fieldValidation') ?? ''
  return asked === 'Ignore' || asked === 'Strict' ? asked : 'Warn'
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
  const dryRun = query.getAll('dryRun')
  if (dryRun.some((each) => each !== 'All' && each !== ''))
    causes.push(unsupported('dryRun', dryRun, '"All"'))
  const validation = query.get('fieldValidation') ?? ''
  if (!['', 'Ignore', 'Strict', 'Warn'].includes(validation))
    causes.push(unsupported('fieldValidation', validation, '"", "Ignore", "Strict", "Warn"'))
  if (causes.length === 0) return
  const kind = of === 'apply' ? 'PatchOptions' : of
  throw invalid({ group: 'meta.k8s.io', kind }, '', causes)
}

function unsupported(field: string, value: unknown, supported: string): StatusCause {
  return {
    reason: 'FieldValueNotSupported',
    message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported}`,
    field,
  }
}
