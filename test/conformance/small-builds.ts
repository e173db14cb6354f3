import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where the oracle writes its outcomes. */
export const SMALL_BUILDS_OUTCOMES: string = join(import.meta.dirname, 'small-builds.json')

/** A tree of a few lines, and its name. */
export interface SmallBuild {
  readonly name: string
  readonly files: Readonly<Record<string, string>>
}

/** Files that every tree has unless it says otherwise. */
const COMMON: Readonly<Record<string, string>> = {
  'd.yaml': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: nginx:1.19
        env: [{name: A, value: "1"}]
`,
  's.yaml': `apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
`,
  'c.yaml': `apiVersion: v1
kind: ConfigMap
metadata: {name: conf}
data: {k: v}
`,
}

/**
 * The trees of small-builds.txt: `@@ name` begins one with its kustomization file, `=== path` begins
 * another file of it.
 */
export function smallBuilds(): SmallBuild[] {
  const text = readFileSync(join(import.meta.dirname, 'small-builds.txt'), 'utf8')
  return text
    .split(/^@@ /m)
    .slice(1)
    .map((part) => {
      const end = part.indexOf('\n')
      const [own = '', ...more] = part.slice(end + 1).split(/^=== (.*)\n/m)
      const files: Record<string, string> = { ...COMMON, 'kustomization.yaml': own }
      for (let i = 0; i < more.length; i += 2) files[(more[i] ?? '').trim()] = more[i + 1] ?? ''
      return { name: part.slice(0, end).trim(), files }
    })
}
