import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KUBE_VERSION } from '../kube/assets.ts'

/** A cluster of kind: a real one, with a node that runs containers. */
export interface KindCluster {
  readonly kubeconfig: string
  kubectl(...args: readonly string[]): string
  close(): void
}

/** Why there can be no cluster here; `''` where Docker runs and kind is on the PATH. */
export function whyWithoutKind(): string {
  for (const [program, args] of [
    ['docker', ['info']],
    ['kind', ['version']],
    ['kubectl', ['version', '--client']],
  ] as const) {
    const ran = spawnSync(program, args, { stdio: 'ignore' })
    if (ran.error !== undefined) return `left out: ${program} is not on this machine`
    if (ran.status !== 0) return `left out: ${program} does not answer`
  }
  return ''
}

/**
 * Starts a cluster of the version that the other suites compare with; TG_KIND_IMAGE names another
 * image. Takes about a minute when the image is there.
 */
export function startKind(name: string): KindCluster {
  const dir = mkdtempSync(join(tmpdir(), 'tidegate-kind-'))
  const kubeconfig = join(dir, 'kubeconfig')
  const image = process.env['TG_KIND_IMAGE'] ?? `kindest/node:v${KUBE_VERSION}`
  const kind = (...args: readonly string[]): void => {
    execFileSync('kind', [...args, `--name=${name}`, `--kubeconfig=${kubeconfig}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  }
  const close = (): void => {
    kind('delete', 'cluster')
    rmSync(dir, { recursive: true, force: true })
  }
  try {
    kind('create', 'cluster', `--image=${image}`, '--wait=120s')
  } catch (error) {
    close()
    throw error
  }
  return {
    kubeconfig,
    close,
    kubectl: (...args) =>
      execFileSync('kubectl', [`--kubeconfig=${kubeconfig}`, ...args], { encoding: 'utf8' }),
  }
}

/** The text of a cluster's kubeconfig. */
export function kubeconfigOf(cluster: KindCluster): string {
  return readFileSync(cluster.kubeconfig, 'utf8')
}
