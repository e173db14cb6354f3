import type { KubeObject } from '../../../src/object/index.ts'
import { addNode, type ControllerSide } from '../../../test/kit/controller-cases.ts'
import { everything } from '../../../test/kit/controller-requests.ts'
import { findProgram } from '../assets.ts'
import { type Kube, startKube } from '../kube.ts'

/** How long nothing may have changed in a namespace for it to be settled. */
const QUIET_MS = 1600
const POLL_MS = 400

/** The real control plane, looked at all the time. */
export interface RealSide extends ControllerSide {
  readonly kube: Kube
  close(): Promise<void>
}

/**
 * Starts a control plane whose controllers are held back by nothing but themselves, and whose nodes
 * may be silent.
 */
export async function startRealSide(): Promise<RealSide> {
  const kube = await startKube({ controllers: false })
  kube.run('kube-controller-manager', findProgram('kube-controller-manager') ?? '', [
    `--kubeconfig=${kube.kubeconfig}`,
    `--service-account-private-key-file=${kube.dir}/sa.key`,
    `--root-ca-file=${kube.dir}/certs/apiserver.crt`,
    '--secure-port=0',
    '--leader-elect=false',
    '--kube-api-qps=2000',
    '--kube-api-burst=4000',
    '--node-monitor-grace-period=2h',
  ])
  await addNode(kube)
  const stop = new AbortController()
  const follow = follower(kube, stop.signal)
  return {
    kube,
    transport: kube.transport,
    now: () => Date.now(),
    settled: (namespace, seconds) => follow.settled(namespace, seconds),
    close: async () => {
      stop.abort()
      await follow.ended
      await kube.close()
    },
  }
}

function follower(
  kube: Kube,
  signal: AbortSignal,
): {
  readonly settled: ControllerSide['settled']
  readonly ended: Promise<void>
} {
  const marks = new Map<string, string>()
  const changed = new Map<string, number>()
  let latest: readonly KubeObject[] = []
  let begun = 0
  const look = async (): Promise<void> => {
    while (!signal.aborted) {
      const start = Date.now()
      const all = await everything(kube.transport).catch(() => undefined)
      if (all !== undefined) {
        for (const [namespace, mark] of marksOf(all)) {
          if (marks.get(namespace) !== mark) changed.set(namespace, start)
          marks.set(namespace, mark)
        }
        latest = all
        begun = start
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  }
  return {
    ended: look(),
    settled: async (namespace, seconds) => {
      const since = Date.now()
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, 100))
        const from = Math.max(since, changed.get(namespace) ?? 0)
        if (begun - from > QUIET_MS && begun - since > seconds * 1000) return latest
      }
    },
  }
}

/** What tells of each namespace whether something changed in it. */
function marksOf(all: readonly KubeObject[]): Map<string, string> {
  const marks = new Map<string, string>()
  for (const { kind, metadata } of all) {
    const { namespace = ofCluster(metadata.name ?? ''), uid, resourceVersion } = metadata
    if (kind === 'Lease') continue
    marks.set(namespace, `${marks.get(namespace) ?? ''} ${uid}:${resourceVersion}`)
  }
  return marks
}

/** Cluster-wide objects of a case bear its namespace before a dash, or are it. */
function ofCluster(name: string): string {
  return name.split('--')[0] ?? ''
}
