import { expect, test } from 'vitest'
import {
  durationOption,
  helpText,
  type OptionTable,
  parseOptions,
  portOption,
} from '../../src/cli/options.ts'

const TABLE: OptionTable = {
  port: { type: 'string', value: 'N', help: 'a port' },
  timeout: { type: 'string', value: 'TIME', help: 'a time' },
  once: { type: 'boolean', short: 'o', help: 'a switch' },
}

test('values, switches and positional words are told apart', () => {
  const parsed = parseOptions(['dir', '--port=8080', '-o', '--timeout', '90s'], TABLE, 1)
  expect(parsed.positionals).toEqual(['dir'])
  expect(portOption(parsed, 'port')).toBe(8080)
  expect(durationOption(parsed, 'timeout', 1)).toBe(90_000)
  expect(parsed.values['once']).toBe(true)
})

test.each([
  [['--prot=1'], /Unknown option '--prot'/],
  [['a', 'b'], /unexpected argument "b"/],
  [['--port'], /--port <value>' argument missing/],
])('%j is refused by name', (argv, message) => {
  expect(() => parseOptions(argv, TABLE, 1)).toThrow(message)
})

test.each(['70000', '-1', 'http'])('port %j is refused', (text) => {
  expect(() => portOption(parseOptions([`--port=${text}`], TABLE, 0), 'port')).toThrow(/no port/)
})

test('help lists every option', () => {
  expect(helpText('x [options]', 'About.', TABLE)).toBe(
    'About.\n\nUsage: x [options]\n\nOptions:\n      --port N        a port\n      --timeout TIME  a time\n  -o, --once          a switch\n',
  )
})
