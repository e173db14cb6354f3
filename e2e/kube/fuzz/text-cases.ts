import { isObject, type Json, type JsonObject, printYaml } from '../../../src/object/index.ts'
import type { ContractCase, ContractStep } from '../../../test/kit/cluster-contract.ts'
import { PATCH, placeOf, seeds } from './cases.ts'
import { changed, type Spot, spotsOf, typeOfObject } from './mutate.ts'
import { type Draw, drawFrom } from './values.ts'

/** Values as texts of JSON that only careful readers take alike. */
const JSON_VALUES: readonly string[] = [
  'null',
  '1',
  '1.0',
  '1.5',
  '-0',
  '1e2',
  '1E400',
  '9223372036854775807',
  '9223372036854775808',
  '18446744073709551616',
  '-9223372036854775809',
  '0.1e1',
  '"1"',
  '"true"',
  'true',
  '"é"',
  '"\\u0041"',
  '"\\ud800"',
  '"a\\u0000b"',
  '[]',
  '{}',
  '[null]',
  '{"a":null}',
  '{"a":1,"a":2}',
  '{"a":1,"A":2}',
  '01',
  '.5',
  '+1',
  'NaN',
  'nul',
  '"\\x"',
  "'a'",
  '[1,]',
  '{"a":1,}',
  '"a\tb"',
  '3.0e0',
  '4294967296',
  '2147483648',
  '[[[[[[[[1]]]]]]]]',
  '""',
] // prettier-ignore

/** Values as texts of YAML. */
const YAML_VALUES: readonly string[] = [
  'yes',
  'No',
  'on',
  'OFF',
  'y',
  'n',
  '~',
  'null',
  'Null',
  '0x1F',
  '0o17',
  '010',
  '1_000',
  '.inf',
  '-.inf',
  '.nan',
  '1e3',
  '1.',
  '"1"',
  "'true'",
  '2001-01-01',
  '2001-12-14t21:59:43.10-05:00',
  '!!str 1',
  '!!int "3"',
  '!!binary aGk=',
  '!!float 1',
  '!foo x',
  '&a x',
  '*a',
  '|\n      b\n',
  '>-\n      b\n',
  '0b11',
  '190:20:30',
  '+1',
  '-0',
  '9223372036854775808',
  '18446744073709551616',
  '1.5',
  '{a: 1, a: 2}',
  '[a, , b]',
  '{a, b}',
  '"\\x41"',
  '"\\ud800"',
  '@x',
  '`x',
  '%x',
  'a: b',
  'a #b',
  '"a',
  '? a',
  '- a',
  '{<<: {a: b}}',
  '1e400',
  '0',
  '-1',
  '"é"',
  '1:20',
  '=',
  '<<',
] // prettier-ignore

const MARK = '@@mark@@'

/** A case of a number: an object whose text is odd somewhere, sent in one of the ways to send it. */
export function textCaseOf(number: number, only: readonly string[] = []): ContractCase {
  const draw = drawFrom(number * 4409 + 31)
  const calm = seeds.filter((seed) => only.length === 0 || only.includes(String(seed['kind'])))
  const seed = draw.of(calm)
  const { list, one, dry } = placeOf(seed)
  const isYaml = draw.below(2) === 0
  const { text, what } = isYaml ? oddYaml(draw, seed) : oddJson(draw, seed)
  const type = isYaml ? 'application/yaml' : 'application/json'
  const options = [
    ...(dry ? ['dryRun=All'] : []),
    ...draw.of([[], [], ['fieldValidation=Strict'], ['fieldValidation=Ignore']]),
  ]
  const query = (more: readonly string[] = []): string => `?${[...options, ...more].join('&')}`
  const made: ContractStep = { method: 'POST', path: list, body: seed }
  const way = draw.below(dry ? 2 : 4)
  const steps: ContractStep[] =
    way === 0
      ? [{ method: 'POST', path: list + query(), headers: { 'content-type': type }, body: text }]
      : way === 1
        ? [
            {
              method: 'PATCH',
              path: one + query(['fieldManager=m1']),
              headers: { 'content-type': PATCH.apply },
              body: text,
            },
          ]
        : way === 2
          ? [
              made,
              { method: 'PUT', path: one + query(), headers: { 'content-type': type }, body: text },
            ]
          : [
              made,
              {
                method: 'PATCH',
                path: one + query(),
                headers: { 'content-type': draw.of([PATCH.merge, PATCH.strategic]) },
                body: text,
              },
            ]
  const end: ContractStep[] = list.includes('{ns}') || dry ? [] : [{ method: 'DELETE', path: one }]
  return { name: `t${number}`, why: `${String(seed['kind'])} ${what}`, steps: [...steps, ...end] }
}

interface Odd {
  readonly text: string
  readonly what: string
}

function marked(draw: Draw, seed: JsonObject): { readonly value: Json; readonly at: string } {
  const spots = spotsOf(seed, typeOfObject(seed)).filter(isPlain)
  const there = spots.filter(({ has }) => has)
  const { path } = draw.of(draw.below(3) > 0 ? there : spots)
  return { value: changed(seed, [{ path, value: MARK }]), at: path.join('.') }
}

/** Names are left alone: the next steps need them. */
function isPlain({ path }: Spot): boolean {
  return path.length > 0 && path.join('.') !== 'metadata' && path.join('.') !== 'metadata.name'
}

function keyed(draw: Draw, seed: JsonObject): { readonly value: Json; readonly key: string } {
  const spots = spotsOf(seed, typeOfObject(seed)).filter(isPlain)
  const parents = [[], ...spots.filter(({ has }) => has).map(({ path }) => path.slice(0, -1))]
  const parent = draw.of(parents)
  const there = parent.reduce<Json | undefined>(
    (value, part) =>
      isObject(value)
        ? value[String(part)]
        : Array.isArray(value)
          ? (value as Json[])[Number(part)]
          : undefined,
    seed,
  )
  const keys = isObject(there) ? Object.keys(there) : ['kind']
  const key = draw.of(keys.length === 0 ? ['a'] : keys)
  if (!isObject(there)) return { value: { ...seed, [MARK]: MARK }, key: 'kind' }
  return { value: changed(seed, [{ path: [...parent, MARK], value: MARK }]), key }
}

function inAnotherCase(draw: Draw, key: string): string {
  const [first = '', ...rest] = key
  return draw.of([key, key, first.toUpperCase() + rest.join(''), key.toUpperCase(), `${key} `])
}

function oddJson(draw: Draw, seed: JsonObject): Odd {
  const form = draw.below(5)
  const value = draw.of(JSON_VALUES)
  if (form <= 1) {
    const { value: whole, at } = marked(draw, seed)
    const text = JSON.stringify(whole).replace(`"${MARK}"`, () => value)
    return { text, what: `json ${at}=${value}` }
  }
  if (form <= 3) {
    const { value: whole, key } = keyed(draw, seed)
    const name = JSON.stringify(inAnotherCase(draw, key))
    const text = JSON.stringify(whole).replace(`"${MARK}":"${MARK}"`, () => `${name}:${value}`)
    return { text, what: `json key ${name}:${value}` }
  }
  const text = JSON.stringify(seed)
  const all = [
    `${text}x`,
    `${text}{}`,
    `\ufeff${text}`,
    `  ${text}\n\n`,
    text.slice(0, -1),
    `[${text}]`,
    '',
    'x',
    'null',
    '1',
    '"x"',
    '[]',
    '{}',
    'true',
    `${text}]`,
    '{"kind":1}',
    '{"apiVersion":1}',
    '{"kind":null}',
    `{${text.slice(1, -1)},}`,
    `/**/${text}`,
    '{"a":'.repeat(200) + '1' + '}'.repeat(200),
    `{"x":${'['.repeat(11000)}${']'.repeat(11000)},${text.slice(1)}`,
  ] // prettier-ignore
  const at = draw.below(all.length)
  return { text: all[at] ?? '', what: `json text ${at}` }
}

function oddYaml(draw: Draw, seed: JsonObject): Odd {
  const form = draw.below(6)
  const value = draw.of(YAML_VALUES)
  if (form <= 2) {
    const { value: whole, at } = marked(draw, seed)
    const text = printYaml(whole).replace(new RegExp(`['"]?${MARK}['"]?`), () => value)
    return { text, what: `yaml ${at}=${value}` }
  }
  if (form <= 3) {
    const { value: whole, key } = keyed(draw, seed)
    const name = draw.of([
      inAnotherCase(draw, key),
      '<<',
      '1',
      'true',
      '? x',
      '"a b"',
      '~',
      '!!str k',
    ])
    const text = printYaml(whole).replace(
      new RegExp(`['"]?${MARK}['"]?: ['"]?${MARK}['"]?`),
      () => `${name}: ${value}`,
    )
    return { text, what: `yaml key ${name}: ${value}` }
  }
  const text = printYaml(seed)
  const all = [
    `---\n${text}`,
    `---\n---\n${text}`,
    `${text}---\n${text}`,
    `${text}---\n`,
    `${text}...\n`,
    `# a\n${text}`,
    `%YAML 1.1\n---\n${text}`,
    `${text}\n\n# end`,
    `\ufeff${text}`,
    text.replaceAll('\n', '\r\n'),
    text.replace('  ', '\t'),
    `${text}x\n`,
    `- ${text.replaceAll('\n', '\n  ')}`,
    '',
    '---\n',
    '# only\n',
    '~',
    'x',
    '1',
    '[]',
    '{}',
    `${text}kind: X\n`,
    `${text}"x": 1\n"x": 2\n`,
    `{${text.split('\n')[0]}}`,
    JSON.stringify(seed),
    ` ${text.replaceAll('\n', '\n ')}`,
    `a: &a {b: c}\n${text}d: *a\n`,
    `a: &a [*a]\n${text}`,
    `${text}e: *nope\n`,
    'a: b: c',
    `--- !x\n${text}`,
  ] // prettier-ignore
  const at = draw.below(all.length)
  return { text: all[at] ?? '', what: `yaml text ${at}` }
}
