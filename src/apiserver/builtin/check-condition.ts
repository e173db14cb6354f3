import type { JsonObject } from '../../object/index.ts'
import { formed, isZeroTime, items, number, text } from './check.ts'
import { duplicate, invalid, notSupported, required, tooLong } from './field-error.ts'
import { form, qualifiedName } from './names.ts'
import type { Cause } from './refusal.ts'

const LONGEST_REASON = 1024
const LONGEST_MESSAGE = 32 * 1024

const conditionReason = form({
  pattern: '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?',
  words:
    "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'",
  examples: ['my_name', 'MY_NAME', 'MyName', 'ReasonA,ReasonB', 'ReasonA:ReasonB'],
})

/**
 * Conditions in the form that all kinds share.
 * @see k8s.io/apimachinery pkg/apis/meta/v1/validation/validation.go ValidateConditions (v0.36.3)
 */
export function conditionCauses(value: JsonObject, path: string): Cause[] {
  const seen = new Set<string>()
  return items(value, 'conditions').flatMap((each, i) => {
    const place = `${path}[${i}]`
    const type = text(each, 'type')
    const again = seen.has(type) ? [duplicate(`${place}.type`, type)] : []
    seen.add(type)
    return [...again, ...conditionParts(each, place, type)]
  })
}

function conditionParts(each: JsonObject, place: string, type: string): Cause[] {
  const causes = formed(type, qualifiedName, `${place}.type`)
  const status = text(each, 'status')
  if (!['True', 'False', 'Unknown'].includes(status))
    causes.push(notSupported(`${place}.status`, status, ['False', 'True', 'Unknown']))
  const generation = number(each, 'observedGeneration') ?? 0
  if (generation < 0)
    causes.push(
      invalid(`${place}.observedGeneration`, generation, 'must be greater than or equal to zero'),
    )
  if (isZeroTime(each['lastTransitionTime'])) causes.push(required(`${place}.lastTransitionTime`))
  const reason = text(each, 'reason')
  if (reason === '') causes.push(required(`${place}.reason`))
  else {
    causes.push(...formed(reason, conditionReason, `${place}.reason`))
    if (Buffer.byteLength(reason) > LONGEST_REASON)
      causes.push(tooLong(`${place}.reason`, LONGEST_REASON))
  }
  if (Buffer.byteLength(text(each, 'message')) > LONGEST_MESSAGE)
    causes.push(tooLong(`${place}.message`, LONGEST_MESSAGE))
  return causes
}
