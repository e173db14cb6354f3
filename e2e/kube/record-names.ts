/**
 * Writes test/fixtures/workload-names/names.recorded.json: what the controllers of a real cluster call
 * the ReplicaSets and revisions of the workloads there. Usage: tsx e2e/kube/record-names.ts KUBECONFIG
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

const kubeconfig = process.argv[2] ?? ''
const folder = join(import.meta.dirname, '../../test/fixtures/workload-names')
const namespace = 'workload-names'

function kubectl(...args: readonly string[]): string {
  return execFileSync('kubectl', [`--kubeconfig=${kubeconfig}`, ...args], { encoding: 'utf8' })
}

interface Item {
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly ownerReferences?: readonly { readonly uid: string }[]
    readonly uid: string
  }
  readonly spec?: { readonly template?: unknown }
}

function items(kinds: string): readonly Item[] {
  const text = kubectl('get', kinds, '-n', namespace, '-o', 'json')
  return (JSON.parse(text) as { readonly items: readonly Item[] }).items
}

kubectl('create', 'namespace', namespace)
kubectl('apply', '-n', namespace, '-f', join(folder, 'workloads.yaml'))
await new Promise((resolve) => setTimeout(resolve, 5000))
const made = items('replicasets,controllerrevisions')
const names = items('deployments,statefulsets,daemonsets').map(({ kind, metadata, spec }) => ({
  kind,
  name: made.find((each) => each.metadata.ownerReferences?.[0]?.uid === metadata.uid)?.metadata
    .name,
  owner: metadata.name,
  template: spec?.template,
}))
writeFileSync(join(folder, 'names.recorded.json'), `${JSON.stringify(names, null, 1)}\n`)
kubectl('delete', 'namespace', namespace, '--wait=false')
process.stdout.write(`${names.length} workloads\n`)
