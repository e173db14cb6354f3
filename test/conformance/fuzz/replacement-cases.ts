import { type Json, printYaml } from '../../../src/object/index.ts'
import type { Dice, Tree } from './dice.ts'

const SCALARS = [
  'a',
  '1',
  '"1"',
  'true',
  '"yes"',
  "'q'",
  'null',
  '~',
  '1.5',
  '0777',
  'x y',
  '"a: b"',
  '{}',
  '[]',
  '[a, b]',
  '{a: b}',
  '',
  'a-b-c',
  'h:1:2',
  '2001-01-01',
  '"a\\nb"',
  'http://h:80/p',
]

/** YAML of one shape in all orders below a margin, some of it with comments and empty lines. */
function inner(dice: Dice, margin: string, noise: boolean): string {
  const lines: string[] = []
  const comment = (at: string): void => {
    if (!noise) return
    if (dice.chance(0.2)) lines.push('')
    if (dice.chance(0.25)) lines.push(`${dice.chance(0.95) ? at : `${at}  `}# c${dice.below(100)}`)
    if (dice.chance(0.2)) lines.push('')
    if (dice.chance(0.1)) lines.push(`${at}# d${dice.below(100)}`)
  }
  const tail = (): string => (noise && dice.chance(0.2) ? ` # t${dice.below(100)}` : '')
  const line = (at: string, lead: string): void => {
    comment(at)
    lines.push(`${at}${lead} ${dice.pick(SCALARS)}`.trimEnd() + tail())
    if (dice.chance(0.2)) comment(at)
  }
  const deep = `${margin}  `
  const listMargin = dice.chance(0.5) ? margin : deep
  const makers: Readonly<Record<string, () => void>> = {
    a: () => line(margin, 'a:'),
    host: () => line(margin, 'host:'),
    m: () => {
      comment(margin)
      lines.push(`${margin}m:${tail()}`)
      line(deep, 'host:')
      if (dice.chance(0.8)) line(deep, 'port:')
    },
    l: () => {
      comment(margin)
      lines.push(`${margin}l:${tail()}`)
      for (const name of dice.times(1, 3, (i) => 'abc'[i] ?? '')) {
        comment(listMargin)
        lines.push(`${listMargin}- name: ${name}${tail()}`)
        line(`${listMargin}  `, 'value:')
      }
    },
    w: () => {
      comment(margin)
      lines.push(`${margin}w:${tail()}`)
      for (const _ of dice.times(1, 3, () => 0)) line(listMargin, '-')
    },
    text: () => {
      comment(margin)
      lines.push(
        `${margin}text: ${dice.pick(['|', '>', '|-', '>-'])}${tail()}`,
        `${deep}one`,
        `${deep}two # no`,
      )
    },
  }
  const names = Object.keys(makers).filter((name) => name === 'a' || dice.chance(0.7))
  for (const name of dice.chance(0.5) ? names : names.toReversed()) makers[name]?.()
  if (dice.chance(0.3)) comment(margin)
  return lines.join('\n')
}

function block(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : `    ${line}`))
    .join('\n')
}

const JSONS = [
  '{"a": 1, "host": "x", "l": [1, {"name": "a", "value": "b"}], "m": {"host": "y"}}',
  '{\n  "a": "b",\n  "m": {\n    "host": "<x>&",\n    "port": 1.50\n  },\n  "l": []\n}',
  '[{"name": "a", "value": 1}, {"name": "b"}]',
  '{"a":null,"host":"é","m":{},"b":12345678901234567890}',
  '["x", "y"]',
  '"text"',
  '{"a": 1',
  '{\n    "a": [1,\n 2],\n\t"host": "x"\n}\n',
  '  {"host": "x"}  ',
]

function configMap(dice: Dice): string {
  const head = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n  labels: {app: x}\ndata:\n'
  const text = dice.chance(0.5) ? inner(dice, '', dice.chance(0.7)) : dice.pick(JSONS)
  const style = dice.pick(['|', '|', '|-', '|+', '>', '>-'])
  const flat = dice.chance(0.3) ? `  a: ${dice.pick(SCALARS)}\n` : ''
  return `${head}  app: ${style}\n${block(text)}\n${flat}`
}

function thing(dice: Dice, name: string): string {
  return `apiVersion: e.com/v1\nkind: Thing\nmetadata:\n  name: ${name}\n  annotations: {n: "1"}\nspec:\n${inner(dice, '  ', false)}\n`
}

const PARTS = [
  'a',
  'b',
  'host',
  'port',
  'l',
  'm',
  '0',
  '1',
  '*',
  '[name=a]',
  '[name=b]',
  '[name=.*]',
  '[=a]',
  '-',
  '[x.y]',
  'x\\.y',
  '-1',
  '2',
  'name',
  'value',
  '[value=1]',
  '"1"',
]

const USUAL = [
  'a',
  'a',
  'host',
  'm',
  'm.host',
  'm.port',
  'm.new',
  'new',
  'new.x',
  'l',
  'l.0',
  'l.0.value',
  'l.[name=a].value',
  'l.*.value',
  'l.1.name',
  'l.[name=b]',
  'l.[name=new].value',
  'w',
  'w.0',
  'w.-',
  'w.[=a]',
  'w.1',
  'w.*',
  'text',
]

function path(dice: Dice, isMap: boolean): string {
  if (dice.chance(0.05))
    return [dice.pick(ROOTS), ...dice.times(0, 3, () => dice.pick(PARTS))].join('.')
  if (isMap) return dice.chance(0.1) ? 'data.a' : `data.app.${dice.pick(USUAL)}`
  return `spec.${dice.pick(USUAL)}`
}

const ROOTS = [
  'spec',
  'metadata.name',
  'metadata.annotations',
  'metadata.labels',
  'metadata.namespace',
  'data.app',
  'kind',
  'status',
]

function options(dice: Dice): Json {
  return {
    ...(dice.chance(0.5) ? { delimiter: dice.pick([':', '-', '/', '.', '', 'ab', ' ']) } : {}),
    ...(dice.chance(0.6) ? { index: dice.pick([0, 1, 2, 5, -1]) } : {}),
    ...(dice.chance(0.7) ? { create: dice.pick([true, true, true, false]) } : {}),
    ...(dice.chance(0.03) ? { encoding: 'base64' } : {}),
  }
}

const SELECTS: readonly Json[] = [
  { kind: 'Thing', name: 't' },
  { kind: 'Thing' },
  { kind: 'Thing', name: 'u', labelSelector: 'app=x' },
  { kind: 'Th.*' },
  { group: 'e.com', version: 'v1' },
  { name: '.*', kind: 'Thing' },
  { kind: 'Nope' },
  { annotationSelector: 'n=1' },
]

function target(dice: Dice): Json {
  const isMap = dice.chance(0.6)
  return {
    select: isMap ? { kind: 'ConfigMap' } : dice.pick(SELECTS),
    ...(dice.chance(0.1) ? { reject: [dice.pick(SELECTS)] } : {}),
    ...(dice.chance(0.97) ? { fieldPaths: dice.times(1, 2, () => path(dice, isMap)) } : {}),
    ...(dice.chance(0.6) ? { options: options(dice) } : {}),
  }
}

function source(dice: Dice): Json {
  if (dice.chance(0.05))
    return { kind: dice.pick(['Thing', 'ConfigMap']), fieldPath: path(dice, dice.chance(0.5)) }
  if (dice.chance(0.15)) return { kind: 'ConfigMap', name: 'c', fieldPath: 'data.app' }
  const field = dice.chance(0.7)
    ? dice.pick(['spec.a', 'metadata.name', 'kind', 'spec.l', 'spec.m'])
    : path(dice, false)
  return {
    kind: 'Thing',
    name: dice.pick(['t', 'u']),
    ...(dice.chance(0.9) ? { fieldPath: field } : {}),
    ...(dice.chance(0.15)
      ? { options: { delimiter: dice.pick(['-', ':', '.']), index: dice.below(2) } }
      : {}),
  }
}

function replacement(dice: Dice): Record<string, Json> {
  const from: Record<string, Json> = dice.chance(0.2)
    ? { sourceValue: dice.pick(['v', '1', '', 'true', 'a\nb', 'x: y']) }
    : { source: source(dice) }
  return { ...from, targets: dice.times(1, 2, () => target(dice)) }
}

/** Values copied among objects, into the middle of texts and into JSON and YAML in texts. */
export function replacementTree(dice: Dice): Tree {
  const files: Tree = {
    'overlay/c.yaml': configMap(dice),
    'overlay/t.yaml': `${thing(dice, 't')}---\n${thing(dice, 'u')}`,
  }
  const value: Record<string, Json> = { resources: ['c.yaml', 't.yaml'] }
  const list = dice.times(1, 2, () => replacement(dice))
  if (dice.chance(0.15)) {
    files['overlay/rep.yaml'] = dice.chance(0.5)
      ? printYaml(list as Json)
      : printYaml(list[0] as Json)
    value['replacements'] = [{ path: 'rep.yaml' }]
  } else value['replacements'] = list as Json
  if (dice.chance(0.2)) value['namePrefix'] = 'p-'
  if (dice.chance(0.1)) value['namespace'] = 'ns'
  files['overlay/kustomization.yaml'] = printYaml(value)
  return files
}
