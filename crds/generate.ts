/** Writes the CRDs of this folder from the schemas in `src/api`; `npm run crds`. */
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crds } from '../src/api/crds.ts'
import { type Json, type KubeObject, printYaml } from '../src/object/index.ts'
import { pageOf } from './pages.ts'

const HEAD = '# Written by crds/generate.ts from the schemas in src/api: npm run crds\n---\n'

/** File names and contents of the CRDs. */
export function crdFiles(): ReadonlyMap<string, string> {
  return new Map(crds().map((crd) => [fileOf(crd), HEAD + printYaml(crd as unknown as Json)]))
}

/** File names and contents of the pages beside them. */
export function crdPages(): ReadonlyMap<string, string> {
  return new Map(crds().map((crd) => [fileOf(crd).replace(/\.yaml$/, '.md'), pageOf(crd)]))
}

function fileOf(crd: KubeObject): string {
  const [plural = '', ...group] = (crd.metadata.name ?? '').split('.')
  return `${group.join('.')}_${plural}.yaml`
}

if (process.argv[1] === import.meta.filename) {
  const folder = import.meta.dirname
  for (const name of readdirSync(folder).filter((each) => each.includes('.toolkit.')))
    rmSync(join(folder, name))
  for (const [name, text] of [...crdFiles(), ...crdPages()]) writeFileSync(join(folder, name), text)
}
