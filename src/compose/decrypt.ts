import { runDecrypt } from '../cli/decrypt.ts'
import type { Io } from '../cli/io.ts'
import { diskTree } from '../files/index.ts'
import { cloudKeys, fetchHttp } from '../keys/index.ts'
import { systemClock, systemRandom } from './system.ts'

/** `tidegate decrypt` on this machine. */
export function decrypt(argv: readonly string[], io: Io): Promise<number> {
  const parts = { clock: systemClock, random: systemRandom, http: fetchHttp(systemClock) }
  return runDecrypt(argv, io, {
    tree: diskTree('/'),
    cloudKeys: (own) => cloudKeys({ credentials: {}, own, ...parts }),
  })
}
