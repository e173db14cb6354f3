import { expect, test } from 'vitest'
import { differing } from './admission/compare.ts'
import { playAdmission, type Seen } from './admission/play.ts'
import { describeBesideReal, pause } from './beside-real.ts'
import { CONVERSION_CASES } from './conversion/cases.ts'
import { ownServer } from './own-server.ts'

/** Steps that differ, and why; the key is `case $ number`. */
const KNOWN: readonly string[] = [
  // The real server asks the webhook before it looks for the revision that is missing.
  'down-v1 $ 8',
]

describeBesideReal('conversion by webhooks', (at) => {
  test('both servers answer the same, whatever the webhook does', async () => {
    const { real, hooks } = at()
    // The real server holds creations back for two seconds after a definition was established.
    const theirs = await playAdmission(real.transport, CONVERSION_CASES, {
      hooks,
      pause: () => pause(5000),
    })
    const own = ownServer({ controllers: false })
    const ours = await playAdmission(own.transport, CONVERSION_CASES, {
      hooks,
      pause: () => pause(200),
    })
    own.close()
    const found = differing(CONVERSION_CASES, answersOf(theirs), answersOf(ours))
    for (const key of KNOWN) delete found[key]
    expect(found).toEqual({})
  }, 300_000)
})

/** What was answered; how often a webhook is asked hangs on what a server keeps in memory. */
function answersOf(seen: Record<string, readonly Seen[]>): Record<string, readonly Seen[]> {
  return Object.fromEntries(
    Object.entries(seen).map(([name, steps]) => [
      name,
      steps.map((step) => ({ ...step, body: plain(step.body), asked: [] })),
    ]),
  )
}

/** Conflicts come in any order; a token to go on with is the server's own. */
function plain(text: string): string {
  const body = JSON.parse(text) as {
    details?: { causes?: { message?: string }[] }
    metadata?: { continue?: string }
  }
  body.details?.causes?.sort((a, b) => ((a.message ?? '') < (b.message ?? '') ? -1 : 1))
  if (body.metadata?.continue) body.metadata.continue = 'token'
  return JSON.stringify(body)
}
