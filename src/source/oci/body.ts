import { isFault } from '../../base/index.ts'
import { type HttpAnswer, readBody } from '../http-client.ts'
import { type OciCode, ociFault } from './fault.ts'

/** How a piece of content is asked for, and how it is told when it cannot be had. */
export interface Telling {
  readonly code: OciCode
  /** Goes before what is said. */
  readonly what?: string
}

/**
 * Reads an answer that is small.
 * @throws Fault with the code of `telling` where it is not
 */
export async function readSmall(
  answer: HttpAnswer,
  bytesMax: number,
  { code, what = '' }: Telling,
): Promise<Buffer> {
  try {
    return await readBody(answer.body, bytesMax)
  } catch (error) {
    if (!isFault(error, 'HTTP_TOO_LARGE')) throw error
    throw ociFault(code, `${what}${error.message}`, error)
  }
}
