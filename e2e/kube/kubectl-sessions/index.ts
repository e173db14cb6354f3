import type { Scenario } from '../kubectl-files.ts'
import { MOVING, PRUNING } from './applying.ts'
import { ASKS } from './asking.ts'
import { DELETING } from './deleting.ts'
import { EDITING } from './editing.ts'
import { EXPLAINING } from './explaining.ts'
import { MACHINES } from './machines.ts'
import { NODES } from './nodes.ts'
import { RAW } from './raw.ts'
import { RIGHTS } from './rights.ts'
import { WAITING } from './waiting.ts'

/** What people do one thing after another, with what goes wrong on the way. */
export const SESSIONS: readonly Scenario[] = [
  MOVING,
  PRUNING,
  EDITING,
  WAITING,
  DELETING,
  RIGHTS,
  RAW,
  ASKS,
  ...EXPLAINING,
  MACHINES,
  NODES,
]
