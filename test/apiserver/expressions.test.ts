import { describe, expect, test } from 'vitest'
import { policyProblems } from '../../src/apiserver/admission/index.ts'
import type { Cause } from '../../src/apiserver/builtin/index.ts'
import type { Kind } from '../../src/apiserver/kind.ts'
import {
  rootPlace,
  ruleCauses,
  totalCauses,
} from '../../src/apiserver/structural/definition/rule-form.ts'
import { compileStructural, declare } from '../../src/apiserver/structural/index.ts'
import {
  admissionNames,
  simpleType,
  toCel,
  typedExpression,
  typeWords,
} from '../../src/cel/index.ts'
import type { JsonObject, KubeObject } from '../../src/object/index.ts'
import {
  answersOf,
  expressionFolders,
  expressionsOf,
  inPolicy,
  policyOf,
  type Said,
  SELF,
  SELF_SCHEMA,
  settled,
  shown,
  whyOf,
} from '../kit/expression-cases.ts'

const POLICY = {
  group: 'admissionregistration.k8s.io',
  kind: 'ValidatingAdmissionPolicy',
} as unknown as Kind

function told(causes: readonly Cause[]): string {
  return causes.map((cause) => settled(whyOf(cause.message ?? ''))).join('\n')
}

/** What a definition is told of an expression as its rule. */
function asRule(rule: string, messageExpression?: string): string {
  const one = { rule, message: 'no', ...(messageExpression ? { messageExpression } : {}) }
  const cel = rootPlace(false)
  const schema = { ...SELF_SCHEMA, 'x-kubernetes-validations': [one] }
  const causes = ruleCauses(schema, 'spec', { cel, within: {} })
  return told([...causes, ...totalCauses(cel.total, 'spec')])
}

function valueInRule(expression: string): string | undefined {
  const [rule, messageExpression] = shown(expression)
  if (asRule(rule, messageExpression) !== '') return undefined
  const one = { rule, message: 'no', messageExpression }
  const spec = { ...SELF_SCHEMA, 'x-kubernetes-validations': [one] }
  const schema = compileStructural({ type: 'object', properties: { spec } })
  const object = { apiVersion: 'v1', kind: 'A', metadata: { name: 'a' }, spec: SELF }
  const [cause] = schema.validate(object as unknown as KubeObject)
  return cause?.message?.replace(/^Invalid value: /, '')
}

function asPolicy(expression: string, messageExpression?: string): string {
  const one = {
    expression: inPolicy(expression),
    ...(messageExpression ? { messageExpression } : {}),
  }
  return told(policyProblems(POLICY, policyOf('dry', [one]) as unknown as KubeObject))
}

/** What the status of a policy warns of, where the type of the objects is known. */
function warningIn(expression: string): string | undefined {
  const [rule, message] = shown(inPolicy(expression))
  if (asPolicy(rule, message) !== '') return undefined
  const { problem } = typedExpression(rule, TYPED)
  return problem === undefined ? undefined : `${settled(problem)}\n`
}

const SCHEMA: JsonObject = { type: 'object', properties: { spec: SELF_SCHEMA } }
const TYPED = admissionNames({
  authorizer: true,
  object: declare(SCHEMA, { name: 'Kind', isRoot: true })?.type,
})
const NAMES = admissionNames({ authorizer: true, params: simpleType('dyn') })
const SEEN = { object: toCel({ spec: SELF }), oldObject: null }

function valueInPolicy(expression: string): string | undefined {
  const [rule, message] = shown(inPolicy(expression))
  if (asPolicy(rule, message) !== '') return undefined
  const program = typedExpression(message, NAMES)
  expect(typeWords(program.type)).toBe('string')
  try {
    return String(program.run(SEEN)).trim()
  } catch (error) {
    const why = error instanceof Error ? error.message : ''
    return `expression '${rule}' resulted in error: ${why}`
  }
}

function comparable(said: Said): Said {
  const { rule, value, policy, policyValue = value, warning } = said
  return {
    ...(rule === undefined ? {} : { rule }),
    ...(value === undefined ? {} : { value }),
    ...(policy === undefined ? {} : { policy }),
    ...(warning === undefined ? {} : { warning }),
    ...(policyValue === undefined || !isOneLine(policyValue)
      ? {}
      : { policyValue: policyValue.trim() }),
  }
}

/** What has several lines is no message of a policy. */
function isOneLine(text: string): boolean {
  return !text.includes('\n') && !/^(?:failed expression|no warning)/.test(text)
}

describe.each(expressionFolders())('expressions about %s', (folder) => {
  test('are told of, and come to, what a real kube-apiserver says', () => {
    const want = answersOf(folder)
    const [wanted, given]: [Record<string, Said>, Record<string, Said>] = [{}, {}]
    for (const expression of expressionsOf(folder)) {
      const rule = asRule(expression)
      const policy = asPolicy(expression)
      const value = valueInRule(expression)
      const policyValue = valueInPolicy(expression)
      const warning = warningIn(expression)
      wanted[expression] = comparable(want[expression] ?? {})
      given[expression] = comparable({
        ...(rule === '' ? {} : { rule }),
        ...(value === undefined ? {} : { value }),
        ...(policy === '' ? {} : { policy }),
        ...(policyValue === undefined ? {} : { policyValue }),
        ...(warning === undefined ? {} : { warning }),
      })
    }
    expect(given).toEqual(wanted)
  })
})
