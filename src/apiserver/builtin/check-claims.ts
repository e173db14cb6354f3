import type { JsonObject } from '../../object/index.ts'
import { formed, items, text } from './check.ts'
import { duplicate, notFound, required } from './field-error.ts'
import { dnsLabel } from './names.ts'
import type { Cause } from './refusal.ts'

/** What a container claims of its pod's devices. */
export function containerClaimCauses(
  resources: JsonObject,
  path: string,
  known: ReadonlySet<string>,
): Cause[] {
  const seen = new Set<string>()
  return items(resources, 'claims').flatMap((claim, i) => {
    const place = `${path}.claims[${i}]`
    const name = text(claim, 'name')
    if (name === '') return [required(place)]
    const request = text(claim, 'request')
    const causes: Cause[] = []
    if (seen.has(name)) causes.push(duplicate(place, name))
    else {
      const key = request === '' ? name : `${name}/${request}`
      if (request !== '') causes.push(...formed(request, dnsLabel, `${place}.request`))
      if (seen.has(key)) causes.push(duplicate(place, key))
      else if (request === '')
        for (const other of seen)
          if (other.startsWith(`${name}/`)) causes.push(duplicate(place, name))
      seen.add(key)
    }
    if (!known.has(name)) causes.push(unknownClaim(place, name, known))
    return causes
  })
}

function unknownClaim(place: string, name: string, known: ReadonlySet<string>): Cause {
  const { message, ...cause } = notFound(place, name)
  const which = known.size === 0 ? ' which is empty' : `: ${[...known].sort().join(', ')}`
  return {
    ...cause,
    message: `${message}: must be one of the names in pod.spec.resourceClaims${which}`,
  }
}
