import type { Transform } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { tooLarge } from './http-client.ts'

/** Waits until a stream takes more, or nothing more at all. */
export function drained(stream: Transform): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done)
      stream.off('close', done)
      resolve()
    }
    stream.on('drain', done)
    stream.on('close', done)
  })
}

/**
 * Unpacks gzip while it comes. A source that fails is told of first, also where the packing was found
 * to be broken before: the source is read to its end for that.
 * @throws Fault HTTP_TOO_LARGE beyond `bytesMax` unpacked bytes
 */
export async function* unzipped(
  source: AsyncIterable<Uint8Array>,
  bytesMax: number,
): AsyncGenerator<Buffer> {
  const gunzip = createGunzip()
  const packed = source[Symbol.asyncIterator]()
  const feeding = feed(packed, gunzip)
  feeding.catch((error: unknown) => gunzip.destroy(error as Error))
  let length = 0
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > bytesMax) break
      yield chunk
    }
  } catch (error) {
    await feeding
    throw error
  } finally {
    gunzip.destroy()
  }
  if (length > bytesMax) throw tooLarge(length, bytesMax)
  await feeding
}

async function feed(
  packed: AsyncIterator<Uint8Array>,
  gunzip: ReturnType<typeof createGunzip>,
): Promise<void> {
  for (;;) {
    const next = await packed.next()
    if (next.done === true) break
    if (!gunzip.destroyed && !gunzip.write(next.value)) await drained(gunzip)
  }
  gunzip.end()
}
