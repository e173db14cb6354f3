/**
 * Plays definitions of custom kinds that stand in files on a real API server and on the embedded one,
 * with random objects of each, and prints how the answers differ.
 * Usage: tsx e2e/kube/fuzz/files.ts URL TOKEN OBJECTS FILE.json…
 */
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { createApiServer } from '../../../src/apiserver/index.ts'
import { seededRandom, VirtualClock } from '../../../src/base/index.ts'
import { isArray, isObject, type JsonObject, stringAt, valueAt } from '../../../src/object/index.ts'
import type {
  ContractAnswer,
  ContractCase,
  ContractStep,
} from '../../../test/kit/cluster-contract.ts'
import { plainTransport } from '../../../test/kit/plain-transport.ts'
import { Differences } from './differences.ts'
import { instanceOf } from './instance.ts'
import { playBoth } from './play.ts'
import { type Draw, drawFrom } from './values.ts'

const [url = '', token = '', count = '6', ...files] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true, maxSockets: 8 })
const headers = { authorization: `Bearer ${token}` }
const real = plainTransport(url, { ask: request, agent, headers })
const clock = new VirtualClock()
const own = createApiServer({ clock, random: seededRandom(1) }, { controllers: false })
const differences = new Differences()
const LIST = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const APPLY = { 'content-type': 'application/apply-patch+yaml' }

function caseOf(file: string): ContractCase {
  const { status: _, ...definition } = JSON.parse(readFileSync(file, 'utf8')) as JsonObject
  const name = stringAt(definition, 'metadata', 'name') ?? ''
  const one = `${LIST}/${name}`
  const version = { resourceVersion: '${1:metadata.resourceVersion}' }
  const metadata = { ...(definition['metadata'] as JsonObject), ...version }
  const steps: ContractStep[] = [
    { method: 'POST', path: LIST, body: definition },
    { method: 'GET', path: one },
    { method: 'PUT', path: one, body: { ...definition, metadata } },
    {
      method: 'PATCH',
      path: `${one}?fieldManager=m2&force=true`,
      headers: APPLY,
      body: definition,
    },
    ...versionsOf(definition).flatMap((each) => objects(definition, each)),
    { method: 'DELETE', path: one },
  ]
  return { name: '', why: name, steps }
}

function versionsOf(definition: JsonObject): JsonObject[] {
  const versions = valueAt(definition, 'spec', 'versions')
  const all = isArray(versions) ? versions.filter(isObject) : []
  return all.filter((each) => each['served'] === true).slice(0, 2)
}

function objects(definition: JsonObject, version: JsonObject): ContractStep[] {
  const group = stringAt(definition, 'spec', 'group') ?? ''
  const kind = stringAt(definition, 'spec', 'names', 'kind') ?? ''
  const plural = stringAt(definition, 'spec', 'names', 'plural') ?? ''
  const isCluster = stringAt(definition, 'spec', 'scope') === 'Cluster'
  const apiVersion = `${group}/${stringAt(version, 'name') ?? ''}`
  const list = `/apis/${apiVersion}/${isCluster ? '' : 'namespaces/{ns}/'}${plural}`
  const schema = valueAt(version, 'schema', 'openAPIV3Schema')
  const draw: Draw = drawFrom(plural.length * 7919 + kind.length)
  const listKind = stringAt(definition, 'spec', 'names', 'listKind') ?? `${kind}List`
  const steps: ContractStep[] = [
    { method: 'GET', path: list, until: { path: 'kind', is: listKind } },
  ]
  for (let i = 0; i < Number(count); i += 1) {
    const drawn = instanceOf(draw, isObject(schema) ? schema : {}, i % 2 === 0 ? 1000 : 25)
    const body = {
      ...(isObject(drawn) ? drawn : {}),
      apiVersion,
      kind,
      metadata: { name: `x${i}` },
    }
    const one = `${list}/x${i}`
    steps.push(
      { method: 'POST', path: list, body },
      { method: 'PATCH', path: `${one}?fieldManager=m2&force=true`, headers: APPLY, body },
      { method: 'GET', path: one, headers: { accept: TABLE } },
    )
  }
  return steps
}

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io'

/** A table without the ages in it, which hang on the pace of a server. */
function ageless(answer: ContractAnswer | undefined): ContractAnswer | undefined {
  if (answer === undefined || stringAt(answer.body, 'kind') !== 'Table') return answer
  return JSON.parse(JSON.stringify(answer).replaceAll(/"\d+[smh]"/g, '"AGE"')) as ContractAnswer
}

for (const [i, file] of files.entries()) {
  const of = caseOf(file)
  const named = { ...of, name: `${process.pid}-${i}` }
  try {
    const [ours, theirs] = await playBoth({ own, real, clock }, named)
    for (const [at, step] of of.steps.entries()) {
      const [a, b] = [ageless(ours[at]), ageless(theirs[at])]
      if (a === undefined || b === undefined) continue
      const said = `${of.why} ${JSON.stringify(step.body ?? null).slice(0, 2000)}`
      differences.add({ name: `step ${at}`, why: said, steps: [step] }, [a], [b])
    }
  } catch (error) {
    process.stdout.write(`${of.why}: ${String(error)}\n`)
  }
}
own.close()
agent.destroy()
process.stdout.write(differences.report())
