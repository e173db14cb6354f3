import { compareText } from '../../base/index.ts'
import { BASELINE } from './pod-security-baseline.ts'
import type { Check, PodParts, Violation } from './pod-security-parts.ts'
import { RESTRICTED } from './pod-security-restricted.ts'

export type { PodParts, Violation } from './pod-security-parts.ts'

/** The levels of the Pod Security Standards. */
export type Level = 'privileged' | 'baseline' | 'restricted'

/**
 * Everything by which a pod violates a level of a version; `minor` is that of Kubernetes 1.x.
 * @see k8s.io/pod-security-admission policy (v0.36.3)
 */
export function violations(level: Level, minor: number, pod: PodParts): Violation[] {
  if (level === 'privileged') return []
  const names = Object.keys(BASELINE).sort(compareText)
  const strict = Object.keys(RESTRICTED).sort(compareText)
  const found: Violation[] = []
  const look = (check: Check | undefined): void => {
    const violation = check?.(pod, minor)
    if (violation !== undefined) found.push(violation)
  }
  for (const name of names)
    if (level === 'baseline' || !isOverridden(name, minor)) look(BASELINE[name])
  if (level === 'restricted') for (const name of strict) look(RESTRICTED[name])
  return found
}

/** Some checks of the restricted level stand for those of the level below. */
function isOverridden(name: string, minor: number): boolean {
  if (name === 'capabilities_baseline') return minor >= 22
  if (name === 'seccompProfile_baseline') return minor >= 19
  if (name === 'procMount') return minor >= 35
  return name === 'hostPathVolumes'
}
