import type { JsonObject, Transport } from '../../src/object/index.ts'
import {
  definition,
  GROUP,
  inPolicy,
  kindOf,
  policyOf,
  type Said,
  SELF,
  SELF_SCHEMA,
  settled,
  shown,
  whyOf,
} from '../../test/kit/expression-cases.ts'

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const ADMISSION = '/apis/admissionregistration.k8s.io/v1'

/** Plays expressions on a server, which is asked in as few requests as it allows. */
export async function playExpressions(
  server: Transport,
  { folder, expressions }: { readonly folder: string; readonly expressions: readonly string[] },
  pause: (ms: number) => Promise<void>,
): Promise<Record<string, Said>> {
  const player = new Player(server, folder, pause)
  const said: Record<string, Record<string, string>> = {}
  const valued: string[] = []
  const policed: string[] = []
  for (const expression of expressions) {
    const [rule, policy] = [await player.rule(expression), await player.policy(expression)]
    said[expression] = {
      ...(rule === '' ? {} : { rule }),
      ...(policy === '' ? {} : { policy }),
    }
    if ((await player.rule(...shown(expression))) === '') valued.push(expression)
    if ((await player.policy(...shown(inPolicy(expression)))) === '') policed.push(expression)
  }
  for (const part of parts(valued, 20)) {
    const values = await player.values(part)
    for (const [i, expression] of part.entries()) {
      const value = values[i]
      if (value !== undefined) Object.assign(said[expression] ?? {}, { value })
    }
  }
  await player.policyValues(policed, said)
  return said
}

function parts<T>(all: readonly T[], size: number): T[][] {
  const out: T[][] = []
  for (let i = 0; i < all.length; i += size) out.push(all.slice(i, i + size))
  return out
}

class Player {
  readonly #server: Transport
  readonly #folder: string
  readonly #pause: (ms: number) => Promise<void>
  #made = 0

  constructor(server: Transport, folder: string, pause: (ms: number) => Promise<void>) {
    this.#server = server
    this.#folder = folder
    this.#pause = pause
  }

  async rule(rule: string, messageExpression?: string): Promise<string> {
    const one = {
      rule: `${rule}`,
      message: 'no',
      ...(messageExpression ? { messageExpression } : {}),
    }
    const body = definition('dry', { spec: { ...SELF_SCHEMA, 'x-kubernetes-validations': [one] } })
    return plain(await this.#ask('POST', `${DEFINITIONS}?dryRun=All`, body))
  }

  async policy(expression: string, messageExpression?: string): Promise<string> {
    const one = {
      expression: inPolicy(expression),
      ...(messageExpression ? { messageExpression } : {}),
    }
    const answer = await this.#ask(
      'POST',
      `${ADMISSION}/validatingadmissionpolicies?dryRun=All`,
      policyOf('dry', [one]),
    )
    return plain(answer)
  }

  /** The values of expressions as rules of one definition. */
  async values(expressions: readonly string[]): Promise<(string | undefined)[]> {
    const plural = `v${this.#folder}${(this.#made += 1)}`
    const schemas = expressions.map((expression, i): [string, JsonObject] => {
      const [rule, messageExpression] = shown(expression)
      const rules = [{ rule, messageExpression, message: 'no' }]
      return [`e${i}`, { ...SELF_SCHEMA, 'x-kubernetes-validations': rules }]
    })
    const whole = definition(plural, Object.fromEntries(schemas))
    const made = await this.#ask('POST', DEFINITIONS, whole)
    if (made.code !== 201) return this.#halves(expressions, plain(made))
    const path = `/apis/${GROUP}/v1/${plural}`
    await this.#until(async () => (await this.#ask('GET', path)).code === 200)
    const answer = await this.#ask('POST', path, {
      apiVersion: `${GROUP}/v1`,
      kind: kindOf(plural),
      metadata: { name: 'a' },
      ...Object.fromEntries(expressions.map((_, i) => [`e${i}`, SELF])),
    })
    await this.#ask('DELETE', `${DEFINITIONS}/${plural}.${GROUP}`)
    const found = new Map(answer.causes.map(({ field, message }) => [field, message]))
    return expressions.map((_, i) => found.get(`e${i}`)?.replace(/^Invalid value: /, ''))
  }

  /** Rules that together cost too much are asked for in parts. */
  async #halves(expressions: readonly string[], why: string): Promise<(string | undefined)[]> {
    if (expressions.length <= 1) return expressions.map(() => `not made: ${why}`)
    const middle = Math.ceil(expressions.length / 2)
    return [
      ...(await this.values(expressions.slice(0, middle))),
      ...(await this.values(expressions.slice(middle))),
    ]
  }

  async policyValues(
    expressions: readonly string[],
    said: Record<string, Record<string, string>>,
  ): Promise<void> {
    const plural = `p${this.#folder}`
    await this.#ask('POST', DEFINITIONS, definition(plural, { spec: SELF_SCHEMA }))
    const path = `/apis/${GROUP}/v1/${plural}`
    await this.#until(async () => (await this.#ask('GET', path)).code === 200)
    const all = parts(expressions, 5)
    for (const [i, part] of all.entries()) await this.#bind(`${plural}-${i}`, plural, part)
    await this.#pause(2000)
    for (const [i, part] of all.entries()) {
      const name = `${plural}-${i}`
      const answer = await this.#ask('POST', `${path}?dryRun=All`, {
        apiVersion: `${GROUP}/v1`,
        kind: kindOf(plural),
        metadata: { name },
        spec: SELF,
      })
      const status = await this.#warnings(`${ADMISSION}/validatingadmissionpolicies/${name}`)
      const warned = warningsOf(answer.warning, part)
      for (const [j, expression] of part.entries()) {
        const one = said[expression] ?? {}
        const value = warned.get(j) ?? `no warning: ${answer.code} ${answer.message}`
        if (value !== one['value']) one['policyValue'] = value
        const warning = status.get(`spec.validations[${j}].expression`)
        if (warning !== undefined) one['warning'] = warning
      }
      for (const kind of ['validatingadmissionpolicybindings', 'validatingadmissionpolicies'])
        await this.#ask('DELETE', `${ADMISSION}/${kind}/${name}`)
    }
    await this.#ask('DELETE', `${DEFINITIONS}/${plural}.${GROUP}`)
  }

  async #bind(name: string, plural: string, expressions: readonly string[]): Promise<void> {
    // Equal warnings are told once, so each begins with its number.
    const validations = expressions.map((each, i) => {
      const [expression, messageExpression] = shown(inPolicy(each))
      return { expression, messageExpression: `'${i} ' + ${messageExpression}` }
    })
    await this.#ask(
      'POST',
      `${ADMISSION}/validatingadmissionpolicies`,
      policyOf(name, validations, plural),
    )
    await this.#ask('POST', `${ADMISSION}/validatingadmissionpolicybindings`, {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name },
      spec: { policyName: name, validationActions: ['Warn'] },
    })
  }

  async #warnings(path: string): Promise<ReadonlyMap<string, string>> {
    let found: ReadonlyMap<string, string> = new Map()
    await this.#until(async () => {
      const { body } = await this.#ask('GET', path)
      const status = body['status'] as JsonObject | undefined
      if (status?.['observedGeneration'] === undefined) return false
      const checking = status['typeChecking'] as { expressionWarnings?: unknown } | undefined
      const all = (checking?.expressionWarnings ?? []) as { fieldRef: string; warning: string }[]
      found = new Map(all.map(({ fieldRef, warning }) => [fieldRef, settled(warning)]))
      return true
    })
    return found
  }

  async #until(isThere: () => Promise<boolean>): Promise<void> {
    for (let i = 0; i < 100; i += 1) {
      if (await isThere()) return
      await this.#pause(100)
    }
  }

  async #ask(method: string, path: string, body?: JsonObject): Promise<Answer> {
    const answer = await this.#server.request({
      method: method as 'GET',
      path,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    const parsed = (text.startsWith('{') ? JSON.parse(text) : { message: text }) as JsonObject
    const details = parsed['details'] as { causes?: Answer['causes'] } | undefined
    return {
      code: answer.status,
      message: String(parsed['message'] ?? ''),
      causes: details?.causes ?? [],
      warning: answer.headers['warning'],
      body: parsed,
    }
  }
}

interface Answer {
  readonly code: number
  readonly message: string
  readonly causes: readonly { readonly field: string; readonly message: string }[]
  readonly warning: string | readonly string[] | undefined
  readonly body: JsonObject
}

/** What is wrong, without the value that it is wrong of, and without what is drawn. */
function plain({ code, causes, message }: Answer): string {
  if (code < 300) return ''
  if (causes.length === 0) return settled(message)
  return causes.map((cause) => settled(whyOf(cause.message))).join('\n')
}

/** The texts of the warnings of policies, by the number of the expression. */
function warningsOf(
  header: Answer['warning'],
  expressions: readonly string[],
): Map<number, string> {
  const text = Array.isArray(header) ? header.join(', ') : String(header ?? '')
  const utf8 = /^[\t-\u00ff]*$/.test(text) ? Buffer.from(text, 'latin1').toString('utf8') : text
  // In one process a header is text as it was written.
  const read = utf8.includes('\ufffd') ? text : utf8
  const out = new Map<number, string>()
  for (const [, quoted = ''] of read.matchAll(/299 - "((?:[^"\\]|\\.)*)"/gs)) {
    const said = quoted
      .replaceAll(/\\(.)/gs, '$1')
      .replace(/^Validation failed for ValidatingAdmissionPolicy '.*?' with binding '.*?': /, '')
    const number = /^(\d+)(?: |$)/.exec(said)
    const at = expressions.findIndex((each) => said.includes(`'%s'.format([${inPolicy(each)}])`))
    if (number !== null) out.set(Number(number[1]), said.slice(number[0].length))
    else if (at >= 0) out.set(at, said)
  }
  return out
}
