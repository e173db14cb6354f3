/** Runs scenarios of kubectl commands against a server, and takes out of their output what is chance. */
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Scenario } from './kubectl-files.ts'

/** What one command did. */
export interface Ran {
  readonly scenario: string
  readonly command: string
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Which kubectl to run on which server. */
export interface Target {
  /** Path of the binary. */
  readonly kubectl: string
  /** Text of a kubeconfig. */
  readonly kubeconfig: string
}

/** The kubectl to test with: of KUBEBUILDER_ASSETS, else of the PATH; undefined without any. */
export function findKubectl(): { readonly path: string; readonly version: string } | undefined {
  const assets = process.env['KUBEBUILDER_ASSETS']
  const found = [...(assets === undefined ? [] : [join(assets, 'kubectl')]), 'kubectl']
  for (const path of found) {
    const ran = spawnSync(path, ['version', '--client', '-o', 'json'], { encoding: 'utf8' })
    const version = /"gitVersion": "(v\d+\.\d+)/.exec(ran.stdout ?? '')?.[1]
    const place = path === 'kubectl' ? spawnSync('sh', ['-c', 'command -v kubectl']) : undefined
    if (version !== undefined) return { path: place?.stdout.toString().trim() ?? path, version }
  }
  return undefined
}

/** How many scenarios run at a time: more only wait for each other's processor time. */
const SIDE_BY_SIDE = 4

/** Runs scenarios, some side by side, the last ones at the end; the steps of each one after another. */
export async function runScenarios(
  scenarios: readonly Scenario[],
  target: Target,
): Promise<readonly Ran[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-kubectl-'))
  try {
    mkdirSync(join(folder, 'bin'))
    symlinkSync(target.kubectl, join(folder, 'bin/kubectl'))
    const run = async (which: readonly Scenario[]): Promise<readonly Ran[]> => {
      const ran: (readonly Ran[])[] = []
      let next = 0
      const work = async (): Promise<void> => {
        while (next < which.length) {
          const at = next
          next += 1
          const scenario = which[at]
          if (scenario !== undefined) ran[at] = await runScenario(scenario, target, folder)
        }
      }
      await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work))
      return ran.flat()
    }
    const first = await run(scenarios.filter(({ last }) => last === undefined))
    return [...first, ...(await run(scenarios.filter(({ last }) => last === true)))]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function runScenario(
  scenario: Scenario,
  target: Target,
  folder: string,
): Promise<readonly Ran[]> {
  const home = join(folder, scenario.name)
  mkdirSync(home)
  for (const [name, text] of Object.entries(scenario.files ?? {})) {
    writeFileSync(join(home, name), text)
    if (name.endsWith('.sh')) chmodSync(join(home, name), 0o755)
  }
  writeFileSync(join(home, 'kubeconfig'), target.kubeconfig)
  const run = (command: string): Promise<Omit<Ran, 'scenario'>> => shell(command, home, folder)
  await run(`kubectl config set-context --current --namespace=${scenario.name}`)
  await run(`kubectl create namespace ${scenario.name}`)
  await run(`kubectl wait --for=create sa/default cm/kube-root-ca.crt --timeout=10s`)
  const ran: Ran[] = []
  for (const step of scenario.steps) {
    const result = await run(step.replace(/^@/, ''))
    if (!step.startsWith('@')) ran.push({ scenario: scenario.name, ...result })
  }
  await run(`kubectl delete namespace ${scenario.name} --wait=false`)
  return ran
}

const TIMEOUT_MS = 60_000

function shell(command: string, cwd: string, folder: string): Promise<Omit<Ran, 'scenario'>> {
  return new Promise((resolve) => {
    const child = spawn('sh', ['-c', command], {
      cwd,
      // A group of its own, so that a command that hangs ends with its shell.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: `${folder}/bin:${process.env['PATH']}`,
        HOME: cwd,
        KUBECONFIG: join(cwd, 'kubeconfig'),
        LANG: 'C',
      },
    })
    let out = ''
    let err = ''
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString()
    })
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString()
    })
    const timer = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    }, TIMEOUT_MS)
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ command, code: code ?? -1, out: settled(out), err: settled(err) })
    })
  })
}

/** In this order: what changes from run to run, and what stands in its place. */
const CHANCE: readonly (readonly [RegExp, string])[] = [
  [/[EWI]\d{4} [\d:.]+ +\d+ /g, 'LOG '],
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| [+-]\d{4} \w+)?/g, 'TIME'],
  [/\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g, 'TIME'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, 'UID'],
  [/(resourceVersion[\\"]*: ?[\\"]*)\d+/g, '$1RV'],
  [/(Resource Version: +)\d+/g, '$1RV'],
  [/https?:\/\/(127\.0\.0\.1|localhost):\d+/g, 'SERVER'],
  [/127\.0\.0\.1:\d+/g, 'SERVER'],
  [/\b10\.\d+\.\d+\.\d+\b/g, 'IP'],
  [/\b(127\.0\.0\.1|192\.168\.\d+\.\d+|172\.\d+\.\d+\.\d+)\b/g, 'HOSTIP'],
  [/(nodePort"?: |\d:|NodePort: +\S+ +)3\d{4}/g, '$1PORT'],
  [/(pod-template-hash"?[:=] ?"?)[0-9a-z]+/g, '$1HASH'],
  [/\b(web|d1|d2)-[0-9a-f]{6,10}(-[a-z0-9]{5})?\b/g, '$1-HASH'],
  [/\b(web|db|agent|alone|old|once)-[0-9a-z]{5,10}\b(?!-)/g, '$1-HASH'],
  [/((?:controller-revision-)?hash: )(?!db-HASH)[0-9a-z]{8,10}\b/g, '$1HASH'],
  [/(serverAddress":")[^"]+/g, '$1SERVER'],
  [/\/tmp\/[\w./-]*kubectl-edit-\w+\.yaml/g, 'FILE'],
  [/\/tmp\/(LIVE|MERGED)-\d+/g, '/tmp/$1'],
  [/(?<=[\s(])(\d+[smhd]){1,2}(?=[\s)]|$)/gm, 'AGE'],
  // How often a controller has tried again by now.
  [/AGE \(x\d+ over AGE\)/g, 'AGE'],
]

/** What kubectl's own caches say when they are cut off; it depends on the moment. */
const NOISE = /^.*(?:reflector|retrywatcher)\.go:\d+\].*\n/gm

function settled(text: string): string {
  let result = text.replaceAll(NOISE, '')
  for (const [pattern, word] of CHANCE) result = result.replaceAll(pattern, word)
  // The width of a column follows its longest cell, which may be one of those above.
  return result
    .replaceAll(/ {2,}(?=\S)/g, (spaces, at: number) =>
      at === 0 || result[at - 1] === '\n' ? spaces : '  ',
    )
    .replaceAll(/[ \t]+$/gm, '')
}
