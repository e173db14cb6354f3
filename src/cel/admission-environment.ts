import type { Environment } from './compile.ts'
import { baseEngine } from './extensions.ts'
import { addFormats } from './k8s-format.ts'
import { addAddresses, addUrls } from './k8s-net.ts'
import { addLists, addQuantity, addRegexFind, register } from './k8s-values.ts'
import { addMoreLists } from './more-lists.ts'
import { addSemver } from './semver.ts'

/** What an expression asks about an access; the receiver answers. */
export interface AccessQuestion {
  /** `''` of group and resource with a path: a URL that names no resource. */
  readonly path?: string
  readonly group: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  readonly verb: string
  /** Absent: the one who asks. */
  readonly serviceAccount?: { readonly namespace: string; readonly name: string }
}

/** Whether an access is allowed, and why. */
export interface AccessAnswer {
  readonly allowed: boolean
  readonly reason: string
}

/** The value of `authorizer` in expressions. */
export class Authorizer {
  readonly ask: (question: AccessQuestion) => AccessAnswer
  readonly question: AccessQuestion
  /** The access of the request itself. */
  readonly requestResource: ResourceCheck | undefined

  constructor(
    ask: (question: AccessQuestion) => AccessAnswer,
    question: AccessQuestion,
    requestResource?: AccessQuestion,
  ) {
    this.ask = ask
    this.question = question
    this.requestResource =
      requestResource === undefined ? undefined : new ResourceCheck(ask, requestResource)
  }
}

class ResourceCheck {
  readonly ask: (question: AccessQuestion) => AccessAnswer
  readonly question: AccessQuestion

  constructor(ask: (question: AccessQuestion) => AccessAnswer, question: AccessQuestion) {
    this.ask = ask
    this.question = question
  }
}

class GroupCheck extends ResourceCheck {}
class PathCheck extends ResourceCheck {}

class Decision {
  readonly answer: AccessAnswer

  constructor(answer: AccessAnswer) {
    this.answer = answer
  }
}

const made = new Map<boolean, Environment>()

/**
 * The environment of admission policies and of match conditions: `object`, `oldObject`, `request`,
 * `params`, `namespaceObject`, `variables`, `authorizer`, and Kubernetes' libraries. Policies that
 * change objects build maps of mixed values, so theirs may.
 * @see k8s.io/apiserver pkg/admission/plugin/cel/compile.go (v0.36.3)
 */
export function admissionEnvironment(options: { readonly mutates?: boolean } = {}): Environment {
  const mutates = options.mutates ?? false
  const known = made.get(mutates)
  if (known !== undefined) return known
  const engine = baseEngine({ checked: true, mixed: mutates, kubernetes: true })
  addLists(engine)
  addMoreLists(engine)
  addSemver(engine)
  addRegexFind(engine)
  addQuantity(engine)
  addUrls(engine)
  addAddresses(engine)
  addFormats(engine)
  addAuthorizer(engine)
  for (const name of ['object', 'oldObject', 'request', 'params', 'namespaceObject', 'variables'])
    engine.registerVariable(name, 'dyn')
  engine.registerVariable('authorizer', 'Authorizer')
  if (mutates) addJsonPatch(engine)
  const environment: Environment = { engine, checked: true }
  made.set(mutates, environment)
  return environment
}

/** @see k8s.io/apiserver pkg/cel/library/jsonpatch.go (v0.36.3) */
function addJsonPatch(engine: Environment['engine']): void {
  class JsonPatchNamespace {}
  engine.registerType('JsonPatchNamespace', JsonPatchNamespace)
  engine.registerConstant('jsonpatch', 'JsonPatchNamespace', new JsonPatchNamespace())
  register(
    engine,
    'JsonPatchNamespace.escapeKey(string): string',
    (_: JsonPatchNamespace, text: string) => text.replaceAll('~', '~0').replaceAll('/', '~1'),
  )
}

/** @see k8s.io/apiserver pkg/cel/library/authz.go (v0.36.3) */
function addAuthorizer(engine: Environment['engine']): void {
  engine.registerType('ResourceCheck', ResourceCheck)
  engine.registerType('Authorizer', {
    ctor: Authorizer,
    fields: { requestResource: 'ResourceCheck' },
  })
  engine.registerType('GroupCheck', GroupCheck)
  engine.registerType('PathCheck', PathCheck)
  engine.registerType('Decision', Decision)
  const path = (on: Authorizer, text: string): PathCheck =>
    new PathCheck(on.ask, { ...on.question, path: text })
  const account = (on: Authorizer, namespace: string, name: string): Authorizer =>
    new Authorizer(on.ask, { ...on.question, serviceAccount: { namespace, name } })
  register(engine, 'Authorizer.path(string): PathCheck', path)
  register(engine, 'Authorizer.serviceAccount(string, string): Authorizer', account)
  register(engine, 'Authorizer.group(string): GroupCheck', (on: Authorizer, group: string) => {
    return new GroupCheck(on.ask, { ...on.question, group })
  })
  register(engine, 'GroupCheck.resource(string): ResourceCheck', (on: GroupCheck, text: string) =>
    withPart(on, 'resource', text),
  )
  for (const part of ['subresource', 'namespace', 'name'] as const)
    register(
      engine,
      `ResourceCheck.${part}(string): ResourceCheck`,
      (on: ResourceCheck, text: string) => withPart(on, part, text),
    )
  const check = (on: ResourceCheck, verb: string): Decision =>
    new Decision(on.ask({ ...on.question, verb }))
  register(engine, 'ResourceCheck.check(string): Decision', check)
  register(engine, 'PathCheck.check(string): Decision', check)
  register(engine, 'Decision.allowed(): bool', (on: Decision) => on.answer.allowed)
  register(engine, 'Decision.reason(): string', (on: Decision) => on.answer.reason)
  register(engine, 'Decision.errored(): bool', () => false)
  register(engine, 'Decision.error(): string', () => '')
}

function withPart(
  on: ResourceCheck,
  part: 'resource' | 'subresource' | 'namespace' | 'name',
  text: string,
): ResourceCheck {
  return new ResourceCheck(on.ask, { ...on.question, [part]: text })
}
