/**
 * Writes test/fixtures/kubectl/commands.recorded.json: what kubectl says of a real cluster (API
 * server and controllers, no nodes). Usage: tsx e2e/kube/kubectl-record.ts KUBECONFIG
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findKubectl, runScenarios } from './kubectl-run.ts'
import { SCENARIOS } from './kubectl-scenarios.ts'

const kubectl = findKubectl()
if (kubectl === undefined) throw new Error('no kubectl')
const kubeconfig = readFileSync(process.argv[2] ?? '', 'utf8')
const ran = await runScenarios(SCENARIOS, { kubectl: kubectl.path, kubeconfig })
const lines = ran.map((each) => `    ${JSON.stringify(each)}`).join(',\n')
const text = `{\n  "kubectl": "${kubectl.version}",\n  "ran": [\n${lines}\n  ]\n}\n`
const file = join(import.meta.dirname, '../../test/fixtures/kubectl/commands.recorded.json')
writeFileSync(file, text)
process.stdout.write(`${ran.length} commands of kubectl ${kubectl.version}\n`)
