import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hasTool } from '../../test/kit/tools.ts'

/** Where the programs of a control plane are, or why there are none. */
export type Assets = { readonly folder: string } | { readonly why: string }

const CACHE = join(tmpdir(), 'tidegate-kube-1.36.3')

/**
 * Finds kube-apiserver and etcd: in KUBEBUILDER_ASSETS (envtest's) or TG_BIN, else in a folder of
 * this machine where they were built before from the Go modules beside this file. TG_KUBE_BUILD=1
 * builds them (some minutes).
 */
export function findAssets(): Assets {
  for (const folder of [process.env['KUBEBUILDER_ASSETS'], process.env['TG_BIN'], CACHE])
    if (folder !== undefined && isComplete(folder)) return { folder }
  if (!hasTool('go'))
    return { why: 'neither KUBEBUILDER_ASSETS nor Go is there to get a kube-apiserver from' }
  if (process.env['TG_KUBE_BUILD'] !== '1')
    return { why: 'no KUBEBUILDER_ASSETS; TG_KUBE_BUILD=1 builds kube-apiserver with Go' }
  build('etcd', 'go.etcd.io/etcd/server/v3', 'etcd')
  build('apiserver', 'k8s.io/kubernetes/cmd/kube-apiserver', 'kube-apiserver')
  return { folder: CACHE }
}

function isComplete(folder: string): boolean {
  return ['etcd', 'kube-apiserver'].every((name) => existsSync(join(folder, name)))
}

const VERSION = 'k8s.io/component-base/version'

function build(module: string, target: string, name: string): void {
  const flags = `-X ${VERSION}.gitVersion=v1.36.3 -X ${VERSION}.gitMajor=1 -X ${VERSION}.gitMinor=36`
  execFileSync('go', ['build', '-ldflags', flags, '-o', join(CACHE, name), target], {
    cwd: join(import.meta.dirname, module),
    env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false -mod=mod' },
    stdio: 'inherit',
  })
}
