import {
  isObject,
  type Json,
  type JsonObject,
  jsonOf,
  type KubeObject,
  parseYamlDocument,
  printYaml,
  YamlError,
  yamlValue,
} from '../object/index.ts'
import { usageFault } from './options.ts'

const MASK = '**SOPS**'
const DOCKER = 'kubernetes.io/dockerconfigjson'
const DOCKER_MASK = JSON.stringify({ mask: MASK })

type Texts = Record<string, string>

/**
 * A Secret without what sops encrypted: the flux command prints stars in its place.
 * @see flux2 internal/build/build.go maskSopsData (v2.9.4)
 */
export function maskSops(object: KubeObject): KubeObject {
  if (object.kind !== 'Secret') return object
  const { data, stringData, sops, ...rest } = object as unknown as JsonObject
  const isEncrypted = holdsMac(object)
  const masked = isEncrypted
    ? encrypted(texts(data), texts(stringData), rest['type'])
    : plain(object, texts(data), texts(stringData))
  return {
    ...rest,
    ...(!isEncrypted && sops !== undefined ? { sops } : {}),
    ...(Object.keys(masked.data).length === 0 ? {} : { data: reread(masked.data) }),
    ...stringDataOf(masked.stringData, stringData),
  } as unknown as KubeObject
}

function stringDataOf(masked: Texts, old: Json | undefined): object {
  if (Object.keys(masked).length > 0) return { stringData: reread(masked) }
  return old === undefined ? {} : { stringData: old }
}

/** Flux's command writes the texts anew without quotes: what looks like a number becomes one. */
function reread(values: Texts): JsonObject {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => {
      const isPlain = printYaml({ value }) === `value: "${value}"\n`
      return [key, isPlain ? resolved(value) : value]
    }),
  )
}

function resolved(value: string): Json {
  const node = parseYamlDocument(`value: ${value}\n`)
  if (node === undefined) return value
  try {
    const read = jsonOf(yamlValue(node, { lenient: false }))
    return isObject(read) ? (read['value'] ?? null) : value
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    throw usageFault(`kustomize build failed: ${error.older}`)
  }
}

function holdsMac(object: KubeObject): boolean {
  const text = printYaml(object as unknown as Json)
  return text.includes('sops:') && text.includes('mac: ENC[')
}

interface Parts {
  readonly data: Texts
  readonly stringData: Texts
}

function encrypted(data: Texts, stringData: Texts, type: Json | undefined): Parts {
  const mask = type === DOCKER ? DOCKER_MASK : MASK
  return {
    data: mapped(data, () => base64(mask)),
    stringData: mapped(stringData, () => mask),
  }
}

/** Files of sops that a generator put into a Secret. */
function plain(object: KubeObject, data: Texts, stringData: Texts): Parts {
  return {
    data: mapped(data, (value) => (isSops(decoded(object, value)) ? base64(MASK) : value)),
    stringData: mapped(stringData, (value) => (isSops(value) ? base64(MASK) : value)),
  }
}

function isSops(text: string): boolean {
  return text.includes('sops') && text.includes('ENC[')
}

function decoded(object: KubeObject, value: string): string {
  const letters = value.replaceAll(/[\r\n]/g, '')
  const bad = /[^A-Za-z0-9+/=]|=(?=[^=])|={3}/.exec(letters)?.index
  const wrong =
    bad ?? (letters.length % 4 === 0 ? undefined : letters.length - (letters.length % 4))
  if (wrong === undefined) return Buffer.from(letters, 'base64').toString('latin1')
  const name = object.metadata.name ?? ''
  throw usageFault(
    `failed to mask secret ${name} sops data: illegal base64 data at input byte ${wrong}`,
  )
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

function mapped(values: Texts, change: (value: string) => string): Texts {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]))
}

/** The values of a map as kustomize writes them: numbers and booleans as texts. */
function texts(value: Json | undefined): Texts {
  if (!isObject(value)) return {}
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, typeof each === 'string' ? each : word(each)]),
  )
}

function word(value: Json | undefined): string {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}
