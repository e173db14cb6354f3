import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
} from '../../object/index.ts'
import {
  type Cause,
  dns1035Label,
  dnsSubdomain,
  duplicate,
  invalid,
  notSupported,
  required,
} from '../builtin/index.ts'
import { conditionProblems } from './check-expressions.ts'
import { member, ruleProblems, selectorProblems, textOf } from './check-rules.ts'
import { objectsOf } from './matching.ts'

/**
 * What is wrong with a configuration of webhooks.
 * @see kubernetes pkg/apis/admissionregistration/validation/validation.go (v1.36.3)
 */
export function webhookProblems(object: KubeObject, mutates: boolean): Cause[] {
  const names = new Set<string>()
  return objectsOf(object['webhooks'] as Json | undefined).flatMap((hook, i) => {
    const at = `webhooks[${i}]`
    const name = textOf(hook, 'name')
    const causes = [...hookProblems(hook, at, mutates), ...versionProblems(hook, at)]
    if (name !== '' && names.has(name)) causes.push(duplicate(`${at}.name`, name))
    names.add(name)
    return causes
  })
}

const LONGEST_SECONDS = 30

function hookProblems(hook: JsonObject, at: string, mutates: boolean): Cause[] {
  const { timeoutSeconds: timeout } = hook
  return [
    ...nameProblems(textOf(hook, 'name'), `${at}.name`),
    ...objectsOf(hook['rules']).flatMap((rule, i) => ruleProblems(rule, `${at}.rules[${i}]`)),
    ...member(hook, 'failurePolicy', ['Fail', 'Ignore'], `${at}.failurePolicy`),
    ...member(hook, 'matchPolicy', ['Equivalent', 'Exact'], `${at}.matchPolicy`),
    ...sideEffects(hook['sideEffects'], `${at}.sideEffects`),
    ...(typeof timeout === 'number' && (timeout < 1 || timeout > LONGEST_SECONDS)
      ? [
          invalid(
            `${at}.timeoutSeconds`,
            timeout,
            `the timeout value must be between 1 and ${LONGEST_SECONDS} seconds`,
          ),
        ]
      : []),
    ...selectorProblems(hook, at),
    ...(mutates
      ? member(hook, 'reinvocationPolicy', ['IfNeeded', 'Never'], `${at}.reinvocationPolicy`)
      : []),
    ...clientProblems(hook['clientConfig'], `${at}.clientConfig`),
    ...conditionProblems(hook, `${at}.matchConditions`),
  ]
}

function nameProblems(name: string, path: string): Cause[] {
  if (name === '') return [required(path)]
  const words = dnsSubdomain(name)
  if (words.length > 0) return [invalid(path, name, words.join(','))]
  return name.split('.').length < 3
    ? [invalid(path, name, 'should be a domain with at least three segments separated by dots')]
    : []
}

const HARMLESS = ['None', 'NoneOnDryRun']

function sideEffects(given: Json | undefined, path: string): Cause[] {
  if (typeof given !== 'string')
    return [required(path, `must specify one of ${HARMLESS.join(', ')}`)]
  return HARMLESS.includes(given) ? [] : [notSupported(path, given, HARMLESS)]
}

function clientProblems(given: Json | undefined, path: string): Cause[] {
  const { url, service } = isObject(given) ? given : {}
  if ((url === undefined) === (service === undefined))
    return [required(path, 'exactly one of url or service is required')]
  return isObject(service)
    ? serviceProblems(service, `${path}.service`)
    : urlProblems(String(url), `${path}.url`)
}

const FORM = '; desired format: https://host[/path]'

function urlProblems(url: string, path: string): Cause[] {
  const [, scheme = '', rest = url] = /^([a-zA-Z][a-zA-Z0-9+.-]*):(.*)$/.exec(url) ?? []
  const [plain, fragment] = splitAt(rest, '#')
  const [place, query] = splitAt(plain, '?')
  const authority = place.startsWith('//') ? (place.slice(2).split('/')[0] ?? '') : ''
  const [user, host] = authority.includes('@') ? splitAt(authority, '@') : [undefined, authority]
  const causes: Cause[] = []
  if (scheme !== 'https')
    causes.push(invalid(path, scheme, `'https' is the only allowed URL scheme${FORM}`))
  if ((host ?? '') === '') causes.push(invalid(path, host ?? '', `host must be specified${FORM}`))
  if (user !== undefined)
    causes.push(invalid(path, user, 'user information is not permitted in the URL'))
  if ((fragment ?? '') !== '')
    causes.push(invalid(path, fragment, 'fragments are not permitted in the URL'))
  if ((query ?? '') !== '')
    causes.push(invalid(path, query, 'query parameters are not permitted in the URL'))
  return causes
}

function splitAt(text: string, mark: string): [string, string | undefined] {
  const at = text.indexOf(mark)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

function serviceProblems(service: JsonObject, at: string): Cause[] {
  const causes: Cause[] = []
  // The real server takes the one for the other when it looks.
  for (const key of ['name', 'namespace'])
    if (textOf(service, key) === '')
      causes.push(required(`${at}.${key === 'name' ? 'namespace' : 'name'}`))
  const port = Number(service['port'] ?? 443)
  if (port < 1 || port > 65535)
    causes.push(
      invalid(`${at}.port`, port, 'port is not valid: must be between 1 and 65535, inclusive'),
    )
  return [...causes, ...pathProblems(textOf(service, 'path'), `${at}.path`)]
}

function pathProblems(path: string, at: string): Cause[] {
  if (path === '' || path === '/') return []
  if (path === '//') return [invalid(at, path, 'segment[0] may not be empty')]
  const causes = path.startsWith('/') ? [] : [invalid(at, path, "must start with a '/'")]
  const steps = path.slice(1).replace(/\/$/, '').split('/')
  return [
    ...causes,
    ...steps.flatMap((step, i) => {
      if (step === '') return [invalid(at, path, `segment[${i}] may not be empty`)]
      return dnsSubdomain(step).map((words) => invalid(at, path, `segment[${i}]: ${words}`))
    }),
  ]
}

const VERSIONS = ['v1', 'v1beta1']

function versionProblems(hook: JsonObject, at: string): Cause[] {
  const list = hook['admissionReviewVersions']
  const given = isArray(list) ? list.map(String) : []
  const path = `${at}.admissionReviewVersions`
  if (given.length === 0) return [required(path, `must specify one of ${VERSIONS.join(', ')}`)]
  const causes = given.flatMap((each, i) =>
    given.indexOf(each) < i
      ? [invalid(`${path}[${i}]`, each, 'duplicate version')]
      : dns1035Label(each).map((words) => invalid(`${path}[${i}]`, each, words)),
  )
  return given.some((each) => VERSIONS.includes(each))
    ? causes
    : [...causes, invalid(path, given, `must include at least one of ${VERSIONS.join(', ')}`)]
}
