import { type Json, type JsonObject, sameJson } from '../../object/index.ts'
import { at, items, number, text, texts } from './check.ts'
import { duplicate, forbidden, invalid, notSupported, required } from './field-error.ts'
import { asStruct } from './go-struct.ts'
import { dnsLabel, dnsSubdomain } from './names.ts'
import type { Cause } from './refusal.ts'
import { jsonDiff } from './unified-diff.ts'

const SHORTEST_SECONDS = 600
const USAGES = new Set(
  'signing|digital signature|content commitment|key encipherment|key agreement|data encipherment|cert sign|crl sign|encipher only|decipher only|any|server auth|client auth|code signing|email protection|s/mime|ipsec end system|ipsec tunnel|ipsec user|timestamping|ocsp signing|microsoft sgc|netscape sgc'.split(
    '|',
  ),
)

/** Requests for certificates. */
export function signingRequest(object: JsonObject): Cause[] {
  const spec = at(object, 'spec')
  const usages = texts(spec, 'usages')
  const seconds = number(spec, 'expirationSeconds')
  return [
    ...requestText(spec['request']),
    ...(usages.length === 0 ? [required('spec.usages')] : []),
    ...usages.flatMap((usage, i) => [
      ...(USAGES.has(usage) ? [] : [notSupported(`spec.usages[${i}]`, usage, [...USAGES].sort())]),
      ...(usages.indexOf(usage) < i ? [duplicate(`spec.usages[${i}]`, usage)] : []),
    ]),
    ...signerName(text(spec, 'signerName'), 'spec.signerName'),
    ...(seconds !== undefined && seconds < SHORTEST_SECONDS
      ? [
          invalid(
            'spec.expirationSeconds',
            seconds,
            'may not specify a duration less than 600 seconds (10 minutes)',
          ),
        ]
      : []),
  ]
}

/** What stands in the request is not read, only that it is one. */
function requestText(given: Json | undefined): Cause[] {
  const encoded = typeof given === 'string' ? given : null
  const content = Buffer.from(encoded ?? '', 'base64').toString('latin1')
  const type = /-----BEGIN ([^-]+)-----\r?\n[\s\S]*?-----END \1-----/.exec(content)?.[1]
  return type === 'CERTIFICATE REQUEST'
    ? []
    : [invalid('spec.request', encoded, 'PEM block type must be CERTIFICATE REQUEST')]
}

function signerName(name: string, path: string): Cause[] {
  if (name === '') return [required(path)]
  const [domain = '', own = '', ...more] = name.split('/')
  if (!name.includes('/') || more.length > 0)
    return [
      invalid(
        path,
        name,
        "must be a fully qualified domain and path of the form 'example.com/signer-name'",
      ),
    ]
  const wrong = (whole: string, form: typeof dnsLabel): Cause[] => {
    const label = whole.split('.').find((each) => form(each).length > 0)
    if (label === undefined) return []
    return form(label).map((words) =>
      invalid(path, whole, `validating label ${JSON.stringify(label)}: ${words}`),
    )
  }
  const causes = wrong(domain, dnsLabel)
  if (!domain.includes('.'))
    causes.push(
      invalid(path, domain, 'should be a domain with at least two segments separated by dots'),
    )
  return [...causes, ...wrong(own, dnsSubdomain)]
}

const CONDITIONS = 'status.conditions'
const DECIDED = ['Approved', 'Denied']

/**
 * What an update of a request may not do, by way of the whole or of a part of it.
 * @see k8s.io/kubernetes pkg/apis/certificates/validation/validation.go (v1.36.3)
 */
export function requestUpdate(next: JsonObject, old: JsonObject, subresource: string): Cause[] {
  const causes = conditionCauses(next, old)
  for (const type of [...DECIDED, 'Failed'])
    if (found(next, type).length < found(old, type).length)
      causes.push(
        forbidden(CONDITIONS, `updates may not remove a condition of type ${JSON.stringify(type)}`),
      )
  if (subresource !== 'approval')
    for (const type of DECIDED) causes.push(...fixedCondition(next, old, type))
  const [now, before] = [certificate(next), certificate(old)]
  if (now === before) return causes
  const place = 'status.certificate'
  const wrong = certificateText(now)
  if (wrong !== '' && certificateText(before) === '')
    causes.push(invalid(place, '<certificate data>', wrong))
  if (subresource !== 'status')
    causes.push(forbidden(place, 'updates may not set certificate content'))
  else if (before !== '')
    causes.push(forbidden(place, 'updates may not modify existing certificate content'))
  return causes
}

function found(object: JsonObject, type: string): readonly JsonObject[] {
  return items(at(object, 'status'), 'conditions').filter((each) => text(each, 'type') === type)
}

function certificate(object: JsonObject): string {
  return text(at(object, 'status'), 'certificate')
}

function fixedCondition(next: JsonObject, old: JsonObject, type: string): Cause[] {
  const [now, before] = [found(next, type), found(old, type)]
  const of = `a condition of type ${JSON.stringify(type)}`
  if (now.length < before.length) return []
  if (now.length > before.length) return [forbidden(CONDITIONS, `updates may not add ${of}`)]
  if (sameJson(now, before)) return []
  const diff = jsonDiff(before.map(goCondition), now.map(goCondition))
  return [forbidden(CONDITIONS, `updates may not modify ${of}\n${diff}`)]
}

function goCondition(each: JsonObject): JsonObject {
  return asStruct({
    Type: text(each, 'type'),
    Status: text(each, 'status'),
    Reason: text(each, 'reason'),
    Message: text(each, 'message'),
    LastUpdateTime: each['lastUpdateTime'] ?? null,
    LastTransitionTime: each['lastTransitionTime'] ?? null,
  })
}

/** What the old request has wrong is let be. */
function conditionCauses(next: JsonObject, old: JsonObject): Cause[] {
  const types = items(at(old, 'status'), 'conditions').map((each) => text(each, 'type'))
  const hadDoubles = new Set(types).size < types.length
  const hadBoth = DECIDED.every((type) => types.includes(type))
  const seen = new Set<string>()
  return items(at(next, 'status'), 'conditions').flatMap((each, i) => {
    const place = `${CONDITIONS}[${i}]`
    const type = text(each, 'type')
    const causes: Cause[] = []
    if (type === '' && !types.includes('')) causes.push(required(`${place}.type`))
    causes.push(...statusCauses(text(each, 'status'), type, `${place}.status`))
    const other = DECIDED.find((one) => one !== type)
    if (!hadBoth && DECIDED.includes(type) && other !== undefined && seen.has(other))
      causes.push(
        invalid(CONDITIONS, type, 'Approved and Denied conditions are mutually exclusive'),
      )
    if (!hadDoubles && seen.has(type)) causes.push(duplicate(`${place}.type`, type))
    seen.add(type)
    return causes
  })
}

function statusCauses(status: string, type: string, path: string): Cause[] {
  const isTrueOnly = [...DECIDED, 'Failed'].includes(type)
  const allowed = isTrueOnly ? ['True'] : ['False', 'True', 'Unknown']
  if (status === '') return [required(path)]
  return allowed.includes(status) ? [] : [notSupported(path, status, allowed)]
}

/** What is wrong with certificates; what stands in them is not read. */
function certificateText(encoded: string): string {
  if (encoded === '') return ''
  const content = Buffer.from(encoded, 'base64').toString('latin1')
  const blocks = [...content.matchAll(/-----BEGIN ([^-]+)-----\r?\n[\s\S]*?-----END \1-----/g)]
  const other = blocks.find(([, type]) => type !== 'CERTIFICATE')?.[1]
  if (other !== undefined)
    return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(other)}`
  return blocks.length === 0 ? 'must contain at least one CERTIFICATE PEM block' : ''
}
