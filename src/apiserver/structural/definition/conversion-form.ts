import { isObject, type JsonObject } from '../../../object/index.ts'
import {
  type Cause,
  dns1035Label,
  dnsSubdomain,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../builtin/index.ts'
import { objectAt, textAt, textsAt } from './parts.ts'

const STRATEGIES = ['None', 'Webhook']
const REVIEWS = ['v1', 'v1beta1']

/** What is wrong with how versions are converted. */
export function conversionCauses(spec: JsonObject): Cause[] {
  const { conversion } = spec
  if (!isObject(conversion)) return []
  const place = 'spec.conversion'
  const strategy = textAt(conversion, 'strategy')
  const causes: Cause[] = []
  if (strategy === '') causes.push(required(`${place}.strategy`))
  else if (!STRATEGIES.includes(strategy))
    causes.push(notSupported(`${place}.strategy`, strategy, STRATEGIES))
  const webhook = objectAt(conversion, 'webhook')
  const { clientConfig } = webhook
  const versions = textsAt(webhook, 'conversionReviewVersions')
  if (strategy !== 'Webhook') {
    const words = 'should not be set when strategy is not set to Webhook'
    if (isObject(clientConfig)) causes.push(forbidden(`${place}.webhookClientConfig`, words))
    if (versions.length > 0) causes.push(forbidden(`${place}.conversionReviewVersions`, words))
    return causes
  }
  if (spec['preserveUnknownFields'] === true)
    causes.push(
      invalid(`${place}.strategy`, strategy, 'must be None if spec.preserveUnknownFields is true'),
    )
  return [
    ...causes,
    ...clientCauses(clientConfig, `${place}.webhookClientConfig`),
    ...reviewCauses(versions, `${place}.conversionReviewVersions`),
  ]
}

function clientCauses(config: JsonObject[string], place: string): Cause[] {
  if (!isObject(config)) return [required(place, 'required when strategy is set to Webhook')]
  const { url, service } = config
  if ((url === undefined) === (service === undefined))
    return [required(place, 'exactly one of url or service is required')]
  return typeof url === 'string'
    ? urlCauses(url, `${place}.url`)
    : serviceCauses(isObject(service) ? service : {}, `${place}.service`)
}

const FORM = '; desired format: https://host[/path]'

function urlCauses(text: string, place: string): Cause[] {
  const control = /[\p{Cc}]/u.test(text)
  if (control) {
    const why = `parse ${JSON.stringify(text)}: net/url: invalid control character in URL`
    return [required(place, `url must be a valid URL: ${why}${FORM}`)]
  }
  if (text.startsWith(':')) {
    const why = `parse ${JSON.stringify(text)}: missing protocol scheme`
    return [required(place, `url must be a valid URL: ${why}${FORM}`)]
  }
  const parts =
    /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/(?:([^@/?#]*)@)?([^/?#]*))?[^?#]*(?:\?([^#]*))?(?:#(.*))?$/.exec(
      text,
    )
  const [, scheme = '', user, host = '', query = '', fragment = ''] = parts ?? []
  const causes: Cause[] = []
  if (scheme.toLowerCase() !== 'https')
    causes.push(
      invalid(place, scheme.toLowerCase(), `'https' is the only allowed URL scheme${FORM}`),
    )
  if (host === '') causes.push(invalid(place, '', `host must be specified${FORM}`))
  if (user !== undefined)
    causes.push(invalid(place, user, 'user information is not permitted in the URL'))
  if (fragment !== '')
    causes.push(invalid(place, fragment, 'fragments are not permitted in the URL'))
  if (query !== '')
    causes.push(invalid(place, query, 'query parameters are not permitted in the URL'))
  return causes
}

function serviceCauses(service: JsonObject, place: string): Cause[] {
  const causes: Cause[] = []
  // The real server hands the two over the wrong way round.
  if (textAt(service, 'namespace') === '') causes.push(required(`${place}.name`))
  if (textAt(service, 'name') === '') causes.push(required(`${place}.namespace`))
  const { port = 443, path } = service
  if (typeof port !== 'number' || port < 1 || port > 65535)
    causes.push(
      invalid(`${place}.port`, port, 'port is not valid: must be between 1 and 65535, inclusive'),
    )
  return typeof path === 'string' ? [...causes, ...servicePath(path, `${place}.path`)] : causes
}

function servicePath(path: string, place: string): Cause[] {
  if (path === '/' || path === '') return []
  if (path === '//') return [invalid(place, path, 'segment[0] may not be empty')]
  const causes: Cause[] = []
  if (!path.startsWith('/')) causes.push(invalid(place, path, "must start with a '/'"))
  const steps = path.slice(1).replace(/\/$/, '').split('/')
  for (const [i, step] of steps.entries()) {
    if (step === '') causes.push(invalid(place, path, `segment[${i}] may not be empty`))
    else
      for (const problem of dnsSubdomain(step))
        causes.push(invalid(place, path, `segment[${i}]: ${problem}`))
  }
  return causes
}

function reviewCauses(versions: readonly string[], place: string): Cause[] {
  if (versions.length === 0) return [required(place)]
  const causes = versions.flatMap((version, i): Cause[] =>
    versions.indexOf(version) < i
      ? [invalid(`${place}[${i}]`, version, 'duplicate version')]
      : dns1035Label(version).map((problem) => invalid(`${place}[${i}]`, version, problem)),
  )
  if (!versions.some((version) => REVIEWS.includes(version)))
    causes.push(invalid(place, [...versions], `must include at least one of ${REVIEWS.join(', ')}`))
  return causes
}
