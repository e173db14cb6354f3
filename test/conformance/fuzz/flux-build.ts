/**
 * Builds random directories with `flux build kustomization --dry-run` and with our command, and tells
 * where stdout, stderr or the exit code differ: `TG_BIN=… npx tsx
 * test/conformance/fuzz/flux-build.ts [first seed] [count]`.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { seededRandom } from '../../../src/base/index.ts'
import { type Json, printYaml } from '../../../src/object/index.ts'
import { runFluxBuild } from '../../kit/flux-build.ts'
import { Dice, type Tree } from './dice.ts'
import { fluxCase } from './flux-cases.ts'

interface Case {
  readonly tree: Tree
  readonly args: readonly string[]
}

const IGNORES = [
  'f0.yaml',
  '*.yml',
  'sub/',
  '/sub',
  '!f0.yaml',
  '**/deep',
  'own',
  '# c',
  'comp',
  '*',
]
const TEXTS = ['x', '1', 'true', '', 'a b', '${a}']

/** A directory and a Kustomization file for it, with what only the flux command looks at. */
function fluxBuildCase(dice: Dice): Case {
  const { tree, path, spec, strict } = fluxCase(dice)
  const files = { ...tree }
  const at = path === '.' ? '' : `${path}/`
  if (dice.chance(0.25)) files[`${at}.sourceignore`] = `${dice.some(IGNORES, 3).join('\n')}\n`
  if (dice.chance(0.1)) files[`${at}sub/.sourceignore`] = dice.pick(IGNORES)
  const whole: Record<string, Json> = { ...spec, path: `./${path}` }
  if (dice.chance(0.3))
    whole['commonMetadata'] = {
      ...(dice.chance(0.7) ? { labels: { team: dice.pick(TEXTS), l: 'm' } } : {}),
      ...(dice.chance(0.5) ? { annotations: { note: dice.pick(TEXTS) } } : {}),
    }
  const metadata = { name: 'x', ...(dice.chance(0.5) ? { namespace: 'y' } : {}) }
  files['ks.yaml.txt'] = printYaml({
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata,
    spec: whole,
  })
  const args = ['x', '-n', 'y', '--dry-run', '--kustomization-file', 'ks.yaml.txt', '--path', path]
  if (strict) args.push('--strict-substitute')
  if (dice.chance(0.15)) args.push('--ignore-paths', dice.some(IGNORES, 2).join(','))
  return { tree: files, args }
}

const [first = '1', count = '100'] = process.argv.slice(2)
const flux = join(process.env['TG_BIN'] ?? '', 'flux')
const work = mkdtempSync(join(process.env['FUZZ_DIR'] ?? tmpdir(), 'fuzz-flux-build-'))
let differing = 0
let built = 0
for (let seed = Number(first); seed < Number(first) + Number(count); seed += 1) {
  const { tree, args } = fluxBuildCase(new Dice(seededRandom(seed)))
  const root = join(work, String(seed))
  for (const [file, text] of Object.entries(tree)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  const own = await runFluxBuild(args, root)
  const run = spawnSync(flux, ['build', 'kustomization', ...args], { cwd: root, encoding: 'utf8' })
  rmSync(root, { recursive: true })
  if (run.status === 0) built += 1
  // What we say may go on after Flux's words.
  const isSame =
    run.status === own.code &&
    run.stdout === own.out &&
    (run.status === 0 || own.err.startsWith(run.stderr.trimEnd()))
  if (isSame) continue
  differing += 1
  const [a, b] = [own.out.split('\n'), run.stdout.split('\n')]
  const line = b.findIndex((text, i) => text !== a[i])
  const lines = [
    `seed ${seed}: flux ${run.status}, ours ${own.code}; ${args.join(' ')}`,
    `  flux ${JSON.stringify(b.slice(line, line + 3))} ${run.stderr.slice(0, 500)}`,
    `  ours ${JSON.stringify(a.slice(line, line + 3))} ${own.err.slice(0, 500)}`,
    ...Object.entries(tree).map(([path, text]) => `  --- ${path}\n${text}`),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}
rmSync(work, { recursive: true, force: true })
process.stdout.write(
  `flux build: ${Number(count) - differing} of ${count} alike (${built} build), ${differing} differ\n`,
)
