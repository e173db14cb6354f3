import type { ApiResponse, Json, JsonObject, Transport } from '../../../src/object/index.ts'
import { isObject, valueAt } from '../../../src/object/index.ts'
import { settled } from '../admission/play.ts'
import { type Asking, askIn, namespaceNamed } from '../asking.ts'

/** One request of a case. */
export interface Change extends Asking {
  /** After it the server is given time to follow. */
  readonly settles?: boolean
  /** A watch: what it told is known at the end of the case. */
  readonly watches?: boolean
}

/** A definition and what becomes of it and its objects. */
export interface ChangeCase {
  readonly name: string
  readonly steps: readonly Change[]
}

/** What was answered to a step. */
export interface Answered {
  readonly step: string
  readonly status: number
  readonly warning: string
  readonly body: Json
}

/** Plays a case: the answers to its steps in order, then what its watches told. */
export async function playChanges(
  server: Transport,
  of: ChangeCase,
  settle: (after: Change) => Promise<void>,
): Promise<Answered[]> {
  await askIn(server, of.name, namespaceNamed(of.name))
  const told: Promise<Answered>[] = []
  const ends = new AbortController()
  const answers: Answered[] = []
  let revision = ''
  for (const step of of.steps) {
    if (step.watches === true) {
      const open = (): ReturnType<typeof askIn> => askIn(server, of.name, step, ends.signal)
      told.push(watched(step, await unlessNew(open, () => settle(step)), ends.signal))
      await new Promise((resolve) => setTimeout(resolve, 200))
      continue
    }
    const asked = inRevision(step, revision)
    const again = (): ReturnType<typeof askIn> => askIn(server, of.name, asked)
    const answer = await unlessNew(again, () => settle(step))
    const text = await answer.text()
    const value = parsed(text)
    const at = valueAt(value, 'metadata', 'resourceVersion')
    if (step.path.startsWith(`/apis/${of.name}.`) && typeof at === 'string') revision = at
    answers.push({
      step: `${step.method} ${step.path}`,
      status: answer.status,
      warning: settled(String(answer.headers['warning'] ?? '')),
      body: plain(parsed(settled(text))),
    })
    if (step.settles === true) await settle(step)
  }
  ends.abort()
  return [...answers, ...(await Promise.all(told))]
}

/** The real server begins a store anew for a moment after a definition changed. */
async function unlessNew(
  ask: () => Promise<ApiResponse>,
  settle: () => Promise<void>,
): Promise<ApiResponse> {
  let answer = await ask()
  for (let i = 0; answer.status === 429 && i < 5; i += 1) {
    await answer.text()
    await settle()
    answer = await ask()
  }
  return answer
}

async function watched(step: Change, answer: ApiResponse, signal: AbortSignal): Promise<Answered> {
  const events: Json[] = []
  let end = 'ended by the server'
  const { status } = answer
  try {
    for await (const line of answer.lines()) {
      const event = plain(parsed(settled(line)))
      if (!isObject(event) || event['type'] !== 'BOOKMARK') events.push(event)
    }
  } catch {
    end = 'open'
  }
  if (signal.aborted) end = 'open'
  return { step: `watch ${step.path}`, status, warning: '', body: { events, end } }
}

/** `{rv}` in a body stands for the revision that was answered last. */
function inRevision(step: Change, revision: string): Change {
  if (step.body === undefined) return step
  const text = JSON.stringify(step.body).replaceAll('{rv}', revision)
  return { ...step, body: JSON.parse(text) as Json }
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

/** A row without its age. */
function plainRow(row: JsonObject): JsonObject {
  const cells = row['cells'] as Json[]
  const isAge = (each: Json): boolean => typeof each === 'string' && /^\d+[smh]/.test(each)
  return { ...row, cells: cells.map((each) => (isAge(each) ? 'AGE' : each)) }
}

/** Conditions, causes, owners of fields and members come in any order. */
function plain(value: Json): Json {
  if (Array.isArray(value)) {
    const items = value.map((each: Json) => plain(each))
    const isNamed = items.every(
      (each) => isObject(each) && ('message' in each || 'fieldsType' in each),
    )
    return isNamed ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items
  }
  if (!isObject(value)) return value
  const out: Record<string, Json> = {}
  if (isObject(value['object']) && Array.isArray(value['cells'])) return plainRow(value)
  for (const key of Object.keys(value).sort()) out[key] = plain((value as JsonObject)[key] ?? null)
  return out
}
