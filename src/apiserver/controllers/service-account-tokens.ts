import { isObject, type Json, type JsonObject, type KubeObject } from '../../object/index.ts'
import type { Tokens } from '../auth/tokens.ts'
import { authorityOf, KEYS } from '../keys.ts'
import type { Controller, Hands } from './hands.ts'

const SECRETS = 'secrets'
const ACCOUNTS = 'serviceaccounts'
const TYPE = 'kubernetes.io/service-account-token'
const NAME = 'kubernetes.io/service-account.name'
const UID = 'kubernetes.io/service-account.uid'

/**
 * Fills Secrets that ask for the token of an account, and deletes those whose account is not there.
 * @see kubernetes pkg/controller/serviceaccount/tokens_controller.go (v1.36.3)
 */
export function tokenController(hands: Hands, tokens: Tokens): Controller {
  const { store } = hands.core
  return {
    name: 'service-account-tokens',
    tables: [SECRETS, ACCOUNTS, KEYS],
    concerns: ({ table, type, key, object }) => {
      if (table === SECRETS) {
        if (!isToken(object)) return []
        return type === 'DELETED' ? [`gone ${key} ${nameIn(object)}`] : [`secret ${key}`]
      }
      const isKnown = table === ACCOUNTS && type !== 'DELETED'
      if (isKnown) return []
      const prefix = table === KEYS ? '' : `${object.metadata.namespace}/`
      return store
        .list(SECRETS, prefix)
        .filter((secret) => isToken(secret))
        .filter((secret) => table === KEYS || nameIn(secret) === object.metadata.name)
        .map(({ metadata }) => `secret ${metadata.namespace}/${metadata.name}`)
    },
    sync: (key) => {
      const [what, place = '', account = ''] = key.split(' ')
      if (what === 'gone') forget(hands, place, account)
      else look(hands, tokens, place)
      return undefined
    },
  }
}

function isToken(secret: KubeObject): boolean {
  return secret['type'] === TYPE && nameIn(secret) !== ''
}

function nameIn(secret: KubeObject): string {
  return secret.metadata.annotations?.[NAME] ?? ''
}

function look(hands: Hands, tokens: Tokens, key: string): void {
  const [namespace = '', name = ''] = key.split('/')
  const kind = hands.kind('', 'Secret')
  const secret = hands.get(kind, namespace, name)
  if (secret === undefined || !isToken(secret)) return
  if (secret.metadata.deletionTimestamp !== undefined) return
  const account = hands.get(hands.kind('', 'ServiceAccount'), namespace, nameIn(secret))
  const meant = secret.metadata.annotations?.[UID] ?? ''
  if (account === undefined || (meant !== '' && meant !== account.metadata.uid)) {
    hands.remove(kind, secret)
    return
  }
  const had: JsonObject = isObject(secret['data'] as Json) ? (secret['data'] as JsonObject) : {}
  const authority = authorityOf(hands.core)?.certificate
  const data = {
    ...had,
    ...(authority === undefined ? {} : { 'ca.crt': encoded(authority) }),
    namespace: had['namespace'] || encoded(namespace),
    token: had['token'] || encoded(issued(tokens, account, name)),
  }
  const isFull = Object.entries(data).every(([field, value]) => had[field] === value)
  if (isFull) return
  const { uid = '' } = account.metadata
  const annotations = { ...secret.metadata.annotations, [UID]: uid }
  hands.update(kind, secret, { ...secret, metadata: { ...secret.metadata, annotations }, data })
}

function issued(tokens: Tokens, { metadata }: KubeObject, secret: string): string {
  const { namespace = '', name = '', uid = '' } = metadata
  return tokens.issueLasting({ namespace, name, uid, secret })
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64')
}

/** Takes a Secret that is gone out of the list of its account. */
function forget(hands: Hands, key: string, account: string): void {
  const [namespace = '', name = ''] = key.split('/')
  const kind = hands.kind('', 'ServiceAccount')
  const live = hands.get(kind, namespace, account)
  const listed = Array.isArray(live?.['secrets']) ? (live['secrets'] as JsonObject[]) : []
  if (live === undefined || !listed.some((each) => each['name'] === name)) return
  const secrets = listed.filter((each) => each['name'] !== name)
  hands.update(kind, live, { ...live, secrets })
}
