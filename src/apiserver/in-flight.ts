import type { Soon } from './convert/convert.ts'
import type { User } from './core.ts'
import { type Answer, answerText } from './wire/respond.ts'

/** How many requests may be under way at a time; zero: as many as come. */
export interface InFlightMax {
  readonly reading: number
  readonly writing: number
}

/** What `--max-requests-inflight` and `--max-mutating-requests-inflight` are by default. */
const AS_USUAL: InFlightMax = { reading: 400, writing: 200 }

/** Who is always answered. */
const MASTERS = 'system:masters'

/**
 * Counts the requests that are under way, watches and connections apart. Few are at a time, for what
 * needs nobody else is done at once; but those that wait for webhooks would be held without end.
 * @see k8s.io/apiserver pkg/server/filters/maxinflight.go (v0.36.3)
 */
export class InFlight {
  readonly #max: InFlightMax
  #reading = 0
  #writing = 0

  constructor(max: InFlightMax = AS_USUAL) {
    this.#max = max
  }

  /**
   * Answers a request, unless there is no room; who has all rights is let in anyway. What is done at
   * once is never under way beside another.
   */
  during(isWrite: boolean, user: User, answer: () => Soon<Answer>): Soon<Answer> {
    const max = isWrite ? this.#max.writing : this.#max.reading
    const there = isWrite ? this.#writing : this.#reading
    if (max > 0 && there >= max && !user.groups.includes(MASTERS)) return tooManyRequests()
    const answered = answer()
    if (!(answered instanceof Promise)) return answered
    this.#count(isWrite, 1)
    return answered.finally(() => this.#count(isWrite, -1))
  }

  #count(isWrite: boolean, by: 1 | -1): void {
    if (isWrite) this.#writing += by
    else this.#reading += by
  }
}

function tooManyRequests(): Answer {
  const answer = answerText(429, 'Too many requests, please try again later.\n')
  return { ...answer, headers: { ...answer.headers, 'retry-after': '1' } }
}
