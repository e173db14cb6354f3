/**
 * Writes what is made from other files: install.yaml from overlays/default with our own engine, and
 * the CRDs and the README of the chart; `npm run deploy`.
 */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crdFiles } from '../crds/generate.ts'
import { type FileTree, memoryTree } from '../src/base/index.ts'
import { build } from '../src/build/index.ts'

const root = join(import.meta.dirname, '..')
const HEAD = '# Written by deploy/generate.ts from deploy/overlays/default: npm run deploy\n---\n'

/** The folders that the overlays are made of. */
export function deployTree(): FileTree {
  const files: Record<string, string> = {}
  const walk = (folder: string): void => {
    for (const name of readdirSync(join(root, folder))) {
      const path = `${folder}/${name}`
      if (statSync(join(root, path)).isDirectory()) walk(path)
      else files[path] = readFileSync(join(root, path), 'utf8')
    }
  }
  for (const folder of ['crds', 'deploy/base', 'deploy/components', 'deploy/overlays']) walk(folder)
  return memoryTree(files)
}

/** The objects of an overlay as YAML, in kustomize's order. */
export function overlayYaml(overlay: string): string {
  const built = build(deployTree(), `deploy/overlays/${overlay}`)
  if ('missing' in built) throw new Error(`overlay ${overlay} has remote bases`)
  return built.yaml
}

/** Paths and contents of everything that is generated here. */
export function deployFiles(): ReadonlyMap<string, string> {
  const files = new Map([['deploy/install.yaml', HEAD + overlayYaml('default')]])
  for (const [name, text] of crdFiles()) files.set(`deploy/chart/files/crds/${name}`, text)
  files.set('deploy/chart/README.md', chartReadme())
  return files
}

function chartReadme(): string {
  const values = readFileSync(join(root, 'deploy/chart/values.yaml'), 'utf8')
  const rows = valueRows(values).map(
    ({ key, about, value }) => `| \`${key}\` | ${about} | \`${value}\` |`,
  )
  return `# Helm chart of Tidegate

Tidegate reconciles Flux's sources and Kustomizations. This chart gives the same objects as
\`deploy/overlays/default\`.

\`\`\`
helm install tidegate deploy/chart --namespace flux-system --create-namespace
\`\`\`

The CRDs are kept when the release is removed, so that no Kustomization is lost with it. Take over
from Flux with \`tidegate install --takeover\` first: Tidegate waits for Flux's Leases, so that both
never work at the same time.

| value | meaning | default |
|---|---|---|
${rows.join('\n')}
`
}

/** Leaves of values.yaml with the comment above each. */
function valueRows(text: string): { key: string; about: string; value: string }[] {
  const rows: { key: string; about: string; value: string }[] = []
  const path: { indent: number; name: string }[] = []
  let about: string[] = []
  for (const line of text.split('\n')) {
    const comment = /^\s*# (.*)$/.exec(line)
    if (comment !== null) {
      about.push(comment[1] ?? '')
      continue
    }
    const field = /^(\s*)([\w.]+):(?: (.*))?$/.exec(line)
    if (field === null) {
      if (line.trim() === '') about = []
      continue
    }
    const indent = field[1]?.length ?? 0
    while (path.length > 0 && (path.at(-1)?.indent ?? 0) >= indent) path.pop()
    path.push({ indent, name: field[2] ?? '' })
    if (about.length > 0)
      rows.push({
        key: path.map(({ name }) => name).join('.'),
        about: about.join(' '),
        value: field[3] ?? '(see values.yaml)',
      })
    about = []
  }
  return rows
}

if (process.argv[1] === import.meta.filename) {
  mkdirSync(join(root, 'deploy/chart/files/crds'), { recursive: true })
  for (const [path, text] of deployFiles()) writeFileSync(join(root, path), text)
}
