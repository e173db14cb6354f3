import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseYaml } from '../../src/object/index.ts'

/** The cases in a folder: each a folder with a `case.yaml`, by name, in order. */
export function casesIn<T extends { readonly name: string }>(folder: string): T[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .map((name) => {
      const text = readFileSync(join(folder, name, 'case.yaml'), 'utf8')
      const [value] = parseYaml(text, `${name}/case.yaml`)
      return { name, ...(value as unknown as Omit<T, 'name'>) } as T
    })
}
