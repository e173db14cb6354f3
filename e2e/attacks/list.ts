import { ARCHIVES } from './archives.ts'
import type { Attack } from './attack.ts'
import { BOMBS } from './bombs.ts'
import { EXPRESSIONS } from './expressions.ts'
import { FILES } from './files.ts'
import { FLOODS } from './floods.ts'
import { HOOKS } from './hooks.ts'
import { FETCHES, LIES, ORACLES } from './lies.ts'
import { REFERENCES } from './references.ts'
import { REMOTES } from './remotes.ts'
import { LEAKS, SECRETS } from './secrets.ts'
import { SERVERS } from './servers.ts'
import { SHAPES } from './shapes.ts'
import { SOURCES } from './sources.ts'
import { SWITCHES } from './switches.ts'
import { VARIABLES } from './variables.ts'
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
  ...SERVERS,
  ...ARCHIVES,
  ...VARIABLES,
  ...EXPRESSIONS,
  ...SWITCHES,
  ...FLOODS,
  ...LEAKS,
  ...SECRETS,
  ...BOMBS,
  ...WAITS,
]
