import type { ApiRequest } from '../../object/index.ts'
import { dnsSubdomain } from '../builtin/index.ts'
import type { Core, User } from '../core.ts'
import type { StatusFault } from '../status.ts'
import { groupsOfAccount, type Wanted, wantedUser } from './authenticate.ts'
import { type Attempt, reasonToAllow } from './rbac.ts'

/** A way to be taken for somebody: what it is called, and whether it is one for this case. */
interface Mode {
  readonly name: string
  fits(wanted: Wanted, requestor: User): boolean
}

const ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/
const NODE = 'system:node:'
const NODE_KEY = 'authentication.kubernetes.io/node-name'
const REVIEWED = 'authentication.k8s.io'

/** In the order in which they are tried. What used to be the only way, `impersonate`, comes after them. */
const MODES: readonly Mode[] = [
  {
    name: 'associated-node',
    fits: (wanted, { name, extra }) => {
      const node = nodeOf(wanted.name)
      const keys = extra?.[NODE_KEY] ?? []
      return isNameOnly(wanted) && ACCOUNT.test(name) && keys.length === 1 && keys[0] === node
    },
  },
  {
    name: 'arbitrary-node',
    fits: (wanted) => isNameOnly(wanted) && nodeOf(wanted.name) !== undefined,
  },
  { name: 'serviceaccount', fits: (wanted) => isNameOnly(wanted) && ACCOUNT.test(wanted.name) },
  {
    name: 'user-info',
    fits: ({ name }) => nodeOf(name) === undefined && !ACCOUNT.test(name),
  },
]

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
  const first = (attempts: readonly Attempt[]): StatusFault | undefined => {
    const bad = attempts.find((each) => reasonToAllow(core, user, each) === undefined)
    return bad === undefined ? undefined : of.refused(bad)
  }
  const faults: StatusFault[] = []
  for (const mode of MODES) {
    if (!mode.fits(wanted, user)) continue
    const on = of.attempt()
    const fault =
      first([{ ...on, verb: `impersonate-on:${mode.name}:${on.verb}` }]) ??
      forbiddenGroup(wanted, `impersonate:${mode.name}`, of.refused) ??
      first(attemptsFor(wanted, `impersonate:${mode.name}`, true))
    if (fault === undefined) return userFor(wanted, true)
    faults.push(fault)
  }
  const old = first(attemptsFor(wanted, 'impersonate', false))
  if (old === undefined) return userFor(wanted, false)
  throw faults[0] ?? old
}

/** Groups that only the old way lets one be in. */
function forbiddenGroup(
  { groups }: Wanted,
  verb: string,
  refused: (attempt: Attempt, why?: string) => StatusFault,
): StatusFault | undefined {
  const attempt = { verb, group: REVIEWED, resource: 'groups', namespace: '' }
  if (groups.includes(''))
    return refused({ ...attempt, name: '' }, 'impersonating the empty string group is not allowed')
  const masters = 'system:masters'
  return groups.includes(masters)
    ? refused(
        { ...attempt, name: masters },
        'impersonating the system:masters group is not allowed',
      )
    : undefined
}

/** What must be allowed to be taken for a user. */
function attemptsFor(wanted: Wanted, verb: string, isNew: boolean): Attempt[] {
  const group = isNew ? REVIEWED : ''
  const attempt = (resource: string, name: string, of = group, namespace = ''): Attempt => ({
    verb,
    group: of,
    resource,
    namespace,
    name,
  })
  const [, namespace, account] = ACCOUNT.exec(wanted.name) ?? []
  const node = isNew ? nodeOf(wanted.name) : undefined
  const isOwn = verb.endsWith(':associated-node')
  const who =
    namespace !== undefined && account !== undefined
      ? attempt('serviceaccounts', account, group, namespace)
      : node === undefined
        ? attempt('users', wanted.name)
        : attempt('nodes', isOwn ? '*' : node)
  return [
    who,
    ...(wanted.uid === undefined ? [] : [attempt('uids', wanted.uid, REVIEWED)]),
    ...wanted.groups.map((each) => attempt('groups', each)),
    ...Object.entries(wanted.extra).flatMap(([key, values]) =>
      values.map((value) => attempt(`userextras/${key}`, value, REVIEWED)),
    ),
  ]
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
