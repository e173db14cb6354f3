import { expect, test } from 'vitest'
import { type Log, VirtualClock } from '../../src/base/index.ts'
import { createLog, type LogOptions } from '../../src/telemetry/index.ts'

const clock = new VirtualClock(Date.UTC(2026, 7, 1, 10))

function written(work: (log: Log) => void, options: Partial<LogOptions> = {}): string[] {
  const lines: string[] = []
  work(createLog({ write: (line) => lines.push(line), clock, ...options }))
  return lines
}

test("one JSON object a line, in Flux's keys, so that flux logs reads it", () => {
  const [line = ''] = written((log) =>
    log
      .with({
        controller: 'kustomization',
        controllerGroup: 'kustomize.toolkit.fluxcd.io',
        controllerKind: 'Kustomization',
        Kustomization: { name: 'apps', namespace: 'flux-system' },
        namespace: 'flux-system',
        name: 'apps',
        reconcileID: '1-2',
      })
      .info('server-side apply completed', {
        revision: 'main@sha1:0',
        output: { 'A/b': 'created' },
      }),
  )
  expect(line.endsWith('}\n')).toBe(true)
  expect(JSON.parse(line)).toEqual({
    level: 'info',
    ts: '2026-08-01T10:00:00.000Z',
    msg: 'server-side apply completed',
    controller: 'kustomization',
    controllerGroup: 'kustomize.toolkit.fluxcd.io',
    controllerKind: 'Kustomization',
    Kustomization: { name: 'apps', namespace: 'flux-system' },
    namespace: 'flux-system',
    name: 'apps',
    reconcileID: '1-2',
    revision: 'main@sha1:0',
    output: { 'A/b': 'created' },
  })
})

test('an error is its message', () => {
  const [line = ''] = written((log) => log.error('failed', { error: new Error('why\nso') }))
  expect(JSON.parse(line)).toMatchObject({ level: 'error', msg: 'failed', error: 'why\nso' })
  expect(line.trimEnd()).not.toContain('\n')
})

const LEVELS = { trace: 3, debug: 3, info: 2, error: 1 } as const

test.each(Object.entries(LEVELS))('level %s writes %i of three', (level, count) => {
  const lines = written(
    (log) => {
      log.debug('d')
      log.info('i')
      log.error('e')
    },
    { level: level as keyof typeof LEVELS },
  )
  expect(lines).toHaveLength(count)
})

test('a line that flux logs could not read is cut, and still an object', () => {
  const output = Object.fromEntries(
    Array.from({ length: 4000 }, (_, i) => [`ConfigMap/ns/name-${i}`, 'created']),
  )
  const lines = written((log) => {
    log.info('server-side apply completed', { output, revision: 'main@sha1:0' })
    log.error('boom', { error: 'ü'.repeat(60_000) })
  })
  for (const line of lines) {
    expect(Buffer.byteLength(line)).toBeLessThan(64 * 1024)
    expect(JSON.parse(line)).toMatchObject({ ts: '2026-08-01T10:00:00.000Z' })
  }
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ revision: 'main@sha1:0' })
  expect(lines[1]).toContain('(60000 characters)')
})

test('console form', () => {
  const lines = written(
    (log) => {
      log.info('started', { port: 1 })
      log.error('bare')
    },
    { encoding: 'console' },
  )
  expect(lines).toEqual([
    '2026-08-01T10:00:00.000Z\tINFO\tstarted\t{"port":1}\n',
    '2026-08-01T10:00:00.000Z\tERROR\tbare\n',
  ])
})

test('letters that move a terminal are written out, wherever they stand', () => {
  const odd = 'a\u001b[2J\u0007\r\u0000\u202eb\u009bc'
  const [line = ''] = written((log) =>
    log.error(`first\n\t${odd}`, { error: new Error(odd), output: { [`k`]: [odd] } }),
  )
  const shown = 'a\\u001b[2J\\u0007\\u000d\\u0000\\u202eb\\u009bc'
  expect(JSON.parse(line)).toMatchObject({
    msg: `first\n\t${shown}`,
    error: shown,
    output: { k: [shown] },
  })
  expect(written((log) => log.info('as it is: \\u001b é 日本'))[0]).toContain('é 日本')
})
