/**
 * Measures `tidegate build` as a process beside the real kustomize (TG_BIN), where that is there.
 * `npm run build && npx tsx test/bench/build.ts [--all]`; sizes over 1,500 only with --all.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { appsTree, type Files, layersTree, replacementsTree, smallTree } from './build-tree.ts'

const all = process.argv.includes('--all')
const command = join(import.meta.dirname, '../../dist/tidegate.mjs')
const kustomize = join(process.env['TG_BIN'] ?? '/nonexistent', 'kustomize')
const work = mkdtempSync(join(tmpdir(), 'bench-build-'))

interface Timing {
  readonly seconds: number
  readonly megabytes: number
  readonly out: string
}

function time(program: string, args: readonly string[], runs: number): Timing {
  let best: Timing | undefined
  for (let i = 0; i < runs; i += 1) {
    const started = process.hrtime.bigint()
    const run = spawnSync('/usr/bin/time', ['-f', '%M', program, ...args], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    })
    const seconds = Number(process.hrtime.bigint() - started) / 1e9
    if (run.status !== 0)
      throw new Error(`${program} ${args.join(' ')}: ${run.stderr.slice(0, 500)}`)
    const megabytes = Number(run.stderr.trim().split('\n').at(-1)) / 1024
    if (best === undefined || seconds < best.seconds) best = { seconds, megabytes, out: run.stdout }
  }
  return best as Timing
}

function put(name: string, files: Files): string {
  for (const [path, text] of Object.entries(files)) {
    const at = join(work, name, path)
    mkdirSync(dirname(at), { recursive: true })
    writeFileSync(at, text)
  }
  return join(work, name, 'overlay')
}

const trees: readonly [string, Files, number][] = [
  ['5 resources', smallTree(), 9],
  ['150 resources', appsTree(30), 5],
  ['1500 resources', appsTree(300), 3],
  ...(all ? ([['5000 resources', appsTree(1000), 2]] as [string, Files, number][]) : []),
  ['40 layers', layersTree(40), 3],
  ['200 replacements', replacementsTree(200), 3],
]

const empty = time(process.execPath, ['-e', '0'], 9).seconds
const lines = [
  '| build | ours, s | MiB | kustomize, s | ratio | same |',
  '| --- | --- | --- | --- | --- | --- |',
]
for (const [name, files, runs] of trees) {
  const dir = put(name.replaceAll(' ', '-'), files)
  const own = time(process.execPath, [command, 'build', dir], runs)
  const real = existsSync(kustomize)
    ? time(kustomize, ['build', dir], own.seconds > 1 ? 1 : runs)
    : undefined
  const cells = [
    name,
    own.seconds.toFixed(3),
    own.megabytes.toFixed(0),
    real?.seconds.toFixed(2) ?? 'not there',
    real === undefined ? '' : (real.seconds / own.seconds).toFixed(1),
    real === undefined ? '' : String(real.out === own.out),
  ]
  lines.push(`| ${cells.join(' | ')} |`)
}
lines.push(`| empty process | ${empty.toFixed(3)} | | | | |`)
process.stdout.write(`${lines.join('\n')}\n`)
rmSync(work, { recursive: true })
