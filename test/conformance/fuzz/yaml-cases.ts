import type { Dice, Tree } from './dice.ts'
import { ESCAPES, PLAIN, TAGS, WORDS } from './yaml-words.ts'

/** Writes random YAML as text, so that every style of it occurs. */
class Writer {
  readonly dice: Dice
  private anchors: string[] = []
  private mapAnchors: string[] = []
  private count = 0

  constructor(dice: Dice) {
    this.dice = dice
  }

  private words(least: number, most: number): string {
    return this.dice
      .times(least, most, () => this.dice.pick(WORDS))
      .join(this.dice.chance(0.9) ? ' ' : '  ')
  }

  private doubled(): string {
    const { dice } = this
    const parts = dice.times(0, 5, () =>
      dice.chance(0.3) ? dice.pick(ESCAPES) : dice.pick(WORDS).replaceAll('"', '\\"'),
    )
    return `"${parts.join(dice.chance(0.7) ? ' ' : '')}"`
  }

  private single(): string {
    const { dice } = this
    const text = dice.chance(0.5) ? dice.pick(PLAIN) : this.words(0, 4)
    return `'${text.replaceAll("'", "''")}'`
  }

  /** A scalar on one line. */
  scalar(isFlow: boolean): string {
    const { dice } = this
    if (this.anchors.length > 0 && dice.chance(0.04))
      return `*${dice.pick(this.anchors)}${isFlow ? ' ' : ''}`
    const tag = dice.chance(0.03) ? `${dice.pick(TAGS)} ` : ''
    const anchor = dice.chance(0.03) ? `&${this.newAnchor()} ` : ''
    const roll = dice.below(10)
    const text = roll < 6 ? dice.pick(PLAIN) : roll < 8 ? this.doubled() : this.single()
    return anchor + tag + text
  }

  private newAnchor(): string {
    this.count += 1
    const name = `s${this.count}`
    this.anchors.push(name)
    return name
  }

  private comment(): string {
    return this.dice.chance(0.06) ? ' # comment' : ''
  }

  private block(margin: string): string {
    const { dice } = this
    const head = `${dice.pick(['|', '>'])}${dice.pick(['', '', '-', '+', '2', '2-'])}`
    const inner = `${margin}  `
    const lines = dice.times(0, 5, () => {
      const roll = dice.below(10)
      if (roll === 0) return ''
      if (roll === 1) return `${inner}  ${this.words(1, 3)}`
      if (roll === 2) return `${inner}${this.words(1, 3)}  `
      if (roll === 3) return `${inner}# ${this.words(1, 2)}`
      if (roll === 4) return `${inner}${this.words(10, 25)}`
      if (roll === 5) return inner
      if (roll === 6) return `${inner}\t${this.words(1, 2)}`
      return `${inner}${this.words(1, 4)}`
    })
    return `${head}${this.comment()}\n${lines.join('\n')}`
  }

  private folded(margin: string): string {
    const { dice } = this
    const lines = dice.times(2, 4, () => this.words(1, 3).replaceAll(/[:#"'-]|^\s/g, 'z'))
    const joined = lines.join(`\n${dice.chance(0.3) ? '\n' : ''}${margin}  `)
    const quote = dice.pick(['', '', '"', "'"])
    return `${quote}${joined}${quote}`
  }

  private flow(depth: number): string {
    const { dice } = this
    if (depth <= 0 || dice.chance(0.5)) return this.scalar(true)
    const gap = dice.pick(['', ' ', ' ', '\n        '])
    const tail = dice.chance(0.1) ? ',' : ''
    if (dice.chance(0.5)) {
      const items = dice.times(0, 3, () => gap + this.flow(depth - 1))
      return `[${items.join(',')}${items.length > 0 ? tail : ''}${gap}]`
    }
    const items = dice.times(0, 3, (i) => {
      const key = dice.chance(0.8) ? `k${i}` : dice.pick(['"q"', "'s'", '1', 'true', 'x y'])
      return dice.chance(0.9) ? `${gap}${key}: ${this.flow(depth - 1)}` : `${gap}${key}`
    })
    return `{${items.join(',')}${items.length > 0 ? tail : ''}${gap}}`
  }

  private key(i: number): string {
    const { dice } = this
    const roll = dice.below(24)
    if (roll === 0) return `"q ${i}"`
    if (roll === 1) return `'s${i}'`
    if (roll === 2)
      return dice.pick([
        '1',
        'true',
        'yes',
        'null',
        '1.5',
        '0x1',
        '~',
        'n',
        '2001-01-01',
        '0777',
        '""',
      ])
    if (roll === 3) return `? k${i}\n`
    if (roll === 4)
      return dice.pick(['a b', 'é', 'a.b/c', '-k', '.k', 'k#', 'K', '=', 'x'.repeat(130)])
    return `${dice.pick(['k', 'a', 'z', 'b'])}${i}`
  }

  /** What follows a key or a dash. */
  private value(margin: string, depth: number): string {
    const { dice } = this
    const roll = dice.below(20)
    if (roll < 8 || depth <= 0) return ` ${this.scalar(false)}${this.comment()}`
    if (roll < 10) return ` ${this.block(margin)}`
    if (roll < 11) return ` ${this.folded(margin)}`
    if (roll < 14) return ` ${this.flow(2)}${this.comment()}`
    const head = this.comment()
    let anchor = ''
    if (dice.chance(0.05)) {
      anchor = ` &m${this.count}`
      this.count += 1
    }
    const isMap = roll < 18
    const inner = isMap || dice.chance(0.5) ? `${margin}  ` : margin
    const body = isMap ? this.map(inner, depth - 1) : this.list(inner, depth - 1)
    if (anchor !== '') (isMap ? this.mapAnchors : this.anchors).push(anchor.slice(2))
    return `${anchor}${head}\n${body}`
  }

  map(margin: string, depth: number): string {
    const { dice } = this
    const lines = dice.times(1, 4, (i) => {
      const before = dice.chance(0.06) ? `${margin}# head\n` : dice.chance(0.03) ? '\n' : ''
      if (this.mapAnchors.length > 0 && dice.chance(0.08))
        return `${before}${margin}${dice.pick([`<<: *${dice.pick(this.mapAnchors)}`, `m${i}: *${dice.pick(this.mapAnchors)}`])}`
      const key = this.key(i)
      const gap = key.endsWith('\n') ? margin : ''
      return `${before}${margin}${key}${gap}:${this.value(margin, depth)}`
    })
    return lines.join('\n')
  }

  list(margin: string, depth: number): string {
    const { dice } = this
    return dice
      .times(1, 3, (i) => {
        const before = dice.chance(0.05) ? `${margin}# item\n` : ''
        if (dice.chance(0.3) && depth > 0) {
          const first = `k${i}:${this.value(`${margin}  `, depth - 1)}`
          const rest = dice.chance(0.5)
            ? `\n${margin}  z${i}:${this.value(`${margin}  `, depth - 1)}`
            : ''
          return `${before}${margin}- ${first}${rest}`
        }
        return `${before}${margin}-${this.value(margin, depth)}`
      })
      .join('\n')
  }
}

const STEPS = [
  '',
  '',
  'namespace: ns\n',
  'commonAnnotations: {note: "1"}\n',
  'commonLabels: {app: x}\n',
  'patches:\n- target: {kind: Thing}\n  patch: |\n    [{"op": "add", "path": "/metadata/labels", "value": {"a": "b"}}]\n',
  'patches:\n- target: {kind: Thing}\n  patch: |\n    kind: Thing\n    metadata: {name: x}\n    spec: {added: 1}\n',
  'patches:\n- patch: |\n    apiVersion: e.com/v1\n    kind: Thing\n    metadata: {name: t}\n    spec: {k0: null, a1: {z: y}}\n',
  'buildMetadata: [originAnnotations]\n',
  'replacements:\n- source: {kind: Thing, fieldPath: spec}\n  targets:\n  - select: {kind: ConfigMap}\n    fieldPaths: [data.copy]\n    options: {create: true}\n',
  'transformers:\n- |-\n  apiVersion: builtin\n  kind: PrefixTransformer\n  metadata: {name: p}\n  prefix: p-\n  fieldSpecs: [{path: metadata/name}]\n',
]

function resource(dice: Dice): string {
  const writer = new Writer(dice)
  const head = 'apiVersion: e.com/v1\nkind: Thing\nmetadata:\n  name: t\n'
  const meta = dice.chance(0.1) ? `  annotations:\n    n: ${writer.scalar(false)}\n` : ''
  return `${head}${meta}spec:\n${writer.map('  ', 3)}\n`
}

/** One object in YAML of all styles, and one step of a build that takes it apart or does not. */
export function yamlTree(dice: Dice): Tree {
  let text = resource(dice)
  if (dice.chance(0.1))
    text = dice.pick(['---\n', '%YAML 1.1\n---\n', '# first\n', '\n\n', '--- # c\n']) + text
  if (dice.chance(0.1))
    text += dice.pick(['---\n', '...\n', '---\n# end\n', '\n\n# tail\n', '...\n---\n'])
  if (dice.chance(0.06)) text = text.replaceAll('\n', '\r\n')
  if (dice.chance(0.06)) text = text.trimEnd()
  const step = dice.pick(STEPS)
  const more = step.includes('ConfigMap') ? ['cm.yaml'] : []
  return {
    'overlay/kustomization.yaml': `resources: [${['r.yaml', ...more].join(', ')}]\n${step}`,
    'overlay/r.yaml': text,
    ...(more.length > 0
      ? { 'overlay/cm.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n' }
      : {}),
  }
}
