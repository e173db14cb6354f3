import type { Json } from '../../../src/object/index.ts'
import { printYaml } from '../../../src/object/index.ts'
import type { Dice, Tree } from './dice.ts'
import { ARGUMENTS, NAMES, VALUES } from './flux-words.ts'

/** A tree, the path of a Kustomization in it, and its spec. */
export interface FluxCase {
  readonly tree: Tree
  readonly path: string
  readonly spec: Readonly<Record<string, Json>>
  readonly strict: boolean
}

function name(dice: Dice): string {
  return dice.pick(NAMES)
}

/** One form of a variable, mostly a good one. */
function form(dice: Dice, depth = 1): string {
  const n = name(dice)
  const arg = (): string =>
    depth > 0 && dice.chance(0.15)
      ? form(dice, depth - 1)
      : dice.chance(0.15)
        ? dice.pick(ARGUMENTS)
        : dice.pick(['x', 'y z', '1', 'true', 'b', 'a*', 'l', 'o', ':', '-', 'a.b'])
  const number = (): string =>
    dice.chance(0.9)
      ? dice.pick(['0', '1', '2', '3'])
      : dice.pick(['10', '-1', '-2', '', ' 1', 'x', '99', ' -1', '1 '])
  switch (dice.chance(0.12) ? dice.below(26) : dice.below(22)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
      return `\${${n}}`
    case 5:
      return `\${${n}:-${arg()}}`
    case 6:
      return `\${${n}:=${arg()}}`
    case 7:
      return `\${${n}-${arg()}}`
    case 8:
      return `\${${n}=${arg()}}`
    case 9:
      return `\${${n}:${number()}:${number()}}`
    case 10:
      return `\${${n}:${number()}}`
    case 11:
      return `\${#${n}}`
    case 12:
      return `\${${n}${dice.pick(['^', '^^', ',', ',,'])}}`
    case 13:
      return `\${${n}#${arg()}}`
    case 14:
      return `\${${n}##${arg()}}`
    case 15:
      return `\${${n}%${arg()}}`
    case 16:
      return `\${${n}%%${arg()}}`
    case 17:
      return `\${${n}/${arg()}/${arg()}}`
    case 18:
      return `\${${n}//${arg()}/${arg()}}`
    case 19:
      return `\${${n}/#${arg()}/${arg()}}`
    case 20:
      return `\${${n}/%${arg()}/${arg()}}`
    case 21:
      return `$\${${n}}`
    case 22:
      return dice.pick([
        `$${n}`,
        '$',
        '$$',
        '$(x)',
        '$$$',
        `$$$\{${n}}`,
        '${}',
        '${',
        '}',
        `\${${n}`,
        '{',
        '$ {a}',
      ])
    case 23:
      return `\${${n}${dice.pick([':+', '+', ':?', '?', '@', '!', '.', '-', ' ', '\\', '::', ';'])}${arg()}}`
    case 24:
      return `\${${dice.pick(['a-b', 'a.b', '1', 'a b', ' a', 'a ', '', '#', '!a', 'ü', '@', '*', '?', '$a', '_', 'A1'])}}`
    default:
      return `\${${n}:-${dice.pick(['x', '"x"', 'a b', 'http://h:80/p?q=1', '{}', '{ }', '[]', 'a}b', '1', 'true', '""', "''", 'null', '\\}', ' '])}}`
  }
}

function text(dice: Dice): string {
  const parts = dice.times(1, 3, () =>
    dice.chance(0.75)
      ? form(dice)
      : dice.pick([
          'x',
          ' ',
          '-',
          ': ',
          ' # ',
          '"',
          "'",
          '\n',
          '/',
          'pre',
          '0',
          '{',
          '}',
          ',',
          'word '.repeat(20),
        ]),
  )
  return parts.join('')
}

function value(dice: Dice): Json {
  const roll = dice.below(12)
  if (roll < 7) return text(dice)
  if (roll === 7)
    return dice.pick<Json>([1, true, null, 'plain', '', 1.5, 'yes', '1', 1e21, 12345678901])
  if (roll === 8) return [text(dice), 'x']
  if (roll === 9) return { [dice.pick(['k', text(dice)])]: text(dice) }
  if (roll === 10) return `${text(dice)}\nline two ${text(dice)}\n`
  return dice.pick(VALUES)
}

function object(dice: Dice, i: number): string {
  const [apiVersion, kind] = dice.pick([
    ['v1', 'ConfigMap'],
    ['e.com/v1', 'Thing'],
    ['apps/v1', 'Deployment'],
    ['v1', 'Secret'],
  ] as const)
  const metadata: Record<string, Json> = { name: dice.chance(0.06) ? text(dice) : `o${i}` }
  if (dice.chance(0.2)) metadata['annotations'] = { n: text(dice) }
  if (dice.chance(0.1)) metadata['labels'] = { l: dice.pick(VALUES) }
  if (dice.chance(0.06))
    metadata[dice.pick(['labels', 'annotations'])] = {
      'kustomize.toolkit.fluxcd.io/substitute': dice.pick(['disabled', 'enabled', 'Disabled']),
    }
  const body: Record<string, Json> =
    kind === 'Deployment'
      ? {
          spec: {
            replicas: value(dice),
            template: {
              spec: {
                containers: [
                  {
                    name: 'c',
                    image: dice.pick(['nginx', 'nginx:1', `r/x:${form(dice)}`]),
                    args: [text(dice), text(dice)],
                  },
                ],
              },
            },
          },
        }
      : kind === 'Thing'
        ? { spec: { a: value(dice), b: value(dice), c: { d: value(dice) } } }
        : {
            [kind === 'Secret' ? 'stringData' : 'data']: {
              k: value(dice),
              l: value(dice),
              ...(dice.chance(0.1) ? { __proto__x: 'y', constructor: text(dice) } : {}),
            },
          }
  if (dice.chance(0.05))
    return printYaml({
      apiVersion: 'v1',
      kind: 'List',
      items: [{ apiVersion, kind, metadata, ...body }],
    })
  return printYaml({ apiVersion, kind, metadata, ...body })
}

const COMPONENT =
  'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ncommonAnnotations: {comp: "${a}"}\n'

function substituteSpec(dice: Dice): Json {
  const vars: Record<string, Json> = {}
  for (const each of NAMES.slice(0, 6)) if (dice.chance(0.8)) vars[each] = dice.pick(VALUES)
  vars['empty'] = ''
  vars['multi'] = 'a\nb\nc\n'
  vars['long'] = 'x y '.repeat(40)
  vars['q'] = '"'
  if (dice.chance(0.02)) vars[dice.pick(['a-b', '1', 'ü', '', 'a.b'])] = 'x'
  return vars
}

const PATCHES: readonly Json[] = [
  {
    patch: '[{"op": "add", "path": "/metadata/labels", "value": {"p": "${a}"}}]',
    target: { kind: 'ConfigMap' },
  },
  { patch: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: o0}\ndata: {patched: "${host}"}\n' },
  {
    patch: '- op: add\n  path: /spec/new\n  value: ${n}\n',
    target: { kind: 'Thing', name: 'o.*' },
  },
  {
    patch: 'kind: x\nmetadata: {name: y, annotations: {z: "1"}}\n',
    target: { labelSelector: 'l' },
  },
  {
    patch: '$patch: delete\napiVersion: e.com/v1\nkind: Thing\nmetadata: {name: o1}\n',
    target: { kind: 'Thing', name: 'o1' },
  },
]

/** A directory as a Kustomization finds it, with variables in all places. */
export function fluxCase(dice: Dice): FluxCase {
  const tree: Tree = {}
  const path = dice.pick(['overlay', 'overlay', 'clusters/prod', '.'])
  const at = path === '.' ? '' : `${path}/`
  const files = dice.times(1, 3, (i) => {
    const file = dice.pick([
      `f${i}.yaml`,
      `f${i}.yml`,
      `sub/f${i}.yaml`,
      `sub/deep/f${i}.yaml`,
      `.hidden${i}.yaml`,
      `F${i}.YAML`,
      `f${i}.json`,
      `z ${i}.yaml`,
    ])
    tree[at + file] = dice.times(1, 2, (j) => object(dice, i * 2 + j)).join('---\n')
    return file
  })
  if (dice.chance(0.1)) tree[`${at}notes.txt`] = 'x'
  if (dice.chance(0.06))
    tree[`${at}sub/${dice.pick(['empty', 'bad', 'list', 'values'])}.yaml`] = dice.pick([
      '',
      '# c\n',
      'a: b\n',
      '- a\n',
      'x',
      '---\n---\n',
      'a: [\n',
      'kind: X\n',
      'apiVersion: v1\nkind: X\n',
      'apiVersion: v1\nkind: X\nmetadata: {}\n',
      'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n',
      'null\n',
    ])
  if (dice.chance(0.1)) {
    tree[`${at}own/${dice.pick(['kustomization.yaml', 'kustomization.yml', 'Kustomization'])}`] =
      'resources: [r.yaml]\nnamePrefix: own-\n'
    tree[`${at}own/r.yaml`] = object(dice, 9)
  }
  if (dice.chance(0.4)) {
    const value: Record<string, Json> = { resources: files }
    if (dice.chance(0.1)) delete value['resources']
    if (dice.chance(0.2)) value['namePrefix'] = 'k-'
    if (dice.chance(0.2))
      value['images'] = [{ name: 'nginx', newTag: dice.pick(['9', '1.20', 'latest']) }]
    if (dice.chance(0.2))
      value['configMapGenerator'] = [{ name: 'gen', literals: [`x=${text(dice)}`] }]
    if (dice.chance(0.1)) value['commonLabels'] = { c: '${a}' }
    if (dice.chance(0.1)) value['metadata'] = { name: 'm' }
    if (dice.chance(0.05))
      value[dice.pick(['unknown', 'spec', 'Resources'])] = dice.pick<Json>(['x', [], {}])
    tree[
      at +
        dice.pick([
          'kustomization.yaml',
          'kustomization.yaml',
          'kustomization.yml',
          'Kustomization',
        ])
    ] = printYaml(value)
  }
  const spec: Record<string, Json> = {}
  if (dice.chance(0.9))
    spec['postBuild'] = dice.chance(0.95) ? { substitute: substituteSpec(dice) } : {}
  if (dice.chance(0.15)) spec['targetNamespace'] = 'tn'
  if (dice.chance(0.1)) spec['namePrefix'] = 'fp-'
  if (dice.chance(0.1)) spec['nameSuffix'] = '-fs'
  if (dice.chance(0.2)) spec['patches'] = dice.some(PATCHES, 2)
  if (dice.chance(0.15))
    spec['images'] = dice.some<Json>(
      [
        { name: 'nginx', newName: 'n2' },
        { name: 'nginx', newTag: 't2' },
        { name: 'nginx', digest: 'sha256:abc' },
        { name: 'r/x', newTag: 'z' },
      ],
      2,
    )
  if (dice.chance(0.1)) {
    if (dice.chance(0.7)) tree[`comp/kustomization.yaml`] = COMPONENT
    spec['components'] = [path === '.' ? 'comp' : '../'.repeat(path.split('/').length) + 'comp']
    if (dice.chance(0.5)) spec['ignoreMissingComponents'] = true
  }
  if (dice.chance(0.05)) spec['buildMetadata'] = ['originAnnotations']
  return { tree, path, spec, strict: dice.chance(0.15) }
}
