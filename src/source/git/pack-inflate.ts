import { inflateSync } from 'node:zlib'
import { isFault, messageOf } from '../../base/index.ts'
import { gitFault } from './fault.ts'

/** Unpacks what begins a piece of bytes; `taken` says how many of them that took. */
export function inflateEntry(bytes: Buffer, size: number): { data: Buffer; taken: number } {
  try {
    const { buffer, engine } = inflateSync(bytes, {
      info: true,
      chunkSize: Math.max(64, size + 1),
      maxOutputLength: size + 1,
    }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } }
    if (buffer.length !== size) throw gitFault('GIT_PROTOCOL', 'object of another size')
    return { data: buffer, taken: engine.bytesWritten }
  } catch (error) {
    if (isFault(error)) throw error
    throw gitFault('GIT_PROTOCOL', `zlib: ${messageOf(error)}`, error)
  }
}

/** Says whether the bytes were good as far as they went. */
export function isCutOff(error: unknown): boolean {
  const cause: unknown = isFault(error) ? error.cause : undefined
  return cause instanceof Error && 'code' in cause && cause.code === 'Z_BUF_ERROR'
}
