/** Files that the commands of kubectl-scenarios.ts work on. */
/** Commands of an unmodified kubectl, one after another in a namespace of their own. */
export interface Scenario {
  /** Also the namespace. */
  readonly name: string
  /** Files in the folder that the commands run in. */
  readonly files?: Readonly<Record<string, string>>
  /** For `sh`; one that begins with `@` only prepares, or waits, and is not compared. */
  readonly steps: readonly string[]
  /** Runs when all others are done: it changes what they could see. */
  readonly last?: true
}

export const CONFIG: string = `apiVersion: v1
kind: ConfigMap
metadata: {name: settings, labels: {app: web, tier: front}}
data: {a: "1", b: "2"}
`

export const WEB: string = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1", ports: [{containerPort: 80}]}]}
`

export const EDITOR: string = '#!/bin/sh\nsed -i "s/a: \\"1\\"/a: changed/" "$1"\n'
