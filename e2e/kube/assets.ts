import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** The version of Kubernetes that the suites compare with. */
export const KUBE_VERSION = '1.36.3'

/** Where build.ts puts what it makes; kept between runs. */
export const BUILT: string =
  process.env['TG_KUBE_CACHE'] ?? join(homedir(), '.cache/tidegate', `kube-${KUBE_VERSION}`)

/** Folders with programs, in the order in which they are looked into: envtest's first. */
const FOLDERS: readonly string[] = [
  process.env['KUBEBUILDER_ASSETS'],
  process.env['TG_BIN'],
  BUILT,
].filter((folder): folder is string => folder !== undefined && folder !== '')

/** The path of a program of the control plane, of Flux or beside them; undefined without it. */
export function findProgram(name: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

/** Says whether programs are there. */
export function hasPrograms(...names: readonly string[]): boolean {
  return names.every((name) => findProgram(name) !== undefined)
}

/** Why something that needs programs is left out; `''` when they are there. */
export function whyWithout(...names: readonly string[]): string {
  const missing = names.filter((name) => findProgram(name) === undefined)
  if (missing.length === 0) return ''
  return `left out: ${missing.join(', ')} in none of KUBEBUILDER_ASSETS, TG_BIN and what npm run build:kube makes`
}
