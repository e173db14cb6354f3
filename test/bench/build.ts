/**
 * Measures `tidegate build` as a process beside the real kustomize (TG_BIN), where that is there.
 * `npm run build && npx tsx test/bench/build.ts [--all]`. Only --all runs the real kustomize where it
 * takes a quarter of a minute and more. A machine that does other work, too, makes the ratio of the
 * CPU times the one to look at.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import {
  appsTree,
  type Files,
  layersTree,
  replacementsOver,
  replacementsTree,
  smallTree,
} from './build-tree.ts'

const all = process.argv.includes('--all')
const command = join(import.meta.dirname, '../../dist/tidegate.mjs')
const kustomize = join(process.env['TG_BIN'] ?? '/nonexistent', 'kustomize')
const work = mkdtempSync(join(tmpdir(), 'bench-build-'))

interface Timing {
  readonly seconds: number
  /** User and system. */
  readonly cpuSeconds: number
  readonly megabytes: number
  readonly out: string
}

function time(program: string, args: readonly string[], runs: number): Timing {
  let best: Timing | undefined
  for (let i = 0; i < runs; i += 1) {
    const started = process.hrtime.bigint()
    const run = spawnSync('/usr/bin/time', ['-f', '%M %U %S', program, ...args], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    })
    const seconds = Number(process.hrtime.bigint() - started) / 1e9
    if (run.status !== 0)
      throw new Error(`${program} ${args.join(' ')}: ${run.stderr.slice(0, 500)}`)
    const [kilobytes = 0, user = 0, system = 0] = (run.stderr.trim().split('\n').at(-1) ?? '')
      .split(' ')
      .map(Number)
    const timing = {
      seconds,
      cpuSeconds: user + system,
      megabytes: kilobytes / 1024,
      out: run.stdout,
    }
    if (best === undefined || seconds < best.seconds) best = timing
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

/** Trees with the runs of each; the last says that kustomize is slow there. */
const trees: readonly [string, Files, number, 'slow'?][] = [
  ['5 resources', smallTree(), 9],
  ['150 resources', appsTree(30), 5],
  ['1500 resources', appsTree(300), 3, 'slow'],
  ['5000 resources', appsTree(1000), 2, 'slow'],
  ['40 layers', layersTree(40), 5],
  ['200 replacements', replacementsTree(200), 5],
  ['200 replacements in 1200', replacementsOver(200, 1000), 3],
]

const empty = time(process.execPath, ['-e', '0'], 9)
const lines = [
  `Node ${process.versions.node}`,
  '',
  '| build | ours, s | CPU s | MiB | kustomize, s | CPU s | ratio | of CPU | same |',
  '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
]
for (const [name, files, runs, pace] of trees) {
  const dir = put(name.replaceAll(' ', '-'), files)
  const own = time(process.execPath, [command, 'build', dir], runs)
  const isSkipped = pace === 'slow' && !all
  const real =
    existsSync(kustomize) && !isSkipped
      ? time(kustomize, ['build', dir], pace === 'slow' ? 1 : runs)
      : undefined
  const ratios =
    real === undefined
      ? [isSkipped ? 'not run' : 'not there', '', '', '', '']
      : [
          real.seconds.toFixed(2),
          real.cpuSeconds.toFixed(2),
          (real.seconds / own.seconds).toFixed(1),
          (real.cpuSeconds / own.cpuSeconds).toFixed(1),
          String(real.out === own.out),
        ]
  const cells = [name, own.seconds.toFixed(3), own.cpuSeconds.toFixed(2), own.megabytes.toFixed(0)]
  lines.push(`| ${[...cells, ...ratios].join(' | ')} |`)
}
lines.push(
  `| empty process | ${empty.seconds.toFixed(3)} | ${empty.cpuSeconds.toFixed(2)} | | | | | | |`,
)
process.stdout.write(`${lines.join('\n')}\n`)
rmSync(work, { recursive: true })
