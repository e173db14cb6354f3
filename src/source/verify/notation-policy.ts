import { BadName, isPartOf, parseName } from './distinguished-name.ts'

/** That a policy does not do. Callers make a fault of it. */
export class BadPolicy extends Error {}

export type Check = 'integrity' | 'authenticity' | 'authenticTimestamp' | 'expiry' | 'revocation'
type Action = 'enforce' | 'log' | 'skip'

/** A statement of a policy that is checked. */
export interface Statement {
  readonly name: string
  readonly registryScopes: readonly string[]
  readonly trustStores: readonly string[]
  readonly trustedIdentities: readonly string[]
  /** What is done when a check fails; undefined where nothing is verified. */
  readonly actions: Readonly<Record<Check, Action>> | undefined
  readonly verifyTimestamp: string
}

interface StatementJson {
  readonly name?: string
  readonly registryScopes?: readonly string[]
  readonly signatureVerification?: {
    readonly level?: string
    readonly override?: Readonly<Record<string, string>>
    readonly verifyTimestamp?: string
  }
  readonly trustStores?: readonly string[]
  readonly trustedIdentities?: readonly string[]
}

const CHECKS: readonly Check[] = [
  'integrity',
  'authenticity',
  'authenticTimestamp',
  'expiry',
  'revocation',
]
const ACTIONS: readonly Action[] = ['enforce', 'log', 'skip']
/** How many of the checks are enforced; the rest is logged. */
const LEVELS: Readonly<Record<string, number>> = { strict: 5, permissive: 2, audit: 1 }
const quoted = (text: string): string => JSON.stringify(text)
const listed = (texts: readonly string[]): string => `[${texts.map(quoted).join(' ')}]`

/**
 * Reads a trust policy of the Notary Project, as Flux does: what a statement that skips names otherwise
 * is left out.
 * @throws BadPolicy
 * @see notation-go verifier/trustpolicy (v1.3), source-controller internal/oci/notation (v1.9.1)
 */
export function readPolicy(bytes: Uint8Array): readonly Statement[] {
  const json = JSON.parse(Buffer.from(bytes).toString()) as {
    readonly version?: string
    readonly trustPolicies?: readonly StatementJson[] | null
  } | null
  const { version = '', trustPolicies } = json ?? {}
  if (version === '')
    throw new BadPolicy('trust policy document has empty version, version must be specified')
  if (version !== '1.0')
    throw new BadPolicy(`trust policy document uses unsupported version ${quoted(version)}`)
  const given = trustPolicies ?? []
  if (given.length === 0)
    throw new BadPolicy('trust policy document can not have zero trust policy statements')
  const names = new Set<string>()
  const statements = given.map((each) => {
    const { name = '' } = each
    if (names.has(name))
      throw new BadPolicy(
        `multiple trust policy statements use the same name ${quoted(name)}, statement names must be unique`,
      )
    names.add(name)
    try {
      return statementOf(each)
    } catch (error) {
      if (!(error instanceof BadPolicy) && !(error instanceof BadName)) throw error
      throw new BadPolicy(`trust policy: ${error.message}`, { cause: error })
    }
  })
  checkScopes(statements)
  return statements
}

function statementOf(json: StatementJson): Statement {
  const { name = '', registryScopes, signatureVerification = {} } = json
  if (name === '')
    throw new BadPolicy(
      'a trust policy statement is missing a name, every statement requires a name',
    )
  const actions = actionsOf(name, signatureVerification)
  const { verifyTimestamp = '' } = signatureVerification
  if (!['', 'always', 'afterCertExpiry'].includes(verifyTimestamp))
    throw new BadPolicy(
      `trust policy statement ${quoted(name)} has invalid signatureVerification: verifyTimestamp must be "always" or "afterCertExpiry", but got ${quoted(verifyTimestamp)}`,
    )
  const isSkipped = actions === undefined
  const trustStores = isSkipped ? [] : (json.trustStores ?? [])
  const trustedIdentities = isSkipped ? [] : (json.trustedIdentities ?? [])
  if (!isSkipped) {
    if (trustStores.length === 0 || trustedIdentities.length === 0)
      throw new BadPolicy(
        `trust policy statement ${quoted(name)} is either missing trust stores or trusted identities, both must be specified`,
      )
    for (const each of trustStores) checkStore(name, each)
    checkIdentities(name, trustedIdentities)
  }
  return {
    name,
    registryScopes: registryScopes ?? [],
    trustStores,
    trustedIdentities,
    actions,
    verifyTimestamp,
  }
}

function actionsOf(
  name: string,
  { level = '', override = {} }: NonNullable<StatementJson['signatureVerification']>,
): Statement['actions'] {
  const invalid = (why: string): Error =>
    new BadPolicy(
      `trust policy statement ${quoted(name)} has invalid signatureVerification: ${why}`,
    )
  if (level === '')
    throw invalid('signature verification level is empty or missing in the trust policy statement')
  const enforced = LEVELS[level]
  if (enforced === undefined && level !== 'skip')
    throw invalid(`invalid signature verification level ${quoted(level)}`)
  const changes = Object.entries(override)
  if (enforced === undefined) {
    if (changes.length === 0) return undefined
    throw invalid(
      `signature verification level ${quoted(level)} can't be used to customize signature verification`,
    )
  }
  const actions = Object.fromEntries(
    CHECKS.map((check, index) => [check, index < enforced ? 'enforce' : 'log']),
  ) as Record<Check, Action>
  for (const [key, value] of changes) {
    const check = CHECKS.find((each) => each === key)
    const action = ACTIONS.find((each) => each === value)
    if (check === undefined)
      throw invalid(
        `verification type ${quoted(key)} in custom signature verification is not supported, supported values are ${listed(CHECKS)}`,
      )
    if (action === undefined)
      throw invalid(
        `verification action ${quoted(value)} in custom signature verification is not supported, supported values are ${listed(ACTIONS)}`,
      )
    if (check === 'integrity')
      throw invalid(
        `${quoted(key)} verification can not be overridden in custom signature verification`,
      )
    if (check !== 'revocation' && action === 'skip')
      throw invalid(
        `${quoted(key)} verification can not be skipped in custom signature verification`,
      )
    actions[check] = action
  }
  return actions
}

function checkStore(name: string, store: string): void {
  const [, type = '', named = ''] = /^([^:]*):(.*)$/s.exec(store) ?? []
  const where = `trust policy statement ${quoted(name)}`
  if (!store.includes(':'))
    throw new BadPolicy(
      `${where} has malformed trust store value ${quoted(store)}. The required format is <TrustStoreType>:<TrustStoreName>`,
    )
  if (!['ca', 'signingAuthority', 'tsa'].includes(type))
    throw new BadPolicy(
      `${where} uses an unsupported trust store type ${quoted(type)} in trust store value ${quoted(store)}`,
    )
  if (!/^[a-zA-Z0-9_.-]+$/.test(named))
    throw new BadPolicy(
      `${where} uses an unsupported trust store name ${quoted(named)} in trust store value ${quoted(store)}. Named store name needs to follow [a-zA-Z0-9_.-]+ format`,
    )
}

function checkIdentities(name: string, identities: readonly string[]): void {
  const where = `trust policy statement ${quoted(name)}`
  if (identities.length > 1 && identities.includes('*'))
    throw new BadPolicy(
      `${where} uses a wildcard trusted identity '*', a wildcard identity cannot be used in conjunction with other values`,
    )
  const names = identities.flatMap((identity) => {
    if (identity === '') throw new BadPolicy(`${where} has an empty trusted identity`)
    if (identity === '*') return []
    const at = identity.indexOf(':')
    if (at < 0)
      throw new BadPolicy(`${where} has trusted identity ${quoted(identity)} missing separator`)
    if (identity.slice(0, at) !== 'x509.subject') return []
    const value = identity.slice(at + 1)
    if (value === '')
      throw new BadPolicy(
        `${where} has trusted identity ${quoted(identity)} without an identity value`,
      )
    return [{ identity, name: nameOf(where, identity, value) }]
  })
  for (const one of names)
    for (const other of names)
      if (one !== other && isPartOf(one.name, other.name))
        throw new BadPolicy(
          `${where} has overlapping x509 trustedIdentities, ${quoted(one.identity)} overlaps with ${quoted(other.identity)}`,
        )
}

function nameOf(where: string, identity: string, value: string): ReadonlyMap<string, string> {
  try {
    return parseName(value)
  } catch (error) {
    if (!(error instanceof BadName)) throw error
    throw new BadPolicy(
      `${where} has trusted identity ${quoted(identity)} with invalid identity value: ${error.message}`,
      { cause: error },
    )
  }
}

function checkScopes(statements: readonly Statement[]): void {
  const seen = new Set<string>()
  for (const { name, registryScopes } of statements) {
    if (registryScopes.length === 0)
      throw new BadPolicy(
        `trust policy statement ${quoted(name)} has zero registry scopes, it must specify registry scopes with at least one value`,
      )
    if (registryScopes.length > 1 && registryScopes.includes('*'))
      throw new BadPolicy(
        `trust policy statement ${quoted(name)} uses wildcard registry scope '*', a wildcard scope cannot be used in conjunction with other scope values`,
      )
    for (const scope of registryScopes) if (scope !== '*') checkScope(scope)
    for (const scope of registryScopes) {
      if (seen.has(scope))
        throw new BadPolicy(
          `registry scope ${quoted(scope)} is present in multiple trust policy statements, one registry scope value can only be associated with one statement`,
        )
      seen.add(scope)
    }
  }
}

const LABEL = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const DOMAIN = new RegExp(`^${LABEL}(?:\\.${LABEL})*(?::[0-9]+)?$`)
const WORD = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const REPOSITORY = new RegExp(`^${WORD}(?:/${WORD})*$`)

function checkScope(scope: string): void {
  const ensure =
    'make sure it is a fully qualified repository without the scheme, protocol or tag. For example domain.com/my/repository or a local scope like local/myOCILayout'
  if (scope.includes('*') && scope.length > 1)
    throw new BadPolicy(`registry scope ${quoted(scope)} with wild card(s) is not valid, ${ensure}`)
  const at = scope.indexOf('/')
  if (at < 0 || !DOMAIN.test(scope.slice(0, at)) || !REPOSITORY.test(scope.slice(at + 1)))
    throw new BadPolicy(`registry scope ${quoted(scope)} is not valid, ${ensure}`)
}

/** The statement for an artifact of a repository. @throws BadPolicy */
export function statementFor(
  statements: readonly Statement[],
  { name, digest }: { readonly name: string; readonly digest: string },
): Statement {
  checkScope(name)
  const found =
    statements.find(({ registryScopes }) => registryScopes.includes(name)) ??
    statements.find(({ registryScopes }) => registryScopes.includes('*'))
  if (found !== undefined) return found
  throw new BadPolicy(
    `artifact "${name}@${digest}" has no applicable trust policy statement. Trust policy applicability for a given artifact is determined by registryScopes. To create a trust policy, see: https://notaryproject.dev/docs/quickstart/#create-a-trust-policy`,
  )
}
