import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApiServer } from '../../src/apiserver/index.ts'
import { systemClock, systemRandom } from '../../src/compose/system.ts'
import type { Transport } from '../../src/object/index.ts'
import { POLICY_CASES, WEBHOOK_CASES } from './admission/cases.ts'
import { type Hooks, startHooks } from './admission/hook.ts'
import { KNOWN } from './admission/known.ts'
import { type AdmissionCase, playAdmission, type Seen } from './admission/play.ts'
import { whyWithout } from './assets.ts'
import { type Kube, startKube } from './kube.ts'

const why = whyWithout('etcd', 'kube-apiserver')
const ADMIN = { name: 'admin', uid: 'admin', groups: ['system:masters'] }

describe.skipIf(why !== '')(`admission${why === '' ? '' : ` (${why})`}`, () => {
  let real: Kube
  let hooks: Hooks
  beforeAll(async () => {
    hooks = await startHooks()
    real = await startKube({ controllers: false })
  }, 60_000)
  afterAll(() => {
    hooks?.close()
    return real?.close()
  })

  test.each([
    ['webhooks', WEBHOOK_CASES],
    ['policies', POLICY_CASES],
  ] as const)(
    'both servers ask and answer the same: %s',
    async (_, cases) => {
      const wait = (ms: number) => (): Promise<void> =>
        new Promise((resolve) => setTimeout(resolve, ms))
      // The real server hears of policies a while after they are made.
      const theirs = await playAdmission(real.transport, cases, { hooks, pause: wait(5000) })
      const own = ownServer()
      const ours = await playAdmission(own.transport, cases, { hooks, pause: wait(0) })
      own.close()
      expect(differing(cases, theirs, ours)).toEqual(knownOf(cases))
    },
    300_000,
  )
})

function ownServer(): { readonly transport: Transport; close(): void } {
  const server = createApiServer(
    { clock: systemClock, random: systemRandom },
    { simulation: false, controllers: false, tokens: { token: ADMIN } },
  )
  const authorization = 'Bearer token'
  return {
    transport: {
      request: (request) =>
        server.request({ ...request, headers: { authorization, ...request.headers } }),
    },
    close: () => server.close(),
  }
}

/** Steps that differ, in whatever order members stand. */
function differing(
  cases: readonly AdmissionCase[],
  theirs: Record<string, readonly Seen[]>,
  ours: Record<string, readonly Seen[]>,
): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  for (const { name } of cases)
    for (const [i, want] of (theirs[name] ?? []).entries()) {
      const got = ours[name]?.[i]
      const key = `${name} $ ${i}`
      if (JSON.stringify(comparable(got)) === JSON.stringify(comparable(want))) continue
      found[key] = KNOWN[key] ?? { want, got }
    }
  return found
}

function knownOf(cases: readonly AdmissionCase[]): Record<string, unknown> {
  const names = new Set(cases.map(({ name }) => name))
  return Object.fromEntries(
    Object.entries(KNOWN).filter(([key]) => names.has(key.split(' $ ')[0] ?? '')),
  )
}

function comparable(seen: Seen | undefined): unknown {
  if (seen === undefined) return undefined
  return ordered({ ...seen, body: parsed(seen.body) })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (typeof value !== 'object' || value === null) return value
  const object = value as Record<string, unknown>
  return Object.fromEntries(
    Object.keys(object)
      .sort()
      .map((key) => [key, ordered(object[key])]),
  )
}
