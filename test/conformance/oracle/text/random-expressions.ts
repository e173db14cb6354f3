import fc from 'fast-check'

/** Parts that random expressions are made of, by what they come to. */
const LEAVES = {
  bool: ['true', 'self.flag', 'has(self.none)', 'has(self.name)', 'nope', "'a' in self.labels"],
  int: ['0', '1', '-2', '9223372036854775807', 'self.n', 'self.list[0]', 'self.list[9]', 'dyn(2)'],
  double: ['0.5', '-0.0', '1e300', 'self.ratio', '1.0/0.0'],
  text: ["'a'", "''", "'é🎉'", 'self.name', 'self.labels.a', "self.labels['zz']", 'self.memory'],
  list: ['[]', '[1, 2]', 'self.list', 'self.names', '[1, 2.5]', "['a', 1]", 'self.objects'],
  map: ['{}', "{'a': 1}", '{1: 2}', 'self.labels', 'self.inner', 'self', 'self.tree'],
  time: ["timestamp('2020-02-29T23:59:59.5Z')", 'timestamp(self.when)', 'timestamp(0)'],
  span: ["duration('90m')", 'duration(self.period)', "duration('-1ns')"],
  opt: ['optional.none()', 'optional.of(1)', 'self.?name', 'self.?nope', "self.labels[?'a']"],
} as const

type Kind = keyof typeof LEAVES
const KINDS = Object.keys(LEAVES) as Kind[]

/** Forms by what they come to; `$kind` stands for a part, `$any` for one of any kind. */
const FORMS: Readonly<Record<Kind, readonly string[]>> = {
  bool: [
    '$any == $any', '$any != $any', '($int < $int)', '($double >= $int)', '($text <= $text)',
    '($time > $time)', '$bool && $bool', '$bool || $bool', '!$bool', '($bool ? $bool : $bool)',
    '$list.all(x, $bool)', '$list.exists(x, x == $any)', '$list.exists_one(x, x == $int)',
    '$map.all(k, k != $text)', '$any in $list', '$any in $map', '$text.startsWith($text)',
    "$text.matches('[a-z]+')", '$text.contains($text)', '$opt.hasValue()',
    'sets.contains($list, $list)', 'sets.equivalent($list, $list)', 'bool($text)',
    '$list.all(x, x > $int)', 'type($any) == type($any)', '$any.$text', 'has(self.$any)',
  ],
  int: [
    '($int + $int)', '($int - $int)', '($int * $int)', '($int / $int)', '($int % $int)', '-$int',
    'size($text)', '$list.size()', '$map.size()', 'int($any)', '$text.indexOf($text)',
    '$time.getHours()', "$time.getDate('+05:30')", '$span.getMinutes()', '$opt.orValue($int)',
    '$text.lastIndexOf($text, $int)', '($bool ? $int : $any)', '$list[$int]', '$map[$any]',
    "$time.getDayOfWeek('America/New_York')", '$list.map(x, x + $int)[0]', '$int.foo($any)',
  ],
  double: ['($double + $double)', '($double / $double)', 'double($any)', '-$double', '($double * $int)'],
  text: [
    '($text + $text)', 'string($any)', '$text.substring($int)', '$text.charAt($int)',
    '$text.replace($text, $text)', '$text.upperAscii()', '$text.reverse()', '$text.trim()',
    "'%s %s'.format([$any, $any])", "'%d'.format([$any])", "'%.3f'.format([$any])",
    "'%x'.format([$any])", "'%e'.format([$any])", '$list.join($text)', 'strings.quote($text)',
    'base64.encode(bytes($text))', 'string(base64.decode($text))', '$opt.value()', '$map.a',
    "'%b'.format([$any])", '$text.split($text)[0]', '$text.substring($int, $int)',
  ],
  list: [
    '($list + $list)', '$list.map(x, x)', '$list.filter(x, $bool)', '[$any, $any]', '[?$opt]',
    '$text.split($text)', '$map.map(k, k)', '$list.map(x, $bool, x)', '[$list, $list]',
    '$list.map(x, [x, $any])', '$opt.optMap(x, [x]).orValue([])',
  ],
  map: ["{'a': $any}", '{$any: $any}', "{?'a': $opt}", '($bool ? $map : $map)', "{'a': 1, 'b': $any}"],
  time: ['($time + $span)', '($time - $span)', 'timestamp($any)'],
  span: ['($time - $time)', '($span + $span)', 'duration($any)', '-$span'],
  opt: [
    'optional.of($any)', 'optional.ofNonZeroValue($any)', '$opt.or($opt)', '$map.?a', '$list[?$int]',
    '$opt.optMap(x, x)', '$opt.optFlatMap(x, $opt)', '$list.first()', '$list.last()', '$opt.?a',
  ],
} // biome-ignore format: forms stand together

/** Marks of faults in the text itself. */
const SLIPS = ['(', ')', '[', "'", ',', '.', ' ', '=', '?', ':', '@', '1', 'in', '!', '}']

/** So deep parts are put together at most. */
const DEPTH_MAX = 3

/** Random expressions, the same ones for the same seed; one in ten is broken somewhere. */
export function randomExpressions(count: number, seed: number): string[] {
  return fc.sample(
    fc.gen().map((gen) => {
      const pick = <T>(from: readonly T[]): T => from[gen(fc.nat, { max: from.length - 1 })] as T
      const made = (kind: Kind, depth: number): string => {
        // A leaf now and then, and always where it gets too deep.
        if (depth >= DEPTH_MAX || gen(fc.nat, { max: 9 }) < 3) return pick(LEAVES[kind])
        return pick(FORMS[kind]).replaceAll(/\$([a-z]+)/g, (_, name: string) => {
          const other = gen(fc.nat, { max: 19 }) === 0
          return made(name === 'any' || other ? pick(KINDS) : (name as Kind), depth + 1)
        })
      }
      const text = made(pick(['bool', 'bool', ...KINDS]), 0)
      if (gen(fc.nat, { max: 9 }) > 0) return text
      const at = gen(fc.nat, { max: text.length })
      return text.slice(0, at) + pick(SLIPS) + text.slice(at + gen(fc.nat, { max: 1 }))
    }),
    { numRuns: count, seed },
  )
}
