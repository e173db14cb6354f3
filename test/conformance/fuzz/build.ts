/**
 * Builds random trees with kustomize and with us, says where the outcomes differ, and makes what
 * differs small: `TG_BIN=… npx tsx test/conformance/fuzz/build.ts MODE [first seed] [count] [keep-dir]`.
 * KUSTOMIZE_SERVER may name a program as in oracle.ts, which is much faster. With FUZZ_WORDS=1 faults
 * have to be told in kustomize's words, too.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { seededRandom } from '../../../src/base/index.ts'
import { randomTree } from './build-cases.ts'
import { Dice, type Tree } from './dice.ts'
import { generatorTree } from './generator-cases.ts'
import { hostileTree } from './hostile-cases.ts'
import { mergeTree } from './merge-cases.ts'
import { mutatedTree } from './mutate-cases.ts'
import { commandOracle, type Outcome, ownBuild, serverOracle } from './oracle.ts'
import { pluginTree } from './plugin-cases.ts'
import { referenceTree } from './reference-cases.ts'
import { replacementTree } from './replacement-cases.ts'
import { schemaTree } from './schema-cases.ts'
import { shrink } from './shrink.ts'
import { specTree } from './spec-cases.ts'
import { yamlTree } from './yaml-cases.ts'

const MODES: Readonly<Record<string, (dice: Dice) => Tree>> = {
  generators: generatorTree,
  hostile: hostileTree,
  overlays: randomTree,
  plugins: pluginTree,
  references: referenceTree,
  replacements: replacementTree,
  merge: mergeTree,
  mutate: mutatedTree,
  schemas: schemaTree,
  specs: specTree,
  yaml: yamlTree,
}
const [mode = 'overlays', first = '1', count = '100', keep] = process.argv.slice(2)
const make = MODES[mode]
if (make === undefined) throw new Error(`modes: ${Object.keys(MODES).join(', ')}`)
const program = process.env['KUSTOMIZE_SERVER']
const oracle =
  program === undefined
    ? commandOracle(join(process.env['TG_BIN'] ?? '', 'kustomize'))
    : serverOracle(program)
const work = mkdtempSync(join(process.env['FUZZ_DIR'] ?? tmpdir(), 'fuzz-build-'))

function put(root: string, tree: Tree): void {
  for (const [path, text] of Object.entries(tree)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}

let serial = 0
let runs = 0

interface Pair {
  readonly theirs: Outcome
  readonly own: Outcome
}

async function both(tree: Tree): Promise<Pair> {
  serial += 1
  runs += 1
  const root = join(work, String(serial))
  put(root, { 'overlay/.keep': '', ...tree })
  const resets = Object.values(tree).some((text) => text.includes('openapi'))
  const theirs = await oracle.run(join(root, 'overlay'), resets)
  rmSync(root, { recursive: true })
  return { theirs, own: ownBuild({ 'overlay/.keep': '', ...tree }, 'overlay') }
}

/** How a case differs, words with the end of theirs; undefined where it does not. */
function difference({ theirs, own }: Pair): string | undefined {
  if (own.isBug === true) return 'bug'
  if (theirs.ok !== own.ok) return theirs.ok ? 'must build' : 'must fail'
  if (theirs.ok) return theirs.text === own.text ? undefined : 'text'
  return process.env['FUZZ_WORDS'] === undefined || isInWords(theirs, own)
    ? undefined
    : `words ${theirs.text.slice(-WORDS_KEPT).replaceAll(/[\d'"`]+/g, '')}`
}

/** Letters of a fault that stay the same while a case is made small. */
const WORDS_KEPT = 40

/** Either may go on where the words of the other end; roots and pointers do not count. */
function isInWords(theirs: Outcome, own: Outcome): boolean {
  const words = theirs.text
    .replace(/^(?:Error|panic): /, '')
    .replaceAll(/0x[0-9a-f]+/g, '0x…')
    .replaceAll(new RegExp(`${work}/\\d+`, 'g'), '')
    .replaceAll(/merging from generator &\{0x… <nil>\}/g, 'merging from generator')
    .replaceAll(GO_ID, goId)
  return own.text.startsWith(words) || words.startsWith(own.text)
}

const GO_ID =
  /resid\.ResId\{Gvk:resid\.Gvk\{Group:\\*"(.*?)\\*", Version:\\*"(.*?)\\*", Kind:\\*"(.*?)\\*", isClusterScoped:\w+\}, Name:\\*"(.*?)\\*", Namespace:\\*"(.*?)\\*"\}/g

/** An id in Go's syntax, as kustomize tells it elsewhere: known difference. */
function goId(_: string, ...[group, version, kind, name, space]: string[]): string {
  return `${kind}.${version}.${group || '[noGrp]'}/${name}.${space || '[noNs]'}`
}

function report(seed: number, pair: Pair, tree: Tree): string {
  const { theirs, own } = pair
  const lines = [`seed ${seed}: ${difference(pair) ?? ''}`]
  if (theirs.ok && own.ok) {
    const [a, b] = [own.text.split('\n'), theirs.text.split('\n')]
    const at = b.findIndex((text, i) => text !== a[i])
    const line = at < 0 ? b.length : at
    lines.push(`  line ${line + 1}: ours ${JSON.stringify(a.slice(line, line + 3))}`)
    lines.push(`  kustomize ${JSON.stringify(b.slice(line, line + 3))}`)
  } else {
    lines.push(`  ours: ${own.ok ? 'builds' : own.text.slice(0, 600)}`)
    lines.push(`  kustomize: ${theirs.ok ? 'builds' : theirs.text.slice(-500)}`)
  }
  for (const [path, text] of Object.entries(tree)) {
    if (path.endsWith('/.keep')) continue
    lines.push(`  --- ${path}`, ...text.split('\n').map((line) => `  | ${line}`))
  }
  return lines.join('\n')
}

let differing = 0
let built = 0
for (let seed = Number(first); seed < Number(first) + Number(count); seed += 1) {
  const tree = make(new Dice(seededRandom(seed)))
  const pair = await both(tree)
  if (pair.theirs.ok) built += 1
  const kind = difference(pair)
  if (kind === undefined) continue
  differing += 1
  const small = await shrink(tree, async (next) => difference(await both(next)) === kind)
  process.stdout.write(`${report(seed, await both(small), small)}\n`)
  if (keep !== undefined) put(join(keep, `${mode}-${seed}`, 'input'), small)
}
rmSync(work, { recursive: true, force: true })
oracle.close()
process.stdout.write(
  `${mode}: ${Number(count) - differing} of ${count} alike (${built} build), ${differing} differ, ${runs} builds\n`,
)
