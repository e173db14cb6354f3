import type { JsonObject, KubeObject } from '../../object/index.ts'
import { type DaemonLook, type DaemonStep, hasSurge } from './daemon-pods.ts'
import { specOf } from './hands.ts'
import { scaled } from './parts.ts'
import { isTerminating, minReadyOf, untilAvailable } from './pods.ts'
import { REVISION } from './revisions.ts'

interface OnNode {
  readonly node: string
  readonly fresh: KubeObject | undefined
  readonly old: KubeObject | undefined
  /** More than one of a kind: it is being put right. */
  readonly isMixed: boolean
}

/**
 * Which pods of older revisions are replaced now.
 * @see kubernetes pkg/controller/daemon/update.go rollingUpdate (v1.36.3)
 */
export function replaceOld(at: DaemonLook): DaemonStep {
  const strategy = (specOf(at.set)['updateStrategy'] ?? {}) as JsonObject
  if (strategy['type'] === 'OnDelete') return { starting: [], ending: [] }
  const rolling = (strategy['rollingUpdate'] ?? {}) as JsonObject
  const wanted = [...at.may].filter(([, { start }]) => start).map(([node]) => node)
  const nodes = [...new Set([...at.on.keys(), ...wanted])].map((node) => onNode(at, node))
  const count = wanted.length
  const surge = scaled(rolling['maxSurge'], count, 'up')
  const missing = scaled(rolling['maxUnavailable'] ?? 1, count, 'up')
  const isSet = missing > 0 || surge > 0
  return hasSurge(at.set) && surge > 0
    ? surging(at, nodes, { surge, count })
    : taking(at, nodes, isSet ? missing : 1)
}

function onNode(at: DaemonLook, node: string): OnNode {
  const pods = (at.on.get(node) ?? []).filter((pod) => !isTerminating(pod))
  const fresh = pods.filter((pod) => pod.metadata.labels?.[REVISION] === at.hash)
  const old = pods.filter((pod) => !fresh.includes(pod))
  const isMixed = fresh.length > 1 || old.length > 1
  return { node, fresh: fresh[0], old: old[0], isMixed }
}

function isAvailable({ set, now }: DaemonLook, pod: KubeObject): boolean {
  return untilAvailable(pod, minReadyOf(set), now) === 0
}

/** Old pods go first: those that serve nobody at once, others as far as some may be missing. */
function taking(at: DaemonLook, nodes: readonly OnNode[], most: number): DaemonStep {
  const [sick, candidates]: [KubeObject[], KubeObject[]] = [[], []]
  let missing = 0
  for (const { fresh, old, isMixed } of nodes) {
    const isEither = !isMixed && (fresh === undefined) !== (old === undefined)
    const pod = fresh ?? old
    if (!isEither || pod === undefined || !isAvailable(at, pod)) missing += 1
    if (!isEither || old === undefined) continue
    if (isAvailable(at, old)) candidates.push(old)
    else sick.push(old)
  }
  return { starting: [], ending: [...sick, ...candidates.slice(0, Math.max(0, most - missing))] }
}

/** New pods come first, as many as may be beside the old ones. */
function surging(
  at: DaemonLook,
  nodes: readonly OnNode[],
  { surge, count }: { readonly surge: number; readonly count: number },
): DaemonStep {
  const [ending, leaving]: [KubeObject[], KubeObject[]] = [[], []]
  const [allowed, candidates]: [string[], string[]] = [[], []]
  let [beside, available] = [0, 0]
  for (const { node, fresh, old, isMixed } of nodes) {
    if (isMixed) beside += 1
    const first = old ?? fresh
    if (isMixed || first === undefined) continue
    if (isAvailable(at, first)) available += 1
    if (old === undefined) continue
    const isWanted = at.may.get(node)?.start === true
    if (fresh === undefined && isAvailable(at, old))
      if (isWanted) candidates.push(node)
      else leaving.push(old)
    else if (fresh === undefined)
      if (isWanted) allowed.push(node)
      else ending.push(old)
    else if (isAvailable(at, fresh)) ending.push(old)
    else beside += 1
  }
  const spare = Math.max(0, available - count)
  return {
    starting: [...allowed, ...candidates.slice(0, Math.max(0, surge - beside))],
    ending: [...ending, ...leaving.slice(0, spare)],
  }
}
