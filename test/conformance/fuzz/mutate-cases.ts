import { isUtf8 } from 'node:buffer'
import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fixturesOf } from '../../kit/fixture.ts'
import type { Dice, Tree } from './dice.ts'

const SMALL = 20_000

/** The inputs of the cases that we have: what is built is moved to `overlay`. */
function corpus(): Tree[] {
  return fixturesOf('build').flatMap(({ dir, options }) => {
    if (options['path'] !== undefined || options['flags'] !== undefined) return []
    const tree: Tree = {}
    const walk = (path: string): boolean =>
      readdirSync(join(dir, 'input', path)).every((name) => {
        const at = join(path, name)
        const stat = lstatSync(join(dir, 'input', at))
        if (stat.isSymbolicLink()) return false
        if (stat.isDirectory()) return walk(at)
        const bytes = readFileSync(join(dir, 'input', at))
        if (bytes.length > SMALL || !isUtf8(bytes)) return false
        tree[`overlay/${at}`] = bytes.toString('utf8')
        return true
      })
    return walk('') && JSON.stringify(tree).length < SMALL ? [tree] : []
  })
}

let known: Tree[] | undefined

const VALUES = [
  'null',
  '""',
  '0',
  '1',
  '-1',
  'true',
  'yes',
  '[]',
  '{}',
  '[null]',
  '{a: b}',
  '[a]',
  '1.5',
  '"x"',
  '~',
  'default',
  'web',
  '*',
  '.*',
  '(',
  '[a',
  '$(X)',
  '_',
  'a/b',
  '../x',
  '.',
  './',
  '/',
  'app',
  'Deployment',
  'apps/v1',
  'v1',
  'merge',
  'replace',
  'delete',
  'create',
  '0777',
  '1e3',
  '2001-01-01',
  'ConfigMap',
  'metadata.name',
]

const LINES = [
  'namespace: ns',
  'namePrefix: p-',
  'nameSuffix: -s',
  'commonLabels: {l: v}',
  'commonAnnotations: {a: v}',
  'labels: [{pairs: {x: y}}]',
  'labels: [{pairs: {x: y}, includeSelectors: true}]',
  'kind: Component',
  'kind: Kustomization',
  'images: [{name: nginx, newTag: t}]',
  'replicas: [{name: web, count: 3}]',
  'buildMetadata: [originAnnotations, transformerAnnotations]',
  'generatorOptions: {disableNameSuffixHash: true}',
  'configMapGenerator: [{name: g, literals: [a=b]}]',
  'secretGenerator: [{name: g, literals: [a=b]}]',
  'sortOptions: {order: fifo}',
  'resources: []',
  'bases: []',
  'vars: []',
  'patches: []',
  'metadata: {name: m}',
  'unknown: 1',
  'openapi: {}',
  'configurations: []',
  'crds: []',
  'components: []',
  'transformers: []',
  'replacements: []',
  '$patch: delete',
  '$patch: replace',
  '- $patch: delete',
  '  namespace: other',
  '  labels: {app: web}',
  '  annotations: null',
  'apiVersion: v1',
  'status: {}',
  '# comment',
  '---',
  '- null',
  '- {}',
  'data: {}',
  'spec: null',
]

/** One of the cases that we have. */
export function knownTree(dice: Dice): Tree {
  known ??= corpus()
  return dice.pick(known)
}

/** One of the cases that we have, with a few slips in it. */
export function mutatedTree(dice: Dice): Tree {
  let tree = knownTree(dice)
  for (const _ of dice.times(1, 3, () => 0)) tree = mutated(tree, dice)
  return tree
}

function mutated(tree: Tree, dice: Dice): Tree {
  const paths = Object.keys(tree)
  const path = dice.chance(0.5)
    ? (dice.pick(paths.filter((each) => /kustomization/i.test(each))) ?? dice.pick(paths))
    : dice.pick(paths)
  const lines = (tree[path] ?? '').split('\n')
  const at = dice.below(lines.length)
  const line = lines[at] ?? ''
  switch (dice.below(11)) {
    case 0:
      lines.splice(at, 1)
      break
    case 1:
      lines.splice(at, 0, line)
      break
    case 2:
      lines[at] = line.replace(/: .*$/, `: ${dice.pick(VALUES)}`)
      break
    case 3:
      lines[at] = line.replace(/^(\s*- ).*$/, `$1${dice.pick(VALUES)}`)
      break
    case 4:
      lines.splice(at, 0, indented(line, dice.pick(LINES)))
      break
    case 5:
      lines[at] = `  ${line}`
      break
    case 6:
      lines[at] = line.replace(/^ {2}/, '')
      break
    case 7: {
      const other = dice.pick(Object.values(tree)).split('\n')
      lines.splice(at, 0, dice.pick(other))
      break
    }
    case 8:
      lines[at] = line.replace(/[\w.-]+/, (word) =>
        dice.chance(0.5) ? `${word}x` : dice.pick(VALUES),
      )
      break
    case 9: {
      const words = line.match(/[\w./-]+/g) ?? ['']
      const word = dice.pick(words)
      lines[at] = line.replace(word, dice.pick(VALUES))
      break
    }
    default:
      lines.push(dice.pick(LINES))
  }
  return { ...tree, [path]: lines.join('\n') }
}

function indented(like: string, line: string): string {
  return `${/^\s*/.exec(like)?.[0] ?? ''}${line}`
}
