import { type Certificate, KEY_USAGE } from './certificate.ts'
import { derElement, derElements } from './der.ts'

/** What a chain must lead to. */
export interface ChainWish {
  readonly roots: readonly Certificate[]
  readonly intermediates: readonly Certificate[]
  readonly atMs: number
  /** The extended use that is wanted, an identifier. */
  readonly usage: string
  /** Extensions of the leaf that may be critical though nobody knows them. */
  readonly tolerated?: readonly string[]
}

export const CODE_SIGNING = '1.3.6.1.5.5.7.3.3'
export const TIME_STAMPING = '1.3.6.1.5.5.7.3.8'
const ANY_USAGE = '2.5.29.37.0'
const NAME_CONSTRAINTS = '2.5.29.30'
export const SUBJECT_NAMES = '2.5.29.17'
/** Extensions that Go understands, and so may be critical. */
const KNOWN = new Set(
  [14, 15, 17, 19, 30, 31, 32, 33, 35, 36, 37, 54].map((number) => `2.5.29.${number}`),
)
const STEPS_MAX = 100
/** Signatures of certificates with MD5 and SHA-1 are not believed. */
const SIGNATURES = new Set([
  '1.2.840.113549.1.1.10',
  '1.2.840.113549.1.1.11',
  '1.2.840.113549.1.1.12',
  '1.2.840.113549.1.1.13',
  '1.2.840.10045.4.3.2',
  '1.2.840.10045.4.3.3',
  '1.2.840.10045.4.3.4',
  '1.3.101.112',
])

/**
 * Finds a chain from a leaf to one of some roots, the leaf first; undefined where there is none.
 * @see Go crypto/x509 Certificate.Verify (1.26)
 */
export function findChain(leaf: Certificate, wish: ChainWish): readonly Certificate[] | undefined {
  const unknown = unknownIn(leaf).filter((oid) => wish.tolerated?.includes(oid) !== true)
  if (unknown.length > 0 || !isWithin(leaf, wish.atMs)) return undefined
  if (wish.roots.some(({ raw }) => raw.equals(leaf.raw)))
    return isForUsage([leaf], wish.usage) ? [leaf] : undefined
  return extend([leaf], wish, { steps: 0 })
}

/** Critical extensions that are not understood; names too, where none is of a kind that is known. */
function unknownIn({ extensions, names }: Certificate): readonly string[] {
  const { emails, hosts, uris, addresses } = names
  const hasNames = emails.length + hosts.length + uris.length + addresses.length > 0
  return [...extensions].flatMap(([oid, { isCritical }]) =>
    isCritical && (!KNOWN.has(oid) || (oid === SUBJECT_NAMES && !hasNames)) ? [oid] : [],
  )
}

function extend(
  chain: readonly Certificate[],
  wish: ChainWish,
  spent: { steps: number },
): readonly Certificate[] | undefined {
  const child = chain.at(-1)
  if (child === undefined) return undefined
  for (const [isRoot, pool] of [
    [true, wish.roots],
    [false, wish.intermediates],
  ] as const)
    for (const parent of pool) {
      if (!parent.subject.equals(child.issuer)) continue
      if (chain.some(({ raw }) => raw.equals(parent.raw))) continue
      spent.steps++
      if (spent.steps > STEPS_MAX) return undefined
      if (!isIssuedBy(child, parent) || !mayStandAbove(parent, chain, wish)) continue
      const longer = [...chain, parent]
      const found = isRoot
        ? isForUsage(longer, wish.usage)
          ? longer
          : undefined
        : extend(longer, wish, spent)
      if (found !== undefined) return found
    }
  return undefined
}

/** Says whether one certificate has signed another. */
export function isIssuedBy(child: Certificate, parent: Certificate): boolean {
  if (parent.keyUsage?.(KEY_USAGE.certSign) === false) return false
  if (!SIGNATURES.has(child.signatureOid)) return false
  try {
    return child.x509.verify(parent.key)
  } catch {
    return false
  }
}

export function isWithin({ notBeforeMs, notAfterMs }: Certificate, atMs: number): boolean {
  return notBeforeMs <= atMs && atMs <= notAfterMs
}

function mayStandAbove(
  parent: Certificate,
  chain: readonly Certificate[],
  wish: ChainWish,
): boolean {
  const { pathMax } = parent
  if (!parent.isAuthority || !isWithin(parent, wish.atMs)) return false
  if (pathMax !== undefined && chain.length - 1 > pathMax) return false
  if (unknownIn(parent).length > 0) return false
  return chain.every((below) => areNamesAllowed(below, parent))
}

/** Each certificate that names uses must allow the one that is wanted. */
function isForUsage(chain: readonly Certificate[], usage: string): boolean {
  return chain.every(
    ({ extendedUsages }) =>
      extendedUsages.length === 0 ||
      extendedUsages.includes(ANY_USAGE) ||
      extendedUsages.includes(usage),
  )
}

/** Names of a certificate against the constraints of one above it. @see RFC 5280 section 4.2.1.10 */
function areNamesAllowed({ names }: Certificate, { extensions }: Certificate): boolean {
  const constraints = extensions.get(NAME_CONSTRAINTS)
  if (constraints === undefined) return true
  const trees = derElements(derElement(constraints.value).content)
  const named = (tag: number, kind: number): readonly string[] =>
    trees
      .filter((tree) => tree.tag === tag)
      .flatMap(({ content }) => derElements(content))
      .map(({ content }) => derElement(content))
      .filter((name) => name.tag === kind)
      .map(({ content }) => content.toString('latin1').toLowerCase())
  const kinds = [
    { kind: 0x81, values: names.emails, fits: emailFits },
    { kind: 0x82, values: names.hosts, fits: hostFits },
    { kind: 0x86, values: names.uris, fits: uriFits },
  ]
  // What is said of addresses is not weighed: a certificate that has some is not believed.
  const isOfAddresses = named(0xa0, 0x87).length + named(0xa1, 0x87).length > 0
  if (isOfAddresses && names.addresses.length > 0) return false
  return kinds.every(({ kind, values, fits }) => {
    const [permitted, excluded] = [named(0xa0, kind), named(0xa1, kind)]
    return values.every(
      (value) =>
        !excluded.some((each) => fits(value.toLowerCase(), each)) &&
        (permitted.length === 0 || permitted.some((each) => fits(value.toLowerCase(), each))),
    )
  })
}

function hostFits(host: string, constraint: string): boolean {
  const plain = constraint.replace(/^\./, '')
  if (plain === '') return true
  return (host === plain && !constraint.startsWith('.')) || host.endsWith(`.${plain}`)
}

function emailFits(email: string, constraint: string): boolean {
  if (constraint.includes('@')) return email === constraint
  return hostFits(email.slice(email.lastIndexOf('@') + 1), constraint)
}

function uriFits(uri: string, constraint: string): boolean {
  try {
    return hostFits(new URL(uri).hostname, constraint)
  } catch {
    return false
  }
}
