import type { AdmissionCase } from './play.ts'
import { CHANGING } from './policy-changes.ts'
import { CHECKING } from './policy-checks.ts'
import { ANSWERS } from './webhook-answers.ts'
import { MATCHING } from './webhook-matching.ts'
import { PATCHES } from './webhook-patches.ts'
import { REVIEWS } from './webhook-reviews.ts'

/** All cases of webhooks. */
export const WEBHOOK_CASES: readonly AdmissionCase[] = [
  ...REVIEWS,
  ...ANSWERS,
  ...PATCHES,
  ...MATCHING,
]

/** All cases of policies. */
export const POLICY_CASES: readonly AdmissionCase[] = [...CHECKING, ...CHANGING]
