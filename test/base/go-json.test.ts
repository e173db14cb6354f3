import { expect, test } from 'vitest'
import { isFault, parseGoJson } from '../../src/base/index.ts'

function said(text: string, mayGoOn: boolean): string {
  try {
    parseGoJson(text, { mayGoOn })
    return ''
  } catch (error) {
    if (!isFault(error, 'JSON')) throw error
    return error.message
  }
}

// What json.Unmarshal and json.Decoder of Go 1.26 said; '' where they took it.
test.each([
  ['', 'unexpected end of JSON input', 'EOF'],
  ['  ', 'unexpected end of JSON input', 'EOF'],
  [
    'nonsense',
    "invalid character 'o' in literal null (expecting 'u')",
    "invalid character 'o' in literal null (expecting 'u')",
  ],
  [
    'tree',
    "invalid character 'e' in literal true (expecting 'u')",
    "invalid character 'e' in literal true (expecting 'u')",
  ],
  [
    '<html>',
    "invalid character '<' looking for beginning of value",
    "invalid character '<' looking for beginning of value",
  ],
  [
    '{ a: 1 }',
    "invalid character 'a' looking for beginning of object key string",
    "invalid character 'a' looking for beginning of object key string",
  ],
  ['{"a": 1,', 'unexpected end of JSON input', 'unexpected EOF'],
  [
    '{"a": 1,}',
    "invalid character '}' looking for beginning of object key string",
    "invalid character '}' looking for beginning of object key string",
  ],
  [
    '[1,]',
    "invalid character ']' looking for beginning of value",
    "invalid character ']' looking for beginning of value",
  ],
  [
    '[1 2]',
    "invalid character '2' after array element",
    "invalid character '2' after array element",
  ],
  ['{"a" 1}', "invalid character '1' after object key", "invalid character '1' after object key"],
  [
    '{"a":1 "b":2}',
    "invalid character '\"' after object key:value pair",
    "invalid character '\"' after object key:value pair",
  ],
  [
    '"\\q"',
    "invalid character 'q' in string escape code",
    "invalid character 'q' in string escape code",
  ],
  [
    '"\\u12x4"',
    "invalid character 'x' in \\u hexadecimal character escape",
    "invalid character 'x' in \\u hexadecimal character escape",
  ],
  [
    '"a\nb"',
    "invalid character '\\n' in string literal",
    "invalid character '\\n' in string literal",
  ],
  ['"abc', 'unexpected end of JSON input', 'unexpected EOF'],
  ['01', "invalid character '1' after top-level value", ''],
  ['-', "invalid character ' ' in numeric literal", 'unexpected EOF'],
  ['-x', "invalid character 'x' in numeric literal", "invalid character 'x' in numeric literal"],
  ['1.', "invalid character ' ' after decimal point in numeric literal", 'unexpected EOF'],
  [
    '1.x',
    "invalid character 'x' after decimal point in numeric literal",
    "invalid character 'x' after decimal point in numeric literal",
  ],
  ['1e', "invalid character ' ' in exponent of numeric literal", 'unexpected EOF'],
  [
    '1e+x',
    "invalid character 'x' in exponent of numeric literal",
    "invalid character 'x' in exponent of numeric literal",
  ],
  [
    '.5',
    "invalid character '.' looking for beginning of value",
    "invalid character '.' looking for beginning of value",
  ],
  [
    '+1',
    "invalid character '+' looking for beginning of value",
    "invalid character '+' looking for beginning of value",
  ],
  ['nul', "invalid character ' ' in literal null (expecting 'l')", 'unexpected EOF'],
  [
    'truth',
    "invalid character 't' in literal true (expecting 'e')",
    "invalid character 't' in literal true (expecting 'e')",
  ],
  [
    'fals e',
    "invalid character ' ' in literal false (expecting 'e')",
    "invalid character ' ' in literal false (expecting 'e')",
  ],
  [
    'NaN',
    "invalid character 'N' looking for beginning of value",
    "invalid character 'N' looking for beginning of value",
  ],
  [
    "'a'",
    "invalid character '\\'' looking for beginning of value",
    "invalid character '\\'' looking for beginning of value",
  ],
  [
    '{"a":\'b\'}',
    "invalid character '\\'' looking for beginning of value",
    "invalid character '\\'' looking for beginning of value",
  ],
  ['{} {}', "invalid character '{' after top-level value", ''],
  ['[1]]', "invalid character ']' after top-level value", ''],
  ['{"a":1} x', "invalid character 'x' after top-level value", ''],
  ['1 2', "invalid character '2' after top-level value", ''],
  [
    '\ufeff{}',
    "invalid character '\u00ef' looking for beginning of value",
    "invalid character '\u00ef' looking for beginning of value",
  ],
  [
    '\u00e9',
    "invalid character '\u00c3' looking for beginning of value",
    "invalid character '\u00c3' looking for beginning of value",
  ],
  ['"\u00e9', 'unexpected end of JSON input', 'unexpected EOF'],
  [
    '{"\u00e9":\u00fc}',
    "invalid character '\u00c3' looking for beginning of value",
    "invalid character '\u00c3' looking for beginning of value",
  ],
  ['[[[[', 'unexpected end of JSON input', 'unexpected EOF'],
  [
    '{"a":[1,{"b":nul}]}',
    "invalid character '}' in literal null (expecting 'l')",
    "invalid character '}' in literal null (expecting 'l')",
  ],
  [
    '\u0000',
    "invalid character '\\x00' looking for beginning of value",
    "invalid character '\\x00' looking for beginning of value",
  ],
  ['"\\', "invalid character ' ' in string escape code", 'unexpected EOF'],
  ['"\\u', "invalid character ' ' in \\u hexadecimal character escape", 'unexpected EOF'],
  ['{"a":1e5,"b":-0.5E-3,"c":[true,false,null,"x\\n\\u00e9"]}', '', ''],
  ['  [1 , 2 ]  ', '', ''],
  ['"\\""', '', ''],
  [
    '}',
    "invalid character '}' looking for beginning of value",
    "invalid character '}' looking for beginning of value",
  ],
  [
    ']',
    "invalid character ']' looking for beginning of value",
    "invalid character ']' looking for beginning of value",
  ],
  [
    ',',
    "invalid character ',' looking for beginning of value",
    "invalid character ',' looking for beginning of value",
  ],
  [
    ':',
    "invalid character ':' looking for beginning of value",
    "invalid character ':' looking for beginning of value",
  ],
  [
    '{,}',
    "invalid character ',' looking for beginning of object key string",
    "invalid character ',' looking for beginning of object key string",
  ],
  [
    '[,1]',
    "invalid character ',' looking for beginning of value",
    "invalid character ',' looking for beginning of value",
  ],
  [
    '{"a":}',
    "invalid character '}' looking for beginning of value",
    "invalid character '}' looking for beginning of value",
  ],
  ['{"a"', 'unexpected end of JSON input', 'unexpected EOF'],
  ['{"a":', 'unexpected end of JSON input', 'unexpected EOF'],
  ['[1', 'unexpected end of JSON input', 'unexpected EOF'],
  ['-0', '', ''],
  ['-01', "invalid character '1' after top-level value", ''],
  ['1.5.5', "invalid character '.' after top-level value", ''],
  [
    '"tab\there"',
    "invalid character '\\t' in string literal",
    "invalid character '\\t' in string literal",
  ],
  [
    '/* c */ {}',
    "invalid character '/' looking for beginning of value",
    "invalid character '/' looking for beginning of value",
  ],
])('Go says of the JSON %j: %s', (text, whole, first) => {
  expect([said(text, false), said(text, true)]).toEqual([whole, first])
})

test('values are read', () => {
  const text = '{"a":[1.5,"x\\u00e9é",null],"b":{"c":true}} rest'
  expect(parseGoJson(text, { mayGoOn: true })).toEqual({ a: [1.5, 'xéé', null], b: { c: true } })
})
