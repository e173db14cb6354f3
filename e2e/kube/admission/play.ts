import type { JsonObject, Transport } from '../../../src/object/index.ts'
import { type Asking, askIn, namespaceNamed } from '../asking.ts'
import type { Asked, Hooks } from './hook.ts'

/** One request of a case. */
export type Step = Asking

/** What is there before, in the namespace or for all, and what is then asked. */
export interface AdmissionCase {
  readonly name: string
  /** Made before any case begins: configurations and policies take a while to be heard of. */
  readonly setup: (hooks: Hooks, namespace: string) => readonly Step[]
  readonly steps: readonly Step[]
}

/** What a server answered, and what it asked of webhooks meanwhile. */
export interface Seen {
  readonly step: string
  readonly status: number
  readonly warning: string
  readonly body: string
  readonly asked: readonly Asked[]
}

/** Plays all cases on one server: first what they set up, then, a while later, their steps. */
export async function playAdmission(
  server: Transport,
  cases: readonly AdmissionCase[],
  { hooks, pause }: { readonly hooks: Hooks; readonly pause: () => Promise<void> },
): Promise<Record<string, readonly Seen[]>> {
  const wrong: string[] = []
  for (const each of cases) {
    const setup = [namespaceNamed(each.name), ...each.setup(hooks, each.name)]
    for (const step of setup) {
      const answer = await askIn(server, each.name, step)
      const text = await answer.text()
      if (answer.status >= 300) wrong.push(`${each.name}: ${step.path}: ${text}`)
    }
  }
  if (wrong.length > 0) throw new Error(wrong.join('\n'))
  await pause()
  hooks.asked()
  const out: Record<string, readonly Seen[]> = {}
  for (const each of cases) {
    const seen: Seen[] = []
    for (const step of each.steps) {
      const answer = await askIn(server, each.name, step)
      const body = await answer.text()
      await untilCached(server, step.path.replaceAll('{ns}', each.name), body)
      seen.push({
        step: `${step.method} ${step.path}`,
        status: answer.status,
        warning: settled(warningOf(answer.headers['warning'])),
        body: settled(body),
        asked: hooks.asked().map(settledAsked),
      })
    }
    out[each.name] = seen
  }
  return out
}

const COLLECTION = /^\/(?:api\/v1|apis\/[^/]+\/[^/]+)(?:\/namespaces\/[^/?]+(?=\/))?\/[^/?]+/

/**
 * Waits until what was written is in the cache of the server: with an older object from there the real
 * one asks its webhooks twice.
 */
async function untilCached(server: Transport, path: string, body: string): Promise<void> {
  const version = /"resourceVersion":"(\d+)"/.exec(body)?.[1]
  const [collection] = COLLECTION.exec(path) ?? []
  if (version === undefined || collection === undefined) return
  const fresh = `resourceVersion=${version}&resourceVersionMatch=NotOlderThan&limit=1`
  const list = await server.request({ method: 'GET', path: `${collection}?${fresh}` })
  await list.text()
}

function settledAsked(asked: Asked): Asked {
  return { ...asked, body: JSON.parse(settled(JSON.stringify(asked.body))) as JsonObject }
}

/** What is chance, and what stands in its place. */
const CHANCE: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, 'UID'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME'],
  [/("(?:resourceVersion|clusterIP|token)\\?":\\?")[^"\\]*/g, '$1X'],
  [/("clusterIPs":\[")[^"]*/g, '$1X'],
  [/\b127\.0\.0\.1:\d+->/g, 'FROM->'],
  // Of several bindings that allow it the real server tells any.
  [/RBAC: allowed by (?:[^"\\]|\\.)*/g, 'RBAC: allowed by ONE'],
  [/https:\/\/127\.0\.0\.1:\d+/g, 'HOOKS'],
  [/\bmade-[a-z0-9]{5}\b/g, 'made-RANDOM'],
]

/** An answer without what is chance. */
export function settled(text: string): string {
  return CHANCE.reduce((result, [pattern, word]) => result.replaceAll(pattern, word), text)
}

/** Node reads a byte of a header as a letter; what came over a network is UTF-8. */
function warningOf(header: string | readonly string[] | undefined): string {
  const text = String(header ?? '')
  const read = /^[\t-\u00ff]*$/.test(text) ? Buffer.from(text, 'latin1').toString('utf8') : text
  return read.includes('\ufffd') ? text : read
}
