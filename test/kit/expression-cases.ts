import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { JsonObject } from '../../src/object/index.ts'

const ROOT = new URL('../fixtures/cel/kubernetes/', import.meta.url)
/** The group of the kinds of the cases. */
export const GROUP: string = 'expressions.example.com'

/** What a server says of one expression; absent: nothing is wrong, or there is no value. */
export interface Said {
  /** Of the expression as a rule of a definition. */
  readonly rule?: string
  /** Its value there as a text, or why there is none. */
  readonly value?: string
  /** Of the expression as a validation of a policy. */
  readonly policy?: string
  /** Its value there, where it is another. */
  readonly policyValue?: string
  /** What the status of the policy warns of, where its types are known. */
  readonly warning?: string
}

/** The folders of expressions, one a library. */
export function expressionFolders(): string[] {
  return readdirSync(ROOT).sort()
}

/** The expressions of a folder, one a line; `⏎` stands for a line break. */
export function expressionsOf(folder: string): string[] {
  return readFileSync(new URL(`${folder}/expressions.txt`, ROOT), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replaceAll('⏎', '\n'))
}

/** Where the answers of the real server to the expressions of a folder stand. */
export function answersFile(folder: string): URL {
  return new URL(`${folder}/answers.json`, ROOT)
}

/** What the real server answered, by expression. */
export function answersOf(folder: string): Readonly<Record<string, Said>> {
  const file = answersFile(folder)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, Said>) : {}
}

/** The schema of what expressions are about. */
export const SELF_SCHEMA: JsonObject = {
  type: 'object',
  required: ['name', 'n', 'list'],
  properties: {
    name: { type: 'string', maxLength: 50 },
    n: { type: 'integer' },
    ratio: { type: 'number' },
    flag: { type: 'boolean' },
    memory: { type: 'string', maxLength: 20 },
    list: { type: 'array', maxItems: 10, items: { type: 'integer' } },
    names: { type: 'array', maxItems: 10, items: { type: 'string', maxLength: 20 } },
    objects: {
      type: 'array',
      maxItems: 10,
      items: {
        type: 'object',
        properties: { x: { type: 'integer' }, y: { type: 'string', maxLength: 10 } },
      },
    },
    labels: {
      type: 'object',
      maxProperties: 10,
      additionalProperties: { type: 'string', maxLength: 20 },
    },
    inner: { type: 'object', properties: { z: { type: 'string', maxLength: 20 } } },
    none: { type: 'string', maxLength: 20 },
    text: { type: 'string' },
    texts: { type: 'array', items: { type: 'string' } },
    tree: { type: 'object', additionalProperties: { type: 'string' } },
    when: { type: 'string', format: 'date-time' },
    period: { type: 'string', format: 'duration' },
    blob: { type: 'string', format: 'byte', maxLength: 20 },
    port: { 'x-kubernetes-int-or-string': true },
    any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    in: { type: 'string', maxLength: 20 },
    namespace: { type: 'string', maxLength: 20 },
    'a-b': { type: 'string', maxLength: 20 },
  },
}

/** What expressions are about. */
export const SELF: JsonObject = {
  name: 'web-1',
  n: 3,
  ratio: 2,
  flag: true,
  memory: '512Mi',
  list: [1, 2, 3],
  names: ['b', 'a', 'b'],
  objects: [
    { x: 1, y: 'b' },
    { x: 2, y: 'a' },
  ],
  labels: { a: 'b' },
  inner: { z: 'w' },
  text: 'some text',
  texts: ['a', 'b'],
  tree: { k: 'v' },
  when: '2020-01-02T03:04:05Z',
  period: '90s',
  blob: 'aGk=',
  port: 8080,
  any: { x: 1, 'a b': [1, 'x'] },
  in: 'in',
  namespace: 'ns',
  'a-b': 'dash',
}

/** A rule that is never met, and whose message shows the value of an expression. */
export function shown(expression: string): [rule: string, message: string] {
  const text = `'%s'.format([${expression}])`
  // A fault of the expression has to come out, so nothing may be decided without it.
  return [`${text} == '' ? false : false`, text]
}

/** An expression about `self` as one of a policy about the object that holds it. */
export function inPolicy(expression: string): string {
  return expression.replaceAll(/(?<![\w'"])(self|oldSelf)\b/g, (name) =>
    name === 'self' ? 'object.spec' : 'oldObject.spec',
  )
}

const WHY =
  /(?:compilation failed|messageExpression compilation failed|cel expression must|messageExpression must|must evaluate|estimated|contributed|x-kubernetes-validations estimated|oldSelf cannot)[\s\S]*$/

/** What is wrong, without the value that it is wrong of. */
export function whyOf(message: string): string {
  return WHY.exec(message)?.[0] ?? message
}

/** Without what is drawn. */
export function settled(text: string): string {
  return text
    .replaceAll(/expressions\.example\.com\/v1, Kind=P[a-z]+kind: /g, '')
    .replaceAll(/P[a-z]+kind\d+/g, 'Kind')
    .replaceAll(/selfType\d+/g, 'selfType')
}

/** The kind of a plural. */
export function kindOf(plural: string): string {
  return `${plural[0]?.toUpperCase()}${plural.slice(1)}kind`
}

/** A definition whose objects have some properties. */
export function definition(plural: string, properties: JsonObject): JsonObject {
  const kind = kindOf(plural)
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${GROUP}` },
    spec: {
      group: GROUP,
      scope: 'Cluster',
      names: { plural, kind, listKind: `${kind}List`, singular: kind.toLowerCase() },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties } },
        },
      ],
    },
  }
}

/** A policy for one object of a kind. */
export function policyOf(
  name: string,
  validations: readonly JsonObject[],
  plural = 'things',
): JsonObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: {
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: [GROUP],
            apiVersions: ['v1'],
            operations: ['CREATE'],
            resources: [plural],
            resourceNames: [name],
          },
        ],
      },
      validations: [...validations],
    },
  }
}
