import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { measuredSvg } from './bench/plot.ts'
import { runProgram } from './kit/program.ts'

const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8')

/** What a console block shows: a command, and lines of its output; `…` stands for others. */
const blocks = [...readme.matchAll(/^```console\n([\s\S]*?)^```/gm)].flatMap(([, text = '']) =>
  text.split(/^\$ /m).flatMap((part) => {
    const [command = '', ...lines] = part.trim().split('\n')
    return command === '' ? [] : [{ command, lines: lines.filter((line) => line !== '…') }]
  }),
)

const WAYS: readonly [RegExp, readonly string[]][] = [
  [/^npm start(?: --)?/, ['up']],
  [/^node dist\/tidegate\.mjs/, []],
  [/^tidegate/, []],
]

test('the README shows what the program does', () => {
  expect(blocks.length).toBeGreaterThan(0)
})

test.each(blocks)('$command prints what the README says', async ({ command, lines }) => {
  const way = WAYS.find(([pattern]) => pattern.test(command))
  expect(way, `no way to run ${command}`).toBeDefined()
  const [pattern, first] = way ?? [/$/, []]
  const rest = command.replace(pattern, '').trim()
  const { code, output } = await runProgram([
    ...first,
    ...rest.split(/\s+/).filter((w) => w !== ''),
  ])
  let from = 0
  for (const line of lines) {
    const at = output.indexOf(line, from)
    expect(at, `${line}\nin\n${output}`).toBeGreaterThanOrEqual(0)
    from = at + line.length
  }
  expect(code, output).toBe(0)
})

test('every command of the README is one', async () => {
  const rows = [...readme.matchAll(/^\| (`[a-z]+[^|]*?(?:\\\|[^|]*?)*) \|/gm)]
  const named = rows.flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([a-z]+)[^`]*`/g)].map(([, name]) => name),
  )
  const { output } = await runProgram(['help'])
  expect(named.length).toBeGreaterThan(3)
  for (const name of named) expect(output).toMatch(new RegExp(`^  ${name} `, 'm'))
})

test('every command of the program is in the README, and what it links to is there', async () => {
  const { output } = await runProgram(['help'])
  const commands = [...output.matchAll(/^ {2}([a-z]+) {2,}/gm)].map(([, name]) => name ?? '')
  expect(commands.length).toBeGreaterThan(6)
  for (const name of commands) expect(readme, name).toMatch(new RegExp(`^\\|.*\`${name}[ \`]`, 'm'))
  const links = [...readme.matchAll(/\]\(([\w./-]+)(?:#[\w-]+)?\)/g)].map(([, path]) => path ?? '')
  expect(links.length).toBeGreaterThan(3)
  for (const path of links)
    expect(existsSync(join(import.meta.dirname, '..', path)), path).toBe(true)
})

test('the plot shows the figures that are written down', () => {
  const drawn = readFileSync(join(import.meta.dirname, 'bench/measured.svg'), 'utf8')
  expect(drawn, 'measured.yaml changed: npm run plot').toBe(measuredSvg())
})
