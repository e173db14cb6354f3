import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { healthOf } from '../../src/health/index.ts'
import { type Json, type KubeObject, parseYaml } from '../../src/object/index.ts'

interface Case {
  readonly why: string
  readonly object: KubeObject
  /** By our rules. */
  readonly want: string
  /** By kstatus alone, as Flux has it. */
  readonly plain: string
}

const FOLDER = join(import.meta.dirname, '../fixtures/health/common')

const CASES = readdirSync(FOLDER).flatMap((file) =>
  (parseYaml(readFileSync(join(FOLDER, file), 'utf8'), file)[0] as unknown as Case[]).map(
    (one) => [file, one.why, one] as const,
  ),
)

test.each(CASES)('%s: %s', (_, __, { object, want, plain }) => {
  const before = JSON.stringify(object as unknown as Json)
  expect(healthOf(object, { now: 0 }).status).toBe(want)
  expect(healthOf(object, { now: 0, plainKstatus: true }).status).toBe(plain)
  expect(JSON.stringify(object)).toBe(before)
})
