import {
  type ApiResponse,
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type Transport,
} from '../../../src/object/index.ts'
import {
  type ContractAnswer,
  type ContractCase,
  playCase,
} from '../../../test/kit/cluster-contract.ts'

/** Plays a case on both servers: what the embedded one answers, what the real one does. */
export function playReading(
  on: { readonly own: Transport; readonly real: Transport },
  of: ContractCase,
): Promise<[ContractAnswer[], ContractAnswer[]]> {
  const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50))
  return Promise.all([playCase(blurred(on.own), of, pause), playCase(blurred(on.real), of, pause)])
}

/** Tells a server of a custom kind, unless it knows it of an earlier run. */
export async function define(server: Transport, definition: JsonObject): Promise<void> {
  const answer = await server.request({
    method: 'POST',
    path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(definition),
  })
  if (![201, 409].includes(answer.status)) throw new Error(`defining answers ${answer.status}`)
}

/** A server without what counts the writes of others, or time. */
function blurred(server: Transport): Transport {
  return {
    request: async (request) => {
      const answer = await server.request(request)
      return answer.status === 200 && isWatch(request.path) ? withoutCounts(answer) : aged(answer)
    },
  }
}

function isWatch(path: string): boolean {
  return /[?&]watch=(?:1|true|no)|\/watch\//.test(path)
}

function aged(answer: ApiResponse): ApiResponse {
  return { ...answer, text: async () => plain(await answer.text()) }
}

/** Ages, and revisions that messages tell. */
function plain(text: string): string {
  return text
    .replaceAll(/"\d+s"/g, '"<age>"')
    .replaceAll(/(too old resource version: \d+ \()\d+/g, '$1<rv>')
    .replaceAll(/(in the precondition \()\d+\)/g, '$1<rv>)')
}

function withoutCounts(answer: ApiResponse): ApiResponse {
  return {
    ...answer,
    lines: async function* () {
      for await (const line of answer.lines()) {
        const event = JSON.parse(plain(line)) as Json
        const isBookmark = isObject(event) && event['type'] === 'BOOKMARK'
        // Whether one more is told before the end of a short watch is a matter of luck.
        if (isBookmark && !line.includes('initial-events-end')) continue
        yield JSON.stringify(isBookmark ? mark(event) : event)
      }
    },
  }
}

function mark(value: Json): Json {
  if (isArray(value)) return value.map(mark)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      key,
      key === 'resourceVersion' ? '<any>' : mark(child ?? null),
    ]),
  )
}
