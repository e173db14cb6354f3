import { seededRandom } from '../../../../src/base/index.ts'

/** One case of substitution for the oracle. */
export interface SubstituteCase {
  readonly kind: 'substitute'
  readonly text: string
  readonly vars: Readonly<Record<string, string>>
  readonly strict: boolean
}

const VARS: Readonly<Record<string, string>> = {
  v: 'value',
  path: '/usr/local/bin/tool.tar.gz',
  empty: '',
  n: '3',
  neg: '-3',
  uni: 'Ärger über Öl',
  two: 'aXbXc',
  stars: 'a*b',
  dollar: '$x ${v} $$',
  slash: 'a/b/c',
  _u1: 'under',
  caps: 'ABCdef',
}

/** Written by hand, one for each rule of the grammar and each of its oddities. */
const TEXTS: readonly string[] = [
  ...['', 'plain', '$', '$$', '$$$', '$$$$', '$v', '$$v', '$${v}', '$$${v}', '$$$${v}', 'a$'],
  ...['${v}', '${ v}', '${v }', '${{ x }}', '${!v}', '${}', '${', '${v', '${1}', '${a.b}', '${v-d}'],
  ...['${v+x}', '${v?x}', '${v-}', '${missing}', '${_u1}', '${ü}', '${v}${n}', 'x${v}y${n}z', '${v\n}'],
  ...['${#v}', '${#uni}', '${#empty}', '${#missing}', '${#}', '${##}', '${##v}', '${#v', '${#v}}'],
  ...['${v^}', '${v^^}', '${caps,}', '${caps,,}', '${uni^^}', '${uni,,}', '${v,^}', '${v^^^}', '${v^x}'],
  ...['${v:0}', '${v:1}', '${v:1:2}', '${v:9}', '${v:1:99}', '${v:5:1}', '${v:-3}', '${v: -3}'],
  ...['${v:x}', '${v:1:x}', '${v:}', '${v:', '${v:1', '${v:1:}', '${v:1::2}', '${v:1:2:3}', '${v:0:0}'],
  ...['${v:${n}}', '${v:${neg}}', '${v:${n}:1}', '${v:1:${n}}', '${v:1:-1}', '${v:é}', '${uni:1}'],
  ...['${v:+1}', '${v:${n}1}', '${v:01}', '${v:9223372036854775808}', '${v:1:9223372036854775808}'],
  ...['${path#*/}', '${path##*/}', '${path%.*}', '${path%%.*}', '${path#/usr}', '${path%gz}'],
  ...['${path#}', '${path##}', '${path###x}', '${path%%%x}', '${path#?}', '${path%?}', '${path#[/]}'],
  ...['${path#[^a]}', '${path#[a-z/]*}', '${path%[a-z]}', '${path#[}', '${path#[]}', '${path#\\/}'],
  ...['${stars#a\\*}', '${path#a${v}}', '${path#${v}}', '${path##*a*i}', '${uni#Ä}', '${uni%l}', '${uni#?}'],
  ...['${missing#x}', '${missing%x}', '${missing^}', '${missing:1}', '${missing/a/b}', '${v#v}', '${v#value}'],
  ...['${v:-d}', '${missing:-d}', '${empty:-d}', '${missing=d}', '${empty=d}', '${missing:=d}', '${v:=d}'],
  ...['${missing:?d}', '${missing:+d}', '${v:+d}', '${v:?d}', '${missing:-}', '${missing:=}', '${missing:='],
  ...['${missing:=a:b}', '${missing:=a b}', '${missing:=${v}}', '${missing:=${v}-x}', '${missing:=x-${v}-y}'],
  ...['${missing:=${nope}}', '${v:=${nope}}', '${missing:=${nope:=deep}}', '${missing:=$$y}', '${missing:=$y}'],
  ...['${missing:=a}b}', '${missing:={a}}', '${missing:="q"}', "${missing:='q'}", '${missing:=\\}}'],
  ...['${missing:=a\\/b}', '${missing:=${v}${n}}', '${missing:=d', '${missing:=${v}', '${missing:=$}'],
  ...['${two/X/-}', '${two//X/-}', '${two/#a/-}', '${two/%c/-}', '${two/#b/-}', '${two/%b/-}', '${two/X/}'],
  ...['${two//X/}', '${two/X}', '${two/', '${two//', '${two/X', '${two/X/', '${two//X//}', '${two///-}'],
  ...['${slash/\\//-}', '${slash//\\//-}', '${slash/\\/b/-}', '${two/X/\\/}', '${two/X/\\\\}', '${two/X/a\\b}'],
  ...['${two/X/$$}', '${two/X/$}', '${two/$$/x}', '${two/${v}/x}', '${two/X/${v}}', '${two/X/a${v}}'],
  ...['${two/a} b/c}', '${two/X//y}', '${stars/*/x}', '${two//${empty}/-}', '${two/${empty}/-}', '${two/#${empty}/-}'],
  ...['${two/#a/}', '${two/%c/}', '${two/#a}', '${two/%c}', '${two/##/x}', '${two/#/x}', '${v/a/$v}'],
  ...['${dollar}', '${dollar:=x}', '${missing:=${dollar}}', '{${v}}', '}${v}{', '${v}}', 'a\\${v}', '\\$$'],
  ...['key: ${v} # ${n}', 'a\nb ${v}\nc', '"${v}"', '${v}:${n}', '🙂${v}🙂', '${v:🙂}', '${missing:=🙂}'],
  ...['${v/🙂/x}', '${#uni}${uni^}', '${a:=${b:=${c:=x}}}', '${v:=a/b#c%d}', '$ {v}', '$\n{v}', '${v:=\n}'],
]

const PARTS = ['v', 'n', 'missing', 'path', 'two', 'a', 'X', '*', '?', '/', '\\', '$', '$$', '${', '}', ':', '-']
const MORE = ['=', '#', '%', '^', ',', '+', ' ', '[', ']', '1', '2', '${v}', '${two/', '${path#', '${n:=', 'é']

/** All cases: each text in strict mode and not, and as many again made of random parts. */
export function substituteCases(): SubstituteCase[] {
  const random = seededRandom(29)
  const pick = (list: readonly string[]): string =>
    list[Math.floor(random.next() * list.length)] ?? ''
  const noise = Array.from({ length: 900 }, () => {
    const length = 1 + Math.floor(random.next() * 7)
    const inner = Array.from({ length }, () => pick([...PARTS, ...MORE])).join('')
    return random.next() < 0.8 ? `\${${pick(['v', 'two', 'path', 'missing', 'n'])}${inner}}` : inner
  })
  return [...TEXTS.flatMap((text) => [true, false].map((strict) => make(text, strict))), ...noise.map((text) => make(text, false))]
}

function make(text: string, strict: boolean): SubstituteCase {
  return { kind: 'substitute', text, vars: VARS, strict }
}
