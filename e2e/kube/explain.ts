/**
 * Compares what `kubectl explain` says of custom kinds on a real API server and on the embedded one:
 * each version of each definition in YAML files, as a whole and each field of its first two levels.
 * Usage: tsx e2e/kube/explain.ts https://127.0.0.1:6443 TOKEN FILE…
 * Definitions that the real server has not yet are made there, and stay. Prints what differs, and a
 * count; kubectl has to be on the PATH.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createApiServer, serve } from '../../src/apiserver/index.ts'
import { systemClock, systemRandom } from '../../src/compose/system.ts'
import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  parseYaml,
  type Transport,
  valueAt,
} from '../../src/object/index.ts'
import { plainTransport } from '../../test/kit/plain-transport.ts'

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const LOOKS_MAX = 100
const run = promisify(execFile)

const [url = '', token = '', ...files] = process.argv.slice(2)
const real = plainTransport(url, { ask: request, headers: { authorization: `Bearer ${token}` } })
const server = createApiServer({ clock: systemClock, random: systemRandom }, { controllers: false })
const served = await serve(server)
const caches = mkdtempSync(join(tmpdir(), 'explain-'))

/** Tells a server of a definition, and waits until it serves it. */
async function define(on: Transport, definition: JsonObject): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const name = String(valueAt(definition, 'metadata', 'name'))
  const body = JSON.stringify(definition)
  const made = await on.request({ method: 'POST', path: DEFINITIONS, headers, body })
  if (![201, 409].includes(made.status)) throw new Error(`${name}: ${await made.text()}`)
  const group = String(valueAt(definition, 'spec', 'group'))
  for (let i = 0; i < LOOKS_MAX; i += 1) {
    const paths = versionsOf(definition).map((version) => `/openapi/v3/apis/${group}/${version}`)
    const answers = await Promise.all(paths.map((path) => on.request({ method: 'GET', path })))
    const texts = await Promise.all(answers.map((each) => each.text()))
    const kind = String(valueAt(definition, 'spec', 'names', 'kind'))
    if (texts.every((text) => text.includes(`"kind":"${kind}"`))) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error(`${name} is not served`)
}

function versionsOf(definition: JsonObject): string[] {
  const versions = valueAt(definition, 'spec', 'versions')
  return (isArray(versions) ? versions : [])
    .filter((each) => isObject(each) && each['served'] === true)
    .map((each) => String(valueAt(each, 'name')))
}

/** What is explained of a version: the kind as a tree, and its fields down to the second level. */
function questions(definition: JsonObject, version: string): string[][] {
  const plural = String(valueAt(definition, 'spec', 'names', 'plural'))
  const group = String(valueAt(definition, 'spec', 'group'))
  const as = `--api-version=${group}/${version}`
  const versions = valueAt(definition, 'spec', 'versions')
  const one = (isArray(versions) ? versions : []).find((each) => valueAt(each, 'name') === version)
  const top = propertiesOf(valueAt(one ?? null, 'schema', 'openAPIV3Schema'))
  const inner = top.flatMap(([name, schema]) =>
    propertiesOf(schema).map(([child]) => `${plural}.${name}.${child}`),
  )
  const fields = top.map(([name]) => `${plural}.${name}`)
  return [
    [plural, '--recursive', as],
    [plural, as],
    ...[...fields, ...inner].map((each) => [each, as]),
  ]
}

function propertiesOf(schema: Json | undefined): [string, Json | undefined][] {
  const properties = schema === undefined ? undefined : valueAt(schema, 'properties')
  return isObject(properties) ? Object.entries(properties) : []
}

async function explained(of: readonly string[], where: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run('kubectl', ['explain', ...of, ...where]).catch(
    (error: { stdout?: string; stderr?: string }) => error,
  )
  return `${stdout ?? ''}${stderr ?? ''}`
}

const definitions = files
  .flatMap((file) => parseYaml(readFileSync(file, 'utf8'), file))
  .map((each) => each as unknown as JsonObject)
  .filter((each) => each['kind'] === 'CustomResourceDefinition')
const onReal = ['--server', url, '--token', token, '--insecure-skip-tls-verify']
let asked = 0
let equal = 0
// kubectl keeps what it has read of a group: all of it has to be there before it asks.
for (const definition of definitions)
  await Promise.all([define(server, definition), define(real, definition)])
for (const definition of definitions) {
  for (const of of versionsOf(definition).flatMap((version) => questions(definition, version))) {
    const [ours, theirs] = await Promise.all([
      explained(of, ['--server', served.url, '--cache-dir', join(caches, 'own')]),
      explained(of, [...onReal, '--cache-dir', join(caches, 'real')]),
    ])
    asked += 1
    if (ours === theirs) equal += 1
    else process.stdout.write(`${of.join(' ')}\n--- real\n${theirs}\n--- ours\n${ours}\n`)
  }
}
process.stdout.write(`${equal} of ${asked} answers equal\n`)
await served.close()
server.close()
rmSync(caches, { recursive: true })
