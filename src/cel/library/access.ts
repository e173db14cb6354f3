import type { Forms } from './forms.ts'

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

const NOTHING: AccessQuestion = {
  group: '',
  resource: '',
  subresource: '',
  namespace: '',
  name: '',
  verb: '',
}

type Ask = (question: AccessQuestion) => AccessAnswer
type Part = 'resource' | 'subresource' | 'namespace' | 'name'

/** A question that is being put together: the value of `authorizer`, and what its functions give. */
export class Access {
  readonly celType: string
  readonly ask: Ask
  readonly question: AccessQuestion

  constructor(celType: string, ask: Ask, question: AccessQuestion) {
    this.celType = celType
    this.ask = ask
    this.question = question
  }

  with(kind: string, part: Partial<AccessQuestion>): Access {
    return new Access(`kubernetes.authorization.${kind}`, this.ask, { ...this.question, ...part })
  }
}

/** The value of `authorizer` in expressions. */
export function authorizer(ask: Ask): Access {
  return new Access('kubernetes.authorization.Authorizer', ask, NOTHING)
}

class Decision {
  readonly celType = 'kubernetes.authorization.Decision'
  readonly answer: AccessAnswer

  constructor(answer: AccessAnswer) {
    this.answer = answer
  }
}

function part(name: Part): (on: Access, text: string) => Access {
  return (on, text) => on.with('ResourceCheck', { [name]: text })
}

function check(on: Access, verb: string): Decision {
  return new Decision(on.ask({ ...on.question, verb }))
}

const AT = 'kubernetes.authorization.'

/** Questions about who may do what. @see k8s.io/apiserver pkg/cel/library/authz.go (v0.36.3) */
export const accessFunctions: Forms = {
  [`path ${AT}Authorizer string`]: (on: Access, path: string) => on.with('PathCheck', { path }),
  [`group ${AT}Authorizer string`]: (on: Access, group: string) => on.with('GroupCheck', { group }),
  [`serviceAccount ${AT}Authorizer string string`]: (on: Access, namespace: string, name: string) =>
    on.with('Authorizer', { serviceAccount: { namespace, name } }),
  [`resource ${AT}GroupCheck string`]: part('resource'),
  [`subresource ${AT}ResourceCheck string`]: part('subresource'),
  [`namespace ${AT}ResourceCheck string`]: part('namespace'),
  [`name ${AT}ResourceCheck string`]: part('name'),
  [`fieldSelector ${AT}ResourceCheck string`]: (on: Access) => on,
  [`labelSelector ${AT}ResourceCheck string`]: (on: Access) => on,
  [`check ${AT}ResourceCheck string`]: check,
  [`check ${AT}PathCheck string`]: check,
  [`allowed ${AT}Decision`]: ({ answer }: Decision) => answer.allowed,
  [`reason ${AT}Decision`]: ({ answer }: Decision) => answer.reason,
  [`errored ${AT}Decision`]: () => false,
  [`error ${AT}Decision`]: () => '',
}
