/**
 * Builds random trees with kustomize and with us and says where the outcomes differ:
 * `TG_BIN=… npx tsx test/conformance/fuzz/build.ts [seed] [count] [keep-dir]`.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { isFault, memoryTree, seededRandom } from '../../../src/base/index.ts'
import { build } from '../../../src/build/index.ts'
import { randomTree, type Tree } from './build-cases.ts'

const [first = '1', count = '100', keep] = process.argv.slice(2)
const kustomize = join(process.env['TG_BIN'] ?? '', 'kustomize')
const work = mkdtempSync(join(tmpdir(), 'fuzz-build-'))

function put(root: string, tree: Tree): void {
  for (const [path, text] of Object.entries(tree)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}

function ours(tree: Tree): { text: string; failed: boolean; isBug: boolean } {
  try {
    const built = build(memoryTree(tree), 'overlay')
    return 'missing' in built
      ? { text: 'remote', failed: true, isBug: true }
      : { text: built.yaml, failed: false, isBug: false }
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { text: isFault(error) ? error.message : text, failed: true, isBug: !isFault(error) }
  }
}

let differing = 0
let built = 0
for (let seed = Number(first); seed < Number(first) + Number(count); seed += 1) {
  const tree = randomTree(seededRandom(seed))
  const root = join(work, String(seed))
  put(root, tree)
  const run = spawnSync(kustomize, ['build', join(root, 'overlay')], { encoding: 'utf8' })
  const own = ours(tree)
  const failed = run.status !== 0
  if (!failed) built += 1
  const isSame = !own.isBug && own.failed === failed && (failed || own.text === run.stdout)
  rmSync(root, { recursive: true })
  if (isSame) continue
  differing += 1
  process.stdout.write(
    `seed ${seed}: ${failed ? 'must fail' : 'must build'}\n  ours: ${own.failed ? own.text.slice(0, 400) : 'builds'}\n`,
  )
  if (failed)
    process.stdout.write(`  kustomize: ${run.stderr.trim().split('\n').at(-1)?.slice(0, 400)}\n`)
  if (!failed && !own.failed) {
    const [a, b] = [own.text.split('\n'), run.stdout.split('\n')]
    const line = b.findIndex((text, i) => text !== a[i])
    process.stdout.write(
      `  line ${line + 1}: ours ${JSON.stringify(a.slice(line, line + 3))}\n  kustomize ${JSON.stringify(b.slice(line, line + 3))}\n`,
    )
  }
  if (keep !== undefined) put(join(keep, `fuzz-${seed}`, 'input'), tree)
}
rmSync(work, { recursive: true, force: true })
process.stdout.write(
  `${Number(count) - differing} of ${count} alike (${built} build), ${differing} differ\n`,
)
