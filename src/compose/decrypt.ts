import { runDecrypt } from '../cli/decrypt.ts'
import type { Io } from '../cli/io.ts'
import { diskTree } from '../files/index.ts'
import { systemCloudKeys } from './keys.ts'

/** `tidegate decrypt` on this machine. */
export function decrypt(argv: readonly string[], io: Io): Promise<number> {
  return runDecrypt(argv, io, { tree: diskTree('/'), cloudKeys: systemCloudKeys(io.env) })
}
