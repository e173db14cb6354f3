/**
 * Writes what is made from other files: install.yaml from overlays/default with our own engine, and
 * the CRDs, parts of components and the README of the chart; `npm run deploy`.
 */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crdFiles } from '../crds/generate.ts'
import { REASONS } from '../src/api/index.ts'
import { compareText, type FileTree, memoryTree } from '../src/base/index.ts'
import { build } from '../src/build/index.ts'
import { CONTROLLER_FLAGS, type FlagSide } from '../src/cli/controller-flag-table.ts'
import { parseYaml, printYaml, valueAt } from '../src/object/index.ts'

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
  for (const [name, text] of chartParts()) files.set(`deploy/chart/files/${name}`, text)
  files.set('deploy/chart/README.md', chartReadme())
  files.set('deploy/flags.md', flagsPage())
  files.set('deploy/reasons.md', reasonsPage())
  return files
}

/** What the chart takes over from components: the rules of the alerts, the dashboard, the policies. */
function chartParts(): ReadonlyMap<string, string> {
  const read = (path: string): string => readFileSync(join(root, 'deploy/components', path), 'utf8')
  const rules = read('monitoring/rules.yaml')
  const [rule] = parseYaml(rules, 'rules.yaml')
  return new Map([
    ['rules.yaml', printYaml(valueAt(rule ?? null, 'spec') ?? null)],
    ['dashboard.json', read('monitoring/dashboard.json')],
    ['tenant-policies.yaml', read('tenants/policies.yaml')],
  ])
}

/** Every flag of the controller, by whose it is. */
function flagsPage(): string {
  const titles: Record<FlagSide, string> = {
    own: 'Of Tidegate',
    process: "Of the process, as Flux's controllers have them",
    kustomize: "Of Flux's kustomize-controller",
    source: "Of Flux's source-controller",
  }
  const sections = (Object.keys(titles) as FlagSide[]).map((side) => {
    const rows = Object.entries(CONTROLLER_FLAGS)
      .filter(([, flag]) => flag.side === side)
      .sort(([a], [b]) => compareText(a, b))
      .map(([name, flag]) => {
        const env = flag.env === undefined ? '' : ` Environment: \`${flag.env}\`.`
        const fallback = flag.default === '' ? '' : `\`${flag.default}\``
        return `| \`--${name}\` | ${fallback} | ${cell(flag.help)}${env} |`
      })
    return `## ${titles[side]}\n\n| flag | default | meaning |\n|---|---|---|\n${rows.join('\n')}\n`
  })
  return `# Flags of tidegate controller

Written by deploy/generate.ts from the table that the program itself reads: npm run deploy. Values are
given as \`--flag=value\` or \`--flag value\`; an environment variable stands in for the default.

${sections.join('\n')}`
}

/** Every reason of a condition or Event, with what to do. */
function reasonsPage(): string {
  const rows = Object.entries(REASONS)
    .sort(([a], [b]) => compareText(a, b))
    .map(
      ([name, { on, means, todo }]) => `| \`${name}\` | ${on} | ${cell(means)} | ${cell(todo)} |`,
    )
  return `# Reasons of conditions and Events

Written by deploy/generate.ts: npm run deploy. \`kubectl describe\` and \`flux get\` show the reason and the
message; the reason is what alerts can match on, the message names the cause and the place.

| reason | on | says | to do |
|---|---|---|---|
${rows.join('\n')}
`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

function chartReadme(): string {
  const values = readFileSync(join(root, 'deploy/chart/values.yaml'), 'utf8')
  const rows = valueRows(values).map(
    ({ key, about, value }) => `| \`${key}\` | ${about} | \`${value}\` |`,
  )
  return `# Helm chart of Tidegate

Tidegate reconciles Flux's sources and Kustomizations. This chart gives the same objects as
\`deploy/overlays/default\`; values add what the other overlays and components have.

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
