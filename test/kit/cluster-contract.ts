import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type ApiRequest,
  isArray,
  isObject,
  type Json,
  type JsonObject,
  parseYaml,
  stringAt,
  type Transport,
  valueAt,
} from '../../src/object/index.ts'
import { casesIn } from './case-folders.ts'
import { readJsonPath } from './json-path.ts'

/** One request of a contract case. */
export interface ContractStep {
  readonly method: ApiRequest['method']
  /** `{ns}` is the case's own namespace; `${2:metadata.uid}` what step 2 answered there. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON; a text as it is. */
  readonly body?: Json
  /** The answer is a watch: this many lines are read of it. */
  readonly lines?: number
  /** Asked again until the answer holds this at a path, where servers take their time. */
  readonly until?: { readonly path: string; readonly is: Json }
}

/** A case of the contract: a folder with `case.yaml` and, written by the real server, `expected.json`. */
export interface ContractCase {
  readonly name: string
  readonly why: string
  readonly steps: readonly ContractStep[]
}

/** What a server answered to one step, made comparable. */
export interface ContractAnswer {
  readonly status: number
  readonly type: string
  readonly warnings?: string
  readonly body: Json
}

const FOLDER = join(import.meta.dirname, '../fixtures/apiserver')

/** All cases, by name. */
export function contractCases(): ContractCase[] {
  return casesIn<ContractCase>(FOLDER)
}

/** Where the answers of the real server to a case are kept. */
export function expectedFile(name: string): string {
  return join(FOLDER, name, 'expected.json')
}

/** The answers that the real server gave to a case. */
export function expectedAnswers(name: string): ContractAnswer[] {
  return JSON.parse(readFileSync(expectedFile(name), 'utf8')) as ContractAnswer[]
}

/**
 * Steps in which the embedded server still differs, by case: `known-failures.yaml` beside the cases,
 * each with its reason.
 */
export function knownFailures(): Readonly<Record<string, readonly number[]>> {
  const text = readFileSync(join(FOLDER, 'known-failures.yaml'), 'utf8')
  const [value] = parseYaml(text, 'known-failures.yaml')
  const cases = isObject(value) ? value : {}
  return Object.fromEntries(
    Object.entries(cases).map(([name, steps]) => [
      name,
      isObject(steps) ? Object.keys(steps).map(Number) : [],
    ]),
  )
}

/** Plays a case against a server and answers what it said, made comparable. */
export async function playCase(
  transport: Transport,
  of: ContractCase,
  pause: () => Promise<void>,
): Promise<ContractAnswer[]> {
  const namespace = `contract-${of.name}`
  const raw: Json[] = []
  const answers: ContractAnswer[] = []
  const blur = new Blur()
  await send(transport, {
    method: 'POST',
    path: '/api/v1/namespaces',
    body: namespaceOf(namespace),
  })
  for (const step of of.steps) {
    const filled = fillStep(step, namespace, raw)
    let answer = await send(transport, filled)
    for (let i = 0; step.until !== undefined && i < 100; i += 1) {
      const [found] = readJsonPath(answer.body, step.until.path)
      if (JSON.stringify(found) === JSON.stringify(step.until.is)) break
      await pause()
      answer = await send(transport, filled)
    }
    raw.push(answer.body)
    answers.push({ ...answer, body: blur.value(answer.body, '') })
  }
  return answers
}

function namespaceOf(name: string): Json {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
}

function fillStep(step: ContractStep, namespace: string, raw: readonly Json[]): ContractStep {
  const fill = (text: string): string =>
    text.replaceAll('{ns}', namespace).replaceAll(/\$\{(\d+):([^}]+)\}/g, (_, index, path) => {
      const [value] = readJsonPath(raw[Number(index)] ?? null, String(path))
      return typeof value === 'string' ? value : JSON.stringify(value ?? null)
    })
  const fillAll = (value: Json): Json => {
    if (typeof value === 'string') return fill(value)
    if (isArray(value)) return value.map(fillAll)
    if (!isObject(value)) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, child]) => [fill(key), fillAll(child ?? null)]),
    )
  }
  return {
    ...step,
    path: fill(step.path),
    ...(step.body === undefined ? {} : { body: fillAll(step.body) }),
  }
}

async function send(transport: Transport, step: ContractStep): Promise<ContractAnswer> {
  const ended = new AbortController()
  const body =
    step.body === undefined || typeof step.body === 'string' ? step.body : JSON.stringify(step.body)
  const response = await transport.request({
    method: step.method,
    path: step.path,
    headers: {
      accept: 'application/json',
      'user-agent': 'contract/1.0',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...step.headers,
    },
    ...(body === undefined ? {} : { body }),
    signal: ended.signal,
  })
  const { warning } = response.headers
  const answer = {
    status: response.status,
    type: response.headers['content-type'] ?? '',
    ...(warning === undefined ? {} : { warnings: warning }),
  }
  if (step.lines === undefined || response.status !== 200)
    return { ...answer, body: parsed(await response.text()) }
  const lines: Json[] = []
  for await (const line of response.lines()) {
    lines.push(JSON.parse(line) as Json)
    if (lines.length >= step.lines) break
  }
  ended.abort()
  return { ...answer, body: lines }
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

/** Causes of a refusal come in the random order of Go's maps; the message holds each of them. */
function inOrder(status: JsonObject): JsonObject {
  const causes = valueAt(status, 'details', 'causes')
  if (!isArray(causes) || causes.length < 2) return status
  const sorted = [...causes].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  const message = String(status['message'])
  const texts = sorted.map((each) => `${stringAt(each, 'field')}: ${stringAt(each, 'message')}`)
  const start = message.indexOf(' is invalid: ')
  const isWhole = start >= 0 && texts.every((text) => message.includes(text))
  return {
    ...status,
    details: { ...(status['details'] as JsonObject), causes: sorted },
    message: isWhole ? `${message.slice(0, start)} is invalid: <the causes>` : message,
  }
}

/** Entries of managers of the same second, and rules that come from several bindings, come in any order. */
const UNORDERED = ['managedFields', 'nonResourceRules', 'resourceRules']

function inAnyOrder(entries: readonly Json[]): Json {
  return [...entries].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

/** Ports that servers choose. */
const PORTS: ReadonlySet<string> = new Set(['nodePort', 'healthCheckNodePort'])

/** Puts names for what differs from run to run: uids, revisions, times, addresses, drawn names. */
class Blur {
  readonly #names = new Map<string, string>()
  readonly #counts = new Map<string, number>()

  value(value: Json, key: string): Json {
    if (isArray(value)) return value.map((each) => this.value(each, key))
    if (isObject(value)) return this.#object(value)
    if (typeof value !== 'string') return PORTS.has(key) ? '<port>' : value
    return this.#text(value, key)
  }

  #object(value: JsonObject): Json {
    const out: Record<string, Json> = {}
    const isList = isArray(value['items']) || isArray(value['rows'])
    for (const key of Object.keys(value).sort()) {
      const child = value[key]
      // A list's revision counts what others write meanwhile.
      if (isList && key === 'metadata' && isObject(child))
        out[key] = this.value({ ...child, resourceVersion: '<any>' }, key)
      else if (child !== undefined) out[key] = this.value(child, key)
    }
    for (const key of UNORDERED) if (isArray(out[key])) out[key] = inAnyOrder(out[key])
    // Those of a definition are written by several controllers, whoever comes first.
    if (out['acceptedNames'] !== undefined && isArray(out['conditions']))
      out['conditions'] = inAnyOrder(out['conditions'])
    return isArray(valueAt(out, 'details', 'causes')) ? inOrder(out) : out
  }

  #text(value: string, key: string): Json {
    if (key === 'uid' && /^[0-9a-f-]{36}$/.test(value)) return this.#name('uid', value)
    if (key === 'resourceVersion' && /^\d+$/.test(value)) return this.#name('rv', value)
    if (key === 'continue' && value !== '') return '<continue>'
    if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value)) return '<time>'
    if (key === 'clusterIP' || key === 'clusterIPs')
      return value === 'None' ? value : this.#name('ip', value)
    return value
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, (uid) =>
        this.#name('uid', uid),
      )
      .replaceAll(/scheme \\?"[^"\\]*\\?"/g, 'scheme')
      .replaceAll(/(record \(|current: )\d+/g, '$1<rv>')
      .replaceAll(/^[\d.]+:\d+$/g, '<address>')
  }

  #name(what: string, value: string): string {
    const id = `${what} ${value}`
    const known = this.#names.get(id)
    if (known !== undefined) return known
    const count = (this.#counts.get(what) ?? 0) + 1
    this.#counts.set(what, count)
    const name = `<${what} ${count}>`
    this.#names.set(id, name)
    return name
  }
}
