import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isObject, type JsonObject, parseYaml } from '../../src/object/index.ts'

/** A folder under `test/fixtures/<room>`: `case.yaml`, `input/`, and what is expected. */
export interface Fixture {
  readonly name: string
  /** Absolute path of the folder. */
  readonly dir: string
  readonly why: string
  /** All of `case.yaml`. */
  readonly options: JsonObject
}

const fixtures = join(import.meta.dirname, '../fixtures')

/** The cases of a room, sorted. A folder without `case.yaml` or without `why` fails. */
export function fixturesOf(room: string): Fixture[] {
  const root = join(fixtures, room)
  return readdirSync(root)
    .sort()
    .map((name) => {
      const dir = join(root, name)
      const options = parseYaml(
        readFileSync(join(dir, 'case.yaml'), 'utf8'),
        `${name}/case.yaml`,
      )[0]
      if (!isObject(options) || typeof options['why'] !== 'string' || options['why'] === '')
        throw new Error(`test/fixtures/${room}/${name}/case.yaml: say why`)
      return { name, dir, why: options['why'], options }
    })
}

/** A file of a case; undefined when it has none of that name. */
export function fixtureFile(fixture: Fixture, name: string): string | undefined {
  const path = join(fixture.dir, name)
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}
