import { compareText, rfc3339 } from '../../base/index.ts'
import { isArray, type JsonObject, type KubeObject } from '../../object/index.ts'
import { authorityOf } from '../keys.ts'
import { type CertificateRequest, readRequest, signRequest } from '../tls/index.ts'
import { type Controller, type Hands, numberIn, specOf, statusOf } from './hands.ts'
import { conditionOf, conditionsOf, isTrueOf } from './parts.ts'

const REQUESTS = 'certificatesigningrequests.certificates.k8s.io'
const HOUR_MS = 3_600_000
/** For how long a certificate is good unless less is asked for, and the least. */
const LIFE_MS = 365 * 24 * HOUR_MS
const LIFE_MIN_MS = 600_000

/**
 * Signs certificates that somebody approved for the signers of Kubernetes itself, with the authority of
 * this server.
 * @see kubernetes pkg/controller/certificates/signer/signer.go (v1.36.3)
 */
export function certificateSigner(hands: Hands): Controller {
  return {
    name: 'csr-signing',
    tables: [REQUESTS],
    concerns: ({ type, key }) => (type === 'DELETED' ? [] : [key]),
    sync: (name) => {
      const kind = hands.kind('certificates.k8s.io', 'CertificateSigningRequest')
      const request = hands.get(kind, '', name)
      const authority = authorityOf(hands.core)
      if (request === undefined || authority === undefined || !isToSign(request)) return undefined
      const { signerName, usages, request: encoded } = specOf(request)
      const wrongs = SIGNERS[String(signerName)]
      const asked = readRequest(Buffer.from(String(encoded), 'base64').toString())
      if (wrongs === undefined || asked === undefined) return undefined
      const uses = isArray(usages) ? usages.map(String) : []
      const why = wrongs(asked, uses)
      const nowMs = hands.core.clock.now()
      if (why !== undefined) {
        refuse(hands, request, why)
        return undefined
      }
      const wanted = numberIn(specOf(request), 'expirationSeconds', LIFE_MS / 1000) * 1000
      const lifeMs = Math.min(LIFE_MS, Math.max(LIFE_MIN_MS, wanted))
      const certificate = signRequest(authority, asked, { usages: uses, nowMs, lifeMs })
      const status = {
        ...statusOf(request),
        certificate: Buffer.from(certificate).toString('base64'),
      }
      hands.setStatus(kind, request, status)
      return undefined
    },
  }
}

function isToSign(request: KubeObject): boolean {
  const { certificate } = statusOf(request)
  const isDenied = conditionOf(request, 'Denied') !== undefined
  const isApproved = conditionOf(request, 'Approved') !== undefined && !isDenied
  return isApproved && !isTrueOf(request, 'Failed') && certificate === undefined
}

type Wrong = (asked: CertificateRequest, usages: readonly string[]) => string | undefined

/** What each signer asks of a request. */
const SIGNERS: Readonly<Record<string, Wrong | undefined>> = {
  'kubernetes.io/kube-apiserver-client': (_, usages) =>
    wrongUsages(usages, 'client auth', 'client certificate'),
  'kubernetes.io/kube-apiserver-client-kubelet': (asked, usages) =>
    wrongNode(asked) ??
    (asked.hosts === undefined
      ? wrongKubelet(usages, 'client auth')
      : 'DNS subjectAltNames are not allowed'),
  'kubernetes.io/kubelet-serving': (asked, usages) =>
    wrongNode(asked) ??
    (asked.hosts === undefined
      ? 'DNS or IP subjectAltName is required'
      : wrongKubelet(usages, 'server auth')),
  'kubernetes.io/legacy-unknown': () => undefined,
}

const OPTIONAL = ['digital signature', 'key encipherment']

function wrongUsages(usages: readonly string[], needed: string, what: string): string | undefined {
  const other = usages.find((each) => each !== needed && !OPTIONAL.includes(each))
  if (other !== undefined) return `invalid usage for ${what}: ${other}`
  return usages.includes(needed) ? undefined : `missing required usage for ${what}: ${needed}`
}

function wrongNode({ commonName, organizations }: CertificateRequest): string | undefined {
  if (organizations.length !== 1 || organizations[0] !== 'system:nodes')
    return 'subject organization is not system:nodes'
  return commonName.startsWith('system:node:')
    ? undefined
    : 'subject common name does not begin with system:node:'
}

function wrongKubelet(usages: readonly string[], needed: string): string | undefined {
  const all = [...OPTIONAL, needed]
  const isRight =
    usages.includes('digital signature') &&
    usages.includes(needed) &&
    usages.every((each) => all.includes(each))
  return isRight ? undefined : `usages did not match [${all.sort(compareText).join(' ')}]`
}

function refuse(hands: Hands, request: KubeObject, message: string): void {
  const kind = hands.kind('certificates.k8s.io', 'CertificateSigningRequest')
  const now = rfc3339(hands.core.clock.now())
  const failed: JsonObject = {
    type: 'Failed',
    status: 'True',
    reason: 'SignerValidationFailure',
    message,
    lastUpdateTime: now,
    lastTransitionTime: now,
  }
  const conditions = [...conditionsOf(request), failed]
  hands.setStatus(kind, request, { ...statusOf(request), conditions })
}

/** How long requests are kept after what became of them. */
const KEPT: readonly (readonly [condition: string, ms: number])[] = [
  ['Denied', HOUR_MS],
  ['Failed', HOUR_MS],
  ['Approved', HOUR_MS],
]
const PENDING_MS = 24 * HOUR_MS

/**
 * Deletes requests for certificates that are answered, or that nobody answers.
 * @see kubernetes pkg/controller/certificates/cleaner/cleaner.go (v1.36.3)
 */
export function certificateCleaner(hands: Hands): Controller {
  return {
    name: 'csr-cleaner',
    tables: [REQUESTS],
    concerns: ({ type, key }) => (type === 'DELETED' ? [] : [key]),
    sync: (name) => {
      const kind = hands.kind('certificates.k8s.io', 'CertificateSigningRequest')
      const request = hands.get(kind, '', name)
      if (request === undefined) return undefined
      const left = endOf(request) - hands.core.clock.now()
      if (left > 0) return left
      hands.remove(kind, request)
      return undefined
    },
  }
}

function endOf(request: KubeObject): number {
  const ends = KEPT.flatMap(([type, ms]) => {
    const at = conditionOf(request, type)?.['lastUpdateTime']
    return at === undefined ? [] : [Date.parse(String(at)) + ms]
  })
  const created = Date.parse(String(request.metadata.creationTimestamp))
  return ends.length === 0 ? created + PENDING_MS : Math.min(...ends)
}
