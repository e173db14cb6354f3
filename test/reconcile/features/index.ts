import { acl } from './acl.ts'
import { decryptor } from './decryptor.ts'
import { deletionPolicy } from './deletion-policy.ts'
import { dependson } from './dependson.ts'
import { disallowedManagers } from './disallowed-managers.ts'
import { driftIgnore } from './drift-ignore.ts'
import { externalartifact } from './externalartifact.ts'
import { force } from './force.ts'
import { history } from './history.ts'
import { impersonation } from './impersonation.ts'
import { inventory } from './inventory.ts'
import { originRevision } from './origin-revision.ts'
import { patchDelete } from './patch-delete.ts'
import { prune } from './prune.ts'
import { pruneSurvivors } from './prune-survivors.ts'
import { rbac } from './rbac.ts'
import type { Feature } from './suite.ts'
import { transformer } from './transformer.ts'
import { validation } from './validation.ts'
import { varsub } from './varsub.ts'
import { wait } from './wait.ts'

/** The suites of the reconciler's features, by the names that Flux has for them. */
export const FEATURES: Readonly<Record<string, Feature>> = {
  acl,
  decryptor,
  'deletion-policy': deletionPolicy,
  dependson,
  'disallowed-managers': disallowedManagers,
  'drift-ignore': driftIgnore,
  externalartifact,
  force,
  history,
  impersonation,
  inventory,
  'origin-revision': originRevision,
  'patch-delete': patchDelete,
  prune,
  'prune-survivors': pruneSurvivors,
  rbac,
  transformer,
  validation,
  varsub,
  wait,
}
