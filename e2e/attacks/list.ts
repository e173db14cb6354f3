import type { Attack } from './attack.ts'
import { BOMBS } from './bombs.ts'
import { FILES } from './files.ts'
import { HOOKS } from './hooks.ts'
import { FETCHES, LIES, ORACLES } from './lies.ts'
import { REFERENCES } from './references.ts'
import { REMOTES } from './remotes.ts'
import { LEAKS, SECRETS } from './secrets.ts'
import { SHAPES } from './shapes.ts'
import { SOURCES } from './sources.ts'
import { WAITS } from './waits.ts'
import { WRITES } from './writes.ts'

/** Every attack that is played. */
export const ATTACKS: readonly Attack[] = [
  ...REFERENCES,
  ...REMOTES,
  ...WRITES,
  ...FILES,
  ...SOURCES,
  ...FETCHES,
  ...SHAPES,
  ...LIES,
  ...ORACLES,
  ...HOOKS,
  ...LEAKS,
  ...SECRETS,
  ...BOMBS,
  ...WAITS,
]
