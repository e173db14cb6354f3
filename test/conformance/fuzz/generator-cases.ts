import { type Json, printYaml } from '../../../src/object/index.ts'
import type { Dice, Tree } from './dice.ts'

const KEYS = [
  'a',
  'b',
  'app.properties',
  'A_B',
  'x-y',
  '.dot',
  '1',
  'true',
  'a b',
  '-a',
  'ä',
  '',
  'a/b',
  'a.b',
  '__proto__',
  'y',
  'NULL',
  'x'.repeat(300),
]
const VALUES = [
  'b',
  '',
  '1',
  'true',
  'yes',
  '0777',
  '1e3',
  'null',
  '~',
  'two words',
  ' lead',
  'trail ',
  'a=b',
  '"q"',
  "'s'",
  '"half',
  '""',
  "''",
  '"',
  'ünï',
  '🎉',
  'a: b',
  '# c',
  '- x',
  '{}',
  '[]',
  '|',
  '2001-01-01',
  '$(X)',
  '${X}',
  '\\n',
  'a\\nb',
  '<&>',
  '@x',
  '%x',
  '!t',
  '&a',
  '*a',
  'a,b',
  'x'.repeat(100),
  'many words '.repeat(12),
  'a	b',
  '`',
  'http://x/y?z=1&w=2',
  '0x1F',
  '.5',
  '1_000',
  'off',
  'N',
]
const TEXTS = [
  '',
  'one line',
  'one line\n',
  'a\nb\n',
  'a\nb',
  'a\n\n',
  '\n',
  '\n\na\n',
  ' indented\n',
  '  a\n b\n',
  'a \nb\n',
  'a	b\n',
  '	tab\n',
  'a\r\nb\r\n',
  'k: v\n',
  '{"a": 1}\n',
  '# comment\nx: y\n',
  '﻿bom\n',
  'ünï\n',
  '🎉\n',
  '🎉 one',
  'trail  ',
  'a\n \nb\n',
  'x'.repeat(200),
  `${'word '.repeat(40)}\n`,
  '<a href="x">&amp;</a>\n',
  '---\na: b\n---\n',
  'a\n...\n',
  '%YAML\n',
  'yes',
  '123',
  'null\n',
  '"quoted"\n',
  'a\u2028b',
  'ab\n',
  'a\xA0b\n',
  'a\0b',
  'a\x1Bb\n',
  'a\x07',
]
const ENVS = [
  'A=1\nB=2\n',
  'A=1',
  '',
  '\n\n',
  '# c\nA=1\n',
  ' A=1\n',
  'A = 1\n',
  'A=\n',
  'NOVALUE\n',
  '=x\n',
  'A="q"\n',
  "A='q'\n",
  'A=a=b\n',
  'A=1 # c\n',
  'A=1\r\nB=2\r\n',
  '﻿A=1\n',
  'export A=1\n',
  'A=ünï\n',
  'A=1\nA=2\n',
  'a.b=1\n',
  'a-b=1\n',
  '1=1\n',
  'A B=1\n',
  '	A=1\n',
  'A=	1 \n',
  'A==\n',
  'A\n#x\nB\n',
  'ä=1\n',
  'A=\\n\n',
]

function source(dice: Dice, files: Tree): Record<string, Json> {
  const result: Record<string, Json> = {}
  if (dice.chance(0.6))
    result['literals'] = dice
      .some(KEYS.slice(0, 8), 3)
      .map((key) => `${dice.chance(0.05) ? dice.pick(KEYS) : key}=${quoted(dice)}`)
  if (dice.chance(0.05))
    result['literals'] = [dice.pick(['novalue', '=x', 'a', '', 'a==', ' a=b', 'a = b'])]
  if (dice.chance(0.4))
    result['files'] = dice.times(1, 2, (i) => {
      const name = `f${dice.below(1000)}${dice.pick(['', '.txt', '.properties', '.bin'])}`
      files[`overlay/${name}`] = dice.pick(TEXTS)
      const key = dice.pick([...KEYS.slice(0, 8), ...(dice.chance(0.1) ? KEYS : [])])
      return dice.chance(0.5) ? name : `${key}${i}=${name}`
    })
  if (dice.chance(0.3)) {
    const name = `e${dice.below(1000)}.env`
    files[`overlay/${name}`] = dice.pick(ENVS)
    if (dice.chance(0.7)) result['envs'] = [name]
    else result['env'] = name
  }
  return result
}

function quoted(dice: Dice): string {
  const value = dice.pick(VALUES)
  const quote = dice.pick(['', '', '', '"', "'"])
  return quote + value + quote
}

function options(dice: Dice): Record<string, Json> {
  const flag = (): Json => dice.pick([true, false])
  return {
    ...(dice.chance(0.4) ? { labels: { l: dice.pick(VALUES), app: 'x' } } : {}),
    ...(dice.chance(0.4) ? { annotations: { n: dice.pick(VALUES) } } : {}),
    ...(dice.chance(0.4) ? { disableNameSuffixHash: flag() } : {}),
    ...(dice.chance(0.2) ? { immutable: flag() } : {}),
  }
}

function generator(dice: Dice, files: Tree, isSecret: boolean): Json {
  const result: Record<string, Json> = {
    name: dice.pick(['g', 'h', 'conf']),
    ...source(dice, files),
  }
  if (dice.chance(0.35))
    result['behavior'] = dice.pick(['create', 'merge', 'replace', 'merge', 'replace', 'nope', ''])
  if (dice.chance(0.2)) result['namespace'] = dice.pick(['ns', 'prod', 'default'])
  if (dice.chance(0.3)) result['options'] = options(dice)
  if (isSecret && dice.chance(0.4))
    result['type'] = dice.pick([
      'Opaque',
      'kubernetes.io/tls',
      'kubernetes.io/dockerconfigjson',
      '',
      'x',
    ])
  return result
}

const EXISTING = [
  'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: conf\n  annotations: {x: "1"}\n  labels: {app: y}\ndata:\n  a: old\n  z: "1"\n  num: 5\nbinaryData:\n  bin: AAEC\n',
  'apiVersion: v1\nkind: Secret\nmetadata:\n  name: conf\ntype: Opaque\ndata:\n  a: b2xk\nstringData:\n  s: t\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: conf\n  namespace: ns\ndata:\n  a: |\n    x\n    y\nimmutable: true\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: conf\ndata: null\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: conf\n',
]

function layer(dice: Dice, files: Tree, isBase: boolean): Record<string, Json> {
  const value: Record<string, Json> = {}
  const maps = dice.times(0, 2, () => generator(dice, files, false))
  const secrets = dice.times(0, 2, () => generator(dice, files, true))
  if (maps.length > 0) value['configMapGenerator'] = maps
  if (secrets.length > 0) value['secretGenerator'] = secrets
  if (dice.chance(0.3)) value['generatorOptions'] = options(dice)
  if (dice.chance(0.15)) value['namespace'] = 'ns'
  if (dice.chance(0.2)) value['namePrefix'] = isBase ? 'b-' : 'p-'
  if (dice.chance(0.1)) value['nameSuffix'] = '-s'
  if (dice.chance(0.1)) value['commonLabels'] = { c: dice.pick(VALUES) }
  if (dice.chance(0.1)) value['commonAnnotations'] = { c: dice.pick(VALUES) }
  if (dice.chance(0.1)) value['buildMetadata'] = ['originAnnotations']
  return value
}

/** Generators of ConfigMaps and Secrets from all kinds of sources, over what is there already. */
export function generatorTree(dice: Dice): Tree {
  const files: Tree = {}
  const top = layer(dice, files, false)
  const resources: string[] = []
  if (dice.chance(0.5)) {
    const own: Tree = {}
    const base = layer(dice, own, true)
    for (const [path, text] of Object.entries(own)) files[path.replace('overlay/', 'base/')] = text
    if (dice.chance(0.6)) {
      files['base/r.yaml'] = dice.pick(EXISTING)
      base['resources'] = ['r.yaml']
    }
    if (Object.keys(base).length > 0) {
      files['base/kustomization.yaml'] = printYaml(base)
      resources.push('../base')
    }
  }
  if (dice.chance(0.4)) {
    files['overlay/r.yaml'] = dice.pick(EXISTING)
    resources.push('r.yaml')
  }
  if (dice.chance(0.3)) {
    files['overlay/d.yaml'] =
      'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: c\n    envFrom: [{configMapRef: {name: g}}, {secretRef: {name: h}}]\n  volumes: [{name: v, configMap: {name: conf}}]\n'
    resources.push('d.yaml')
  }
  if (resources.length > 0) top['resources'] = resources
  files['overlay/kustomization.yaml'] = printYaml(top)
  return files
}
