import type { ApiRequest } from '../../object/index.ts'
import { dnsSubdomain } from '../builtin/index.ts'
import type { Core, User } from '../core.ts'
import type { StatusFault } from '../status.ts'
import { groupsOfAccount, type Wanted, wantedUser } from './authenticate.ts'
import { type Attempt, reasonToAllow } from './rbac.ts'

/** A way to be taken for somebody, and whether it is one for this case. */
interface Mode {
  /** What must be allowed on who one wants to be. */
  readonly verb: string
  /** What must be allowed on what is asked for, before the verb of that; absent: nothing. */
  readonly on?: string
  fits(wanted: Wanted, requestor: User): boolean
}

const ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/
const NODE = 'system:node:'
const NODE_KEY = 'authentication.kubernetes.io/node-name'
const REVIEWED = 'authentication.k8s.io'

const ASSOCIATED: Mode = {
  ...verbsOf('associated-node'),
  fits: (wanted, { name, extra }) => {
    const keys = extra?.[NODE_KEY] ?? []
    const node = nodeOf(wanted.name)
    return isNameOnly(wanted) && ACCOUNT.test(name) && keys.length === 1 && keys[0] === node
  },
}

/** What used to be the only way. */
const OLD: Mode = { verb: 'impersonate', fits: () => true }

/** In the order in which they are tried. */
const MODES: readonly Mode[] = [
  ASSOCIATED,
  {
    ...verbsOf('arbitrary-node'),
    fits: (wanted) => isNameOnly(wanted) && nodeOf(wanted.name) !== undefined,
  },
  {
    ...verbsOf('serviceaccount'),
    fits: (wanted) => isNameOnly(wanted) && ACCOUNT.test(wanted.name),
  },
  {
    ...verbsOf('user-info'),
    fits: ({ name }) => nodeOf(name) === undefined && !ACCOUNT.test(name),
  },
  OLD,
]

function verbsOf(mode: string): Pick<Mode, 'verb'> & { readonly on: string } {
  return { verb: `impersonate:${mode}`, on: `impersonate-on:${mode}` }
}

function isNameOnly({ uid, groups, extra }: Wanted): boolean {
  return uid === undefined && groups.length === 0 && Object.keys(extra).length === 0
}

function nodeOf(name: string): string | undefined {
  if (!name.startsWith(NODE)) return undefined
  const node = name.slice(NODE.length)
  return dnsSubdomain(node).length === 0 ? node : undefined
}

/**
 * Who a request acts as: its own user, or the one that it is taken for, where that is allowed: by a way
 * that allows it for this request alone, or by the old one, for all.
 * @param refused what is thrown for an attempt that is not allowed
 * @throws StatusFault 400, 403
 * @see k8s.io/apiserver pkg/endpoints/filters/impersonation/mode.go (v0.36.3)
 */
export function actingUser(
  core: Core,
  user: User,
  of: {
    readonly headers: ApiRequest['headers']
    readonly attempt: () => Attempt
    readonly refused: (attempt: Attempt, why?: string) => StatusFault
  },
): User {
  const wanted = wantedUser(of.headers)
  if (wanted === undefined) return user
  const first = (steps: readonly Step[]): StatusFault | undefined => {
    const bad = steps.find(
      (each) => each.why !== undefined || reasonToAllow(core, user, each.attempt) === undefined,
    )
    return bad === undefined ? undefined : of.refused(bad.attempt, bad.why)
  }
  const faults: StatusFault[] = []
  const lastOnes = lastOnesOf(core)
  for (const mode of inOrder(lastOnes.get(user.name))) {
    if (!mode.fits(wanted, user)) continue
    const on = of.attempt()
    const before = mode.on ? [{ attempt: { ...on, verb: `${mode.on}:${on.verb}` } }] : []
    const fault = first([...before, ...stepsFor(wanted, mode)])
    if (fault === undefined) {
      remember(lastOnes, user.name, mode)
      return userFor(wanted, mode !== OLD)
    }
    faults.push(fault)
  }
  throw faults[0] ?? of.refused(of.attempt())
}

/** Which way was the last to be good for whom: it is tried first, and so for all who ask later. */
const remembered = new WeakMap<Core, Map<string, Mode>>()
const REMEMBERED_MAX = 10_000

function lastOnesOf(core: Core): Map<string, Mode> {
  const found = remembered.get(core) ?? new Map<string, Mode>()
  remembered.set(core, found)
  return found
}

function remember(lastOnes: Map<string, Mode>, name: string, mode: Mode): void {
  lastOnes.delete(name)
  lastOnes.set(name, mode)
  const [oldest] = lastOnes.keys()
  if (lastOnes.size > REMEMBERED_MAX && oldest !== undefined) lastOnes.delete(oldest)
}

function inOrder(last: Mode | undefined): readonly Mode[] {
  return last === undefined ? MODES : [last, ...MODES.filter((each) => each !== last)]
}

/** What must be allowed; with a reason it is not, whoever asks. */
interface Step {
  readonly attempt: Attempt
  readonly why?: string | undefined
}

/** What must be allowed to be taken for a user. */
function stepsFor(wanted: Wanted, mode: Mode): Step[] {
  const isNew = mode !== OLD
  const group = isNew ? REVIEWED : ''
  const attempt = (resource: string, name: string, of = group, namespace = ''): Attempt => ({
    verb: mode.verb,
    group: of,
    resource,
    namespace,
    name,
  })
  const [, namespace, account] = ACCOUNT.exec(wanted.name) ?? []
  const node = isNew ? nodeOf(wanted.name) : undefined
  const who =
    namespace !== undefined && account !== undefined
      ? attempt('serviceaccounts', account, group, namespace)
      : node === undefined
        ? attempt('users', wanted.name)
        : attempt('nodes', mode === ASSOCIATED ? '*' : node)
  return [
    { attempt: who },
    ...(wanted.uid === undefined ? [] : [{ attempt: attempt('uids', wanted.uid, REVIEWED) }]),
    ...(isNew
      ? badGroups(wanted)
          .map((why, i) => ({ why, attempt: attempt('groups', i === 0 ? '' : MASTERS) }))
          .filter(({ why }) => why !== '')
      : []),
    ...wanted.groups.map((each) => ({ attempt: attempt('groups', each) })),
    ...(isNew
      ? badExtra(wanted).map((why) => ({ why, attempt: attempt('userextras', '', REVIEWED) }))
      : []),
    ...Object.entries(wanted.extra).flatMap(([key, values]) =>
      values.map((value) => ({ attempt: attempt(`userextras/${key}`, value, REVIEWED) })),
    ),
  ]
}

const MASTERS = 'system:masters'

/** Groups that only the old way lets one be in: why not in the empty one, and in that of the masters. */
function badGroups({ groups }: Wanted): readonly [string, string] {
  return [
    groups.includes('') ? 'impersonating the empty string group is not allowed' : '',
    groups.includes(MASTERS) ? 'impersonating the system:masters group is not allowed' : '',
  ]
}

/** What else is said of a user that only the old way takes. */
function badExtra({ extra }: Wanted): string[] {
  return Object.entries(extra).flatMap(([key, values]) => {
    if (key === '') return ['impersonating the empty string key in extra is not allowed']
    if (!/^[^/]+\/./.test(key))
      return [
        `impersonating an invalid key in extra is not allowed: extra.key: Invalid value: ${JSON.stringify(key)}: must be a domain-prefixed path (such as "acme.io/foo")`,
      ]
    if (values.length === 0) return ['impersonating empty values in extra is not allowed']
    return values.includes('')
      ? ['impersonating the empty string value in extra is not allowed']
      : []
  })
}

/** Who somebody is then. */
function userFor({ name, uid, groups, extra }: Wanted, isNew: boolean): User {
  const own = isNew && nodeOf(name) !== undefined ? ['system:nodes'] : groupsOfAccount(name)
  const asked = groups.length === 0 ? own : groups
  const unknown = 'system:unauthenticated'
  const all =
    name === 'system:anonymous'
      ? [...asked, unknown]
      : asked.includes(unknown)
        ? asked
        : [...asked, 'system:authenticated']
  return {
    name,
    groups: [...new Set(all)],
    ...(uid === undefined ? {} : { uid }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  }
}
