/**
 * Builds what is missing of a control plane (etcd, kube-apiserver, kube-controller-manager) with Go,
 * from the modules beside this file; some seven minutes of two cores when Go's cache is empty, less
 * than one when it is not. What can not be built is said, and the suites leave it out.
 * Usage: tsx e2e/kube/build.ts; TG_KUBE_BUILD=0 builds nothing, TG_KUBE_BUILD_MINUTES bounds it (15).
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { BUILT, findProgram, KUBE_VERSION } from './assets.ts'

const [MAJOR = '', MINOR = ''] = KUBE_VERSION.split('.')
const VERSION = 'k8s.io/component-base/version'
const FLAGS = `-X ${VERSION}.gitVersion=v${KUBE_VERSION} -X ${VERSION}.gitMajor=${MAJOR} -X ${VERSION}.gitMinor=${MINOR}`

const PROGRAMS: Readonly<Record<string, { readonly module: string; readonly target: string }>> = {
  etcd: { module: 'etcd', target: 'go.etcd.io/etcd/server/v3' },
  'kube-apiserver': { module: 'apiserver', target: 'k8s.io/kubernetes/cmd/kube-apiserver' },
  'kube-controller-manager': {
    module: 'apiserver',
    target: 'k8s.io/kubernetes/cmd/kube-controller-manager',
  },
}

/** The Go version that the modules ask for. */
const GO_MINOR = 26

/** Why Go can not build them; undefined when it can. */
function whyNot(): string | undefined {
  if (process.env['TG_KUBE_BUILD'] === '0') return 'TG_KUBE_BUILD is 0'
  const asked = spawnSync('go', ['env', 'GOVERSION'], {
    encoding: 'utf8',
    env: { ...process.env, GOTOOLCHAIN: 'local' },
  })
  if (asked.error !== undefined) return 'there is no Go on the PATH'
  const found = /^go1\.(\d+)/.exec(asked.stdout.trim())
  return Number(found?.[1] ?? 0) >= GO_MINOR
    ? undefined
    : `Go 1.${GO_MINOR} is needed, here is ${asked.stdout.trim()}`
}

/** Builds one program; answers why it failed. */
function build(name: string, leftMs: number): string | undefined {
  const of = PROGRAMS[name]
  if (of === undefined) return 'unknown'
  mkdirSync(BUILT, { recursive: true })
  const made = join(BUILT, `.${name}.${process.pid}`)
  const ran = spawnSync('go', ['build', '-ldflags', FLAGS, '-o', made, of.target], {
    cwd: join(import.meta.dirname, of.module),
    env: {
      ...process.env,
      CGO_ENABLED: '0',
      GOTOOLCHAIN: 'local',
      GOFLAGS: '-buildvcs=false -mod=readonly',
    },
    encoding: 'utf8',
    timeout: Math.max(1, leftMs),
    maxBuffer: 64 * 1024 * 1024,
  })
  if (ran.status === 0) {
    renameSync(made, join(BUILT, name))
    return undefined
  }
  rmSync(made, { force: true })
  if (ran.signal !== null) return 'it took too long'
  return ran.stderr.trim().split('\n').slice(-3).join(' | ')
}

const missing = Object.keys(PROGRAMS).filter((name) => findProgram(name) === undefined)
const end = Date.now() + Number(process.env['TG_KUBE_BUILD_MINUTES'] ?? 15) * 60_000
const why = missing.length === 0 ? undefined : whyNot()
for (const name of Object.keys(PROGRAMS)) {
  const there = findProgram(name)
  const failed = there !== undefined ? undefined : (why ?? build(name, end - Date.now()))
  const line =
    failed === undefined
      ? `${name}: ${findProgram(name) ?? ''}`
      : `${name}: left out, and the suites that need it: ${failed}`
  process.stdout.write(`${line}\n`)
}
