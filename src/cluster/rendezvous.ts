import { createHash } from 'node:crypto'
import { compareText } from '../base/index.ts'

/**
 * The member that an id belongs to: the one that scores highest for it. When a member comes or goes,
 * only what it gains or had changes hands. `undefined` without members.
 * @see Thaler and Ravishankar, "A name-based mapping scheme for rendezvous" (1996)
 */
export function ownerOf(members: readonly string[], id: string): string | undefined {
  let best: { readonly member: string; readonly score: string } | undefined
  for (const member of members) {
    const score = scoreOf(member, id)
    const order = best === undefined ? 1 : compareText(score, best.score)
    // Equal scores would take a broken hash; the name decides, so that all agree.
    if (order > 0 || (order === 0 && compareText(member, best?.member ?? '') > 0))
      best = { member, score }
  }
  return best?.member
}

function scoreOf(member: string, id: string): string {
  return createHash('sha1').update(`${member}\n${id}`).digest('hex')
}

/** The same for one set of members, remembering what was asked. */
export function ownership(members: readonly string[]): (id: string) => string | undefined {
  const known = new Map<string, string | undefined>()
  return (id) => {
    const found = known.get(id)
    if (found !== undefined) return found
    if (known.size >= IDS_MAX) known.clear()
    const owner = ownerOf(members, id)
    known.set(id, owner)
    return owner
  }
}

/** Ids remembered of one set of members. */
const IDS_MAX = 100_000
