import type { Attack } from './attack.ts'
import { BOMBS } from './bombs.ts'
import { FILES } from './files.ts'
import { REFERENCES } from './references.ts'
import { LEAKS, SECRETS } from './secrets.ts'
import { SOURCES } from './sources.ts'
import { WAITS } from './waits.ts'
import { WRITES } from './writes.ts'

/** Every attack that is played. */
export const ATTACKS: readonly Attack[] = [
  ...REFERENCES,
  ...WRITES,
  ...FILES,
  ...SOURCES,
  ...LEAKS,
  ...SECRETS,
  ...BOMBS,
  ...WAITS,
]
