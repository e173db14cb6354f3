import { substituteFault } from './faults.ts'

/** Steps of glob matching that are left. */
export interface Budget {
  steps: number
}

/** What one text may become: far above what etcd would take. */
const MAX_OUTPUT_LENGTH = 16 * 1024 * 1024

/** @throws Fault SUBSTITUTION_LIMIT for a text that would be longer than any text may be */
export function checkLength(length: number): void {
  if (length > MAX_OUTPUT_LENGTH)
    throw substituteFault(
      'SUBSTITUTION_LIMIT',
      `the result is longer than ${MAX_OUTPUT_LENGTH} characters`,
    )
}
