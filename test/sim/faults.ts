import { Fault, type Random } from '../../src/base/index.ts'
import type { ApiRequest, ApiResponse, Transport } from '../../src/object/index.ts'
import { noteWrite } from './invariants.ts'
import type { World } from './world.ts'

/** The way of one process to the server: answers that go wrong, watches that fall silent, its death. */
export function troubled(transport: Transport, end: AbortSignal, world: () => World): Transport {
  let isDead = false
  const die = (): never => {
    isDead = true
    world().isCrashed = true
    throw unreachable()
  }
  return {
    request: async (request) => {
      if (isDead || end.aborted) throw unreachable()
      const state = world()
      const isWrite = request.method !== 'GET' && !request.path.includes('dryRun')
      // Before the write is made, or after it and before its answer.
      const isLast = isWrite && countDown(state)
      const isMade = isLast && state.random.next() < 0.5
      if (isLast && !isMade) die()
      const fault = isLast ? undefined : drawFault(state, request)
      if (fault === 'before') throw unreachable()
      if (fault !== undefined && fault !== 'after') return fault
      if (isWrite) noteWrite(state, request)
      const response = await transport.request(request)
      if (isLast) die()
      if (fault === 'after') throw unreachable()
      return isWatch(request) ? fickle(response, state) : response
    },
  }
}

function countDown(state: World): boolean {
  state.crashAfter -= 1
  return state.crashAfter === -1
}

function isWatch(request: ApiRequest): boolean {
  return request.path.includes('watch=true')
}

function drawFault(
  state: World,
  request: ApiRequest,
): ApiResponse | 'before' | 'after' | undefined {
  if (!state.isTroubled) return undefined
  const draw = state.random.next()
  if (draw < 0.04) return 'before'
  if (isWatch(request)) return undefined
  if (draw < 0.08) return 'after'
  if (draw < 0.12) return answer(500, 'InternalError')
  if (draw < 0.16) return answer(429, 'TooManyRequests')
  return draw < 0.2 && request.method === 'PATCH' ? answer(409, 'Conflict') : undefined
}

/** A watch that may break off, and that tells nothing while the world is silent. */
function fickle(response: ApiResponse, state: World): ApiResponse {
  return {
    ...response,
    lines: async function* () {
      for await (const line of response.lines()) {
        if (state.isSilent) await new Promise(() => undefined)
        yield line
        if (state.isTroubled && breaksOff(state.random)) throw unreachable()
      }
    },
  }
}

function breaksOff(random: Random): boolean {
  return random.next() < 0.02
}

function unreachable(): Fault {
  return new Fault({ code: 'UNREACHABLE', message: 'connection refused' })
}

function answer(status: number, reason: string): ApiResponse {
  const body = {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    reason,
    message: reason,
    code: status,
  }
  return {
    status,
    headers: { 'content-type': 'application/json', 'retry-after': '1' },
    text: () => Promise.resolve(JSON.stringify(body)),
    lines: async function* () {
      yield JSON.stringify(body)
    },
  }
}
