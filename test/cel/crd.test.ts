import { expect, test } from 'vitest'
import { compileStructural } from '../../src/apiserver/structural/index.ts'
import {
  ruleNames,
  simpleType,
  type TypedExpression,
  toCel,
  typedExpression,
} from '../../src/cel/index.ts'
import type { Json } from '../../src/object/index.ts'

const SELF: Json = {
  name: 'web-1',
  replicas: 3,
  list: [1, 2, 3],
  names: ['b', 'a', 'b'],
  objects: [{ x: 1 }],
  labels: { a: 'b' },
  memory: '512Mi',
  url: 'https://user@host.example:8443/a%20b?x=1&x=2',
}
const OLD: Json = { name: 'web-1', replicas: 2, list: [1, 2, 3] }

const NAMES = ruleNames(simpleType('dyn'), false)

function rule(text: string): TypedExpression {
  return typedExpression(text, NAMES)
}

const VALUES = { self: toCel(SELF), oldSelf: toCel(OLD) }

test.each([
  ['self.replicas >= oldSelf.replicas', true],
  ['self.name == oldSelf.name', true],
  ['self.list.isSorted() && !self.names.isSorted()', true],
  ['[3, 1, 2].sort() == [1, 2, 3] && [1, 1, 2].distinct() == [1, 2]', true],
  ['lists.range(3) == [0, 1, 2] && [1, 2, 3].slice(0, 2) == [2, 1].reverse()', true],
  ['[1, 2].all(i, v, v > i) && [1, 2].transformList(i, v, v > 1, v * 2) == [4]', true],
  ["{'a': 1}.transformMap(k, v, v + 1) == {'a': 2} && {'a': 1}.exists(k, v, k == 'a')", true],
  ["semver('1.2.3-a').isLessThan(semver('1.2.3')) && isSemver('v1.0', true)", true],
  ['self.list.sum() == 6', true],
  ['[0.5, 1.5].sum() == 2.0', true],
  ['self.list.min() == 1 && self.list.max() == 3', true],
  ["self.names.indexOf('b') == 0 && self.names.lastIndexOf('b') == 2", true],
  ["'hello'.indexOf('l') == 2 && 'hello'.lastIndexOf('l') == 3", true],
  ["'web-12 db-3'.find('[a-z]+-[0-9]+') == 'web-12'", true],
  ["'web-12 db-3'.findAll('[0-9]+') == ['12', '3']", true],
  ["'web-12 db-3'.findAll('[0-9]+', 1) == ['12']", true],
  ["quantity(self.memory).isLessThan(quantity('1Gi'))", true],
  ["quantity('1Gi').compareTo(quantity('1024Mi')) == 0", true],
  ["quantity('1.5k').asInteger() == 1500", true],
  ["quantity('100m').isInteger()", false],
  ["quantity('1').add(quantity('500m')).compareTo(quantity('1.5')) == 0", true],
  ["quantity('1') == quantity('1000m')", true],
  ["isQuantity('1Gi') && isQuantity('-0.5e3') && !isQuantity('1 Gi')", true],
  ["url(self.url).getHost() == 'host.example:8443'", true],
  ["url(self.url).getHostname() == 'host.example' && url(self.url).getPort() == '8443'", true],
  ["url(self.url).getQuery()['x'] == ['1', '2']", true],
  ["url(self.url).getEscapedPath() == '/a%20b'", true],
  ["isURL('/relative') && !isURL('nope') && !isURL('http://[')", true],
  [
    "isIP('10.0.0.1') && isIP('2001:db8::1') && !isIP('10.0.0.01') && !isIP('::ffff:1.2.3.4')",
    true,
  ],
  ["ip('127.0.0.1').isLoopback() && ip('::1').family() == 6", true],
  ["string(ip('2001:DB8:0:0:1:0:0:1')) == '2001:db8::1:0:0:1'", true],
  ["cidr('10.0.0.0/8').containsIP('10.9.8.7') && !cidr('10.0.0.0/8').containsIP('11.0.0.1')", true],
  ["cidr('10.0.0.0/8').containsCIDR(cidr('10.1.0.0/16'))", true],
  ["string(cidr('10.1.2.3/8').masked()) == '10.0.0.0/8'", true],
  ["isCIDR('10.0.0.0/33')", false],
  ['!format.dns1123Label().validate(self.name).hasValue()', true],
  ["format.dns1123Label().validate('Nope').hasValue()", true],
  ["format.named('nope').hasValue()", false],
  ['has(self.objects[0].x) && !has(self.objects[0].y)', true],
  ["self.labels.all(k, self.labels[k] != '')", true],
  ['self.names.all(n, self.names.exists_one(m, m == n))', false],
  ["self.name.matches('^[a-z]+-[0-9]$')", true],
] as const)('%s is %s', (text, want) => {
  expect(rule(text).problem).toBeUndefined()
  expect(rule(text).run(VALUES)).toBe(want)
})

test.each([
  ["quantity('nope').isInteger()", /quantities must match the regular expression/],
  ["quantity('0.5').asInteger() == 0", /cannot convert value to integer/],
  ["ip('nope').family() == 4", /IP Address "nope" parse error/],
  ['[].min() == 1', /min called on empty list/],
])('%s fails', (text, words) => {
  expect(() => rule(text).run(VALUES)).toThrow(words)
})

test('a number of a schema is a double, even when it is whole', () => {
  const schema = { properties: { ratio: { type: 'number' }, count: { type: 'integer' } } }
  const self = toCel({ ratio: 2, count: 2 }, schema)
  const text = 'self.ratio * 1.5 == 3.0 && self.count * 2 == 4'
  expect(rule(text).run({ self })).toBe(true)
})

test('rules of one object share an allowance, told in the words of the real server', () => {
  const rules = Array.from({ length: 14 }, (_, i) => ({
    rule: `self.text.contains(self.text) && ${i} >= 0`,
    message: `rule ${i}`,
  }))
  const text = { type: 'string' }
  const other = { ...text, 'x-kubernetes-validations': [{ rule: "self == 'x'", message: 'inner' }] }
  const spec = { type: 'object', 'x-kubernetes-validations': rules, properties: { text, other } }
  const schema = compileStructural({ type: 'object', properties: { spec } })
  const told = (length: number): unknown => {
    const object = { apiVersion: 'v1', kind: 'A', metadata: { name: 'a' } }
    const given = { ...object, spec: { text: 'x'.repeat(length), other: 'y' } }
    return schema.validate(given as never).map(({ field, message }) => `${field}: ${message}`)
  }
  expect(told(10)).toEqual(['spec.other: Invalid value: "y": inner'])
  expect(told(9000)).toEqual([
    'spec: Invalid value: "object": validation failed due to running out of cost budget, no further validation rules will be run',
  ])
  expect(told(11_000)).toEqual([
    `spec: Invalid value: "object": 'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: rule 0`,
  ])
})
