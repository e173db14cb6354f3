import { createHash } from 'node:crypto'
import type { OciRequest } from '../../api/index.ts'
import { type GoShape, goRegex, messageOf } from '../../base/index.ts'
import { matchingTags, parseRange } from '../semver.ts'
import { readSmall } from './body.ts'
import { MANIFEST_BYTES_MAX, MANIFESTS, parseJson } from './content.ts'
import { ociFault } from './fault.ts'
import { hashFault } from './hash.ts'
import type { OciSession } from './session.ts'

const TAG_PAGES_MAX = 1000
const TAGS_MAX = 1_000_000
const TAG_LENGTH_MAX = 128
const HELM_CHART = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip'

/** What a reference stands for. */
export interface Resolved {
  /** `<tag>@sha256:<hex>`, or the digest that was asked for. */
  readonly revision: string
  readonly digest: string
  /** `host/repository:tag`, `host/repository@sha256:<hex>`. */
  readonly reference: string
}

/**
 * Finds the digest of what a request names: digest before semver before tag, `latest` where nothing
 * is said.
 * @throws Fault OCI_TAG, OCI_DIGEST
 * @see source-controller ocirepository_controller.go getArtifactRef, getRevision (v1.9.1)
 */
export async function resolveRef(
  session: OciSession,
  request: OciRequest,
  name: string,
): Promise<Resolved> {
  const { ref = {} } = request
  if (ref.digest) {
    const digest = checkedDigest(ref.digest)
    return { revision: digest, digest, reference: `${name}@${digest}` }
  }
  const tag = ref.semver
    ? await tagBySemver(session, { semver: ref.semver, filter: ref.semverFilter ?? '' }, request)
    : ref.tag || 'latest'
  const digest = await digestOf(session, tag)
  return { revision: `${tag}@${digest}`, digest, reference: `${name}:${tag}` }
}

function checkedDigest(text: string): string {
  const wrong =
    text.split(':').length > 2 ? `cannot parse hash: ${JSON.stringify(text)}` : hashFault(text)
  if (wrong !== undefined) throw ociFault('OCI_DIGEST', wrong)
  return text
}

function isDigest(text: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(text)
}

async function digestOf(session: OciSession, tag: string): Promise<string> {
  const path = `/manifests/${tag}`
  const headers = { accept: MANIFESTS }
  try {
    const head = await session.ask({ method: 'HEAD', path, headers, code: 'OCI_DIGEST' })
    head.body.resume()
    const told = head.headers['docker-content-digest'] ?? ''
    if (isDigest(told) && head.headers['content-type'] !== undefined) return told
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'OCI_DIGEST') throw error
    // Not every registry answers HEAD; what is wrong is told by GET.
  }
  const whole = await session.ask({ method: 'GET', path, headers, code: 'OCI_DIGEST' })
  const body = await readSmall(whole, MANIFEST_BYTES_MAX, { code: 'OCI_DIGEST' })
  return `sha256:${createHash('sha256').update(body).digest('hex')}`
}

async function tagBySemver(
  session: OciSession,
  { semver, filter }: { readonly semver: string; readonly filter: string },
  request: OciRequest,
): Promise<string> {
  const tags = await listTags(session)
  const chosen = filtered(tags, filter)
  // Versions of charts may have a +, tags may not.
  const isChart = request.layer?.mediaType === HELM_CHART
  const versions = isChart ? chosen.map((tag) => tag.replaceAll('_', '+')) : chosen
  try {
    const best = firstListed(versions, matchingTags(versions, parseRange(semver)))
    if (best !== undefined) return isChart ? best.replaceAll('+', '_') : best
  } catch (error) {
    const why = messageOf(error).replace('semver parse error: ', '')
    throw ociFault('OCI_TAG', `semver '${semver}' parse error: ${why}`, error)
  }
  throw ociFault('OCI_TAG', `no match found for semver: ${semver}`)
}

/** Of versions that are equal but for what they were built of, the one that is listed first. */
function firstListed(tags: readonly string[], best: readonly string[]): string | undefined {
  return tags.find((tag) => best.includes(tag))
}

function filtered(tags: readonly string[], filter: string): readonly string[] {
  if (filter === '') return tags
  try {
    const pattern = goRegex(filter)
    return tags.filter((tag) => pattern.matches(tag))
  } catch (error) {
    throw ociFault('OCI_TAG', messageOf(error), error)
  }
}

async function listTags(session: OciSession): Promise<readonly string[]> {
  const tags: string[] = []
  const seen = new Set<string>()
  let path = '/tags/list?n=1000'
  for (let page = 0; page < TAG_PAGES_MAX; page += 1) {
    const answer = await session.ask({ method: 'GET', path, code: 'OCI_TAG' })
    const body = await readSmall(answer, MANIFEST_BYTES_MAX, { code: 'OCI_TAG' })
    for (const tag of tagsIn(body)) tags.push(tag)
    if (tags.length > TAGS_MAX) throw ociFault('OCI_TAG', `more than ${TAGS_MAX} tags`)
    const next = nextPage(answer.headers['link'] ?? '', session.urlOf(path))
    // A registry that sends us in circles, or elsewhere, has told all that it will.
    if (next === undefined || seen.has(next)) return tags
    seen.add(next)
    path = next
  }
  return tags
}

/** @see go-containerregistry pkg/v1/remote/list.go getNextPageURL (v0.21.6) */
function nextPage(link: string, from: string): string | undefined {
  if (link === '') return undefined
  const wrong = link.startsWith('<')
    ? link.includes('>')
      ? undefined
      : `missing '>' in: ${link}`
    : `missing '<' in: ${link}`
  if (wrong !== undefined) throw ociFault('OCI_TAG', `failed to parse link header: ${wrong}`)
  const place = link.slice(1, link.indexOf('>'))
  if (!URL.canParse(place, from))
    throw ociFault('OCI_TAG', `failed to parse link header: parse "${place}"`)
  const url = new URL(place, from)
  return url.origin === new URL(from).origin ? url.href : undefined
}

const TAGS: GoShape = {
  struct: 'Tags',
  go: 'remote.Tags',
  fields: { name: 'string', tags: { list: 'string', go: '[]string' } },
}

/** Texts that can be tags; a registry may answer anything. */
function tagsIn(body: Buffer): readonly string[] {
  const found = parseJson(body, TAGS, { code: 'OCI_TAG' }) as
    | { tags?: readonly string[] }
    | undefined
  return (found?.tags ?? []).filter((tag) => tag.length <= TAG_LENGTH_MAX)
}
