/**
 * Plays random directories and specs of Kustomizations through Flux's own packages and through ours:
 * what is generated, edited, built and substituted. `FLUX_SERVER=… npx tsx
 * test/conformance/fuzz/flux.ts [first seed] [count]`. FLUX_SERVER is a program around fluxcd/pkg
 * kustomize (Generator, SecureBuild, SubstituteVariables) and ssa (ReadObjects) that reads lines of
 * JSON `{root, path, kustomization, strict}` and answers lines of JSON `{ok, objects, err}`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { isFault, memoryTree, seededRandom } from '../../../src/base/index.ts'
import { build, type KustomizationEdit } from '../../../src/build/index.ts'
import type { Json } from '../../../src/object/index.ts'
import { expandLists, prepareObjects } from '../../../src/plan/index.ts'
import { substitute } from '../../../src/substitute/index.ts'
import { Dice } from './dice.ts'
import { type FluxCase, fluxCase } from './flux-cases.ts'
import { lineServer } from './oracle.ts'

interface Outcome {
  readonly ok: boolean
  readonly objects?: readonly unknown[] | null
  readonly err?: string
}

const [first = '1', count = '100'] = process.argv.slice(2)
const server = lineServer(process.env['FLUX_SERVER'] ?? '')
const work = mkdtempSync(join(process.env['FUZZ_DIR'] ?? tmpdir(), 'fuzz-flux-'))
let serial = 0

async function theirs({ tree, path, spec, strict }: FluxCase): Promise<Outcome> {
  serial += 1
  const root = join(work, String(serial))
  mkdirSync(root)
  for (const [file, text] of Object.entries(tree)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  const kustomization = { metadata: { name: 'x', namespace: 'y' }, spec }
  const answer = await server.ask(JSON.stringify({ root, path, strict, kustomization }))
  rmSync(root, { recursive: true })
  const outcome = JSON.parse(answer) as Outcome
  return { ...outcome, err: outcome.err?.replaceAll(root, '') ?? '' }
}

function ours({ tree, path, spec, strict }: FluxCase): Outcome {
  const { targetNamespace, postBuild, ...edit } = spec
  try {
    const built = build(memoryTree(tree), path === '.' ? '' : path, {
      order: 'fifo',
      loadRestrictor: 'none',
      digests: false,
      edit: {
        ...(edit as KustomizationEdit),
        ...(typeof targetNamespace === 'string' ? { namespace: targetNamespace } : {}),
      },
    })
    if ('missing' in built) return { ok: false, err: 'remote bases' }
    const { substitute: vars = {} } = (postBuild ?? {}) as { substitute?: Record<string, string> }
    const objects =
      postBuild === undefined ? built.objects : substitute(built.objects, { vars, strict })
    const prepared = prepareObjects(expandLists(objects), {
      owner: { name: 'x', namespace: 'y' },
      conform: (object) => object,
    })
    const named = new Set(prepared.map(({ metadata }) => metadata.name))
    return {
      ok: true,
      objects: expandLists(objects).filter(({ metadata }) => named.has(metadata.name)),
    }
  } catch (error) {
    if (isFault(error)) return { ok: false, err: error.message }
    throw error
  }
}

/** How a case differs; undefined where it does not. What we say may go on after Flux's words. */
function difference(flux: Outcome, own: Outcome): string | undefined {
  if (flux.ok !== own.ok) return flux.ok ? 'must build' : 'must fail'
  if (!flux.ok) return own.err?.startsWith(flux.err ?? '') === true ? undefined : 'words'
  const plain = JSON.parse(JSON.stringify(own.objects)) as Json
  return isDeepStrictEqual(flux.objects, plain) ? undefined : 'objects'
}

function report(seed: number, one: FluxCase, outcomes: readonly [Outcome, Outcome]): string {
  const said = outcomes.map(({ ok, objects, err }) => (ok ? JSON.stringify(objects) : err))
  const files = Object.entries(one.tree).map(([path, text]) => `  --- ${path}\n${text}`)
  const spec = JSON.stringify({ path: one.path, strict: one.strict, spec: one.spec })
  const kind = difference(...outcomes) ?? ''
  return [
    `seed ${seed}: ${kind}`,
    `  flux ${said[0]}`,
    `  ours ${said[1]}`,
    `  ${spec}`,
    ...files,
  ].join('\n')
}

let differing = 0
let built = 0
for (let seed = Number(first); seed < Number(first) + Number(count); seed += 1) {
  const one = fluxCase(new Dice(seededRandom(seed)))
  const outcomes = [await theirs(one), ours(one)] as const
  if (outcomes[0].ok) built += 1
  if (difference(...outcomes) === undefined) continue
  differing += 1
  process.stdout.write(`${report(seed, one, outcomes)}\n`)
}
rmSync(work, { recursive: true, force: true })
server.close()
process.stdout.write(
  `flux: ${Number(count) - differing} of ${count} alike (${built} build), ${differing} differ\n`,
)
