import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Clock } from '../base/index.ts'
import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  parseYaml,
  stringAt,
  valueAt,
} from '../object/index.ts'
import { type Credentials, credentialsOf, tokenFileHeaders } from './credentials.ts'
import type { HttpOptions } from './http-options.ts'
import { kubeconfigFault, pem, readText } from './kubeconfig-parts.ts'

/** Where the way to a cluster is written. */
export type KubeconfigSource =
  | {
      /** Files that are merged as kubectl does: the first to name a thing wins. */
      readonly files: readonly string[]
      readonly context?: string
    }
  | {
      /** The text of one kubeconfig, e.g. from a Secret. Files that it names are not read. */
      readonly text: string
      readonly context?: string
      /** Runs the credential plugins that it names. */
      readonly exec?: boolean
      /** Believes its `insecure-skip-tls-verify`. */
      readonly insecure?: boolean
    }
  | {
      /** The pod's own service account. */
      readonly inCluster: { readonly host: string; readonly port: string; readonly root?: string }
    }

/** What a kubeconfig says. */
export interface Kubeconfig {
  readonly http: HttpOptions
  /** Of the context; `''` where it names none. */
  readonly namespace: string
}

const NOTHING_PROVIDED = 'invalid configuration: no configuration has been provided'
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'

/** The files that kubectl would read, given its environment. */
export function kubeconfigFiles(env: {
  readonly KUBECONFIG?: string | undefined
  readonly HOME?: string | undefined
}): readonly string[] {
  const listed = (env.KUBECONFIG ?? '').split(':').filter((path) => path !== '')
  if (listed.length > 0) return listed
  return env.HOME === undefined ? [] : [`${env.HOME}/.kube/config`]
}

/**
 * Reads how to reach a cluster and as whom. Credentials that change (token files, plugins, OIDC) are
 * asked for again as they expire.
 * @throws Fault KUBECONFIG
 */
export async function loadKubeconfig(source: KubeconfigSource, clock: Clock): Promise<Kubeconfig> {
  if ('inCluster' in source) return inCluster(source.inCluster, clock)
  const config = 'text' in source ? parseConfig(source.text, 'kubeconfig') : readFiles(source.files)
  const trusted = 'files' in source
  const context = entry(config, 'contexts', 'context', source.context ?? config.current)
  const cluster = entry(config, 'clusters', 'cluster', stringAt(context, 'cluster') ?? '')
  const user = entry(config, 'users', 'user', stringAt(context, 'user') ?? '')
  const credentials = await credentialsOf(user, cluster, {
    clock,
    name: stringAt(context, 'user') ?? '',
    files: trusted,
    exec: trusted || ('exec' in source && source.exec === true),
  })
  const insecure = trusted || ('insecure' in source && source.insecure === true)
  return {
    http: httpOptions(cluster, credentials, { insecure, files: trusted }),
    namespace: stringAt(context, 'namespace') ?? '',
  }
}

interface Config {
  readonly contexts: readonly JsonObject[]
  readonly clusters: readonly JsonObject[]
  readonly users: readonly JsonObject[]
  readonly current: string
}

function inCluster(
  pod: { readonly host: string; readonly port: string; readonly root?: string },
  clock: Clock,
): Kubeconfig {
  const root = pod.root ?? SERVICE_ACCOUNT
  const host = pod.host.includes(':') ? `[${pod.host}]` : pod.host
  return {
    http: {
      server: `https://${host}:${pod.port}`,
      ca: readText(`${root}/ca.crt`),
      headers: tokenFileHeaders(`${root}/token`, clock),
    },
    namespace: readText(`${root}/namespace`).trim(),
  }
}

/** Of several files those that are there, as kubectl does. */
function readFiles(paths: readonly string[]): Config {
  const there = paths.filter((path) => existsSync(path))
  if (there.length === 0) throw kubeconfigFault(`${NOTHING_PROVIDED}${missingText(paths)}`)
  const configs = there.map((path) => withPaths(parseConfig(readText(path), path), dirname(path)))
  return {
    contexts: configs.flatMap((config) => config.contexts),
    clusters: configs.flatMap((config) => config.clusters),
    users: configs.flatMap((config) => config.users),
    current: configs.find((config) => config.current !== '')?.current ?? '',
  }
}

function missingText(paths: readonly string[]): string {
  const looked = paths.length === 0 ? '' : ` (no such file: ${paths.join(', ')})`
  return `${looked}; name a kubeconfig with --kubeconfig or KUBECONFIG`
}

function parseConfig(text: string, file: string): Config {
  const document = parseYaml(text, file)[0]
  if (!isObject(document)) throw kubeconfigFault(`${file}: ${NO_CONFIGURATION}`)
  const list = (field: string): readonly JsonObject[] => {
    const value = document[field]
    return isArray(value) ? value.filter(isObject) : []
  }
  return {
    contexts: list('contexts'),
    clusters: list('clusters'),
    users: list('users'),
    current: stringAt(document, 'current-context') ?? '',
  }
}

const PATH_FIELDS = ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile']

/** Relative paths in a kubeconfig are relative to its folder. */
function withPaths(config: Config, folder: string): Config {
  const absolute = (item: JsonObject): JsonObject =>
    Object.fromEntries(
      Object.entries(item).map(([key, value]): [string, Json | undefined] => {
        if (isObject(value)) return [key, absolute(value)]
        const isPath = PATH_FIELDS.includes(key) && typeof value === 'string' && value !== ''
        return [key, isPath ? resolve(folder, value) : value]
      }),
    )
  return { ...config, clusters: config.clusters.map(absolute), users: config.users.map(absolute) }
}

function entry(
  config: Config,
  list: 'contexts' | 'clusters' | 'users',
  field: string,
  name: string,
): JsonObject {
  const found = config[list].find((item) => item['name'] === name)
  if (found === undefined) {
    if (list === 'users' && name === '') return {}
    throw kubeconfigFault(
      missingWords(list, name) ?? `invalid configuration: ${field} "${name}" does not exist`,
    )
  }
  const value = valueAt(found, field)
  return isObject(value) ? value : {}
}

const NO_CONFIGURATION = `${NOTHING_PROVIDED}, try setting KUBERNETES_MASTER environment variable`

/** What clientcmd says of a context or cluster that is missing: without either there is no server. */
function missingWords(list: 'contexts' | 'clusters' | 'users', name: string): string | undefined {
  if (list === 'users') return undefined
  if (list === 'clusters' || name === '') return NO_CONFIGURATION
  return `invalid configuration: [context was not found for specified context: ${name}, cluster has no server defined]`
}

function httpOptions(
  cluster: JsonObject,
  credentials: Credentials,
  may: { readonly insecure: boolean; readonly files: boolean },
): HttpOptions {
  const server = stringAt(cluster, 'server') ?? ''
  if (!/^https?:\/\//.test(server))
    throw kubeconfigFault(`invalid configuration: cluster has no usable server: "${server}"`)
  const ca = pem(cluster, 'certificate-authority', may.files)
  const serverName = stringAt(cluster, 'tls-server-name')
  const proxy = stringAt(cluster, 'proxy-url')
  const insecure = may.insecure && cluster['insecure-skip-tls-verify'] === true
  return {
    server: server.replace(/\/$/, ''),
    ...(ca === undefined ? {} : { ca }),
    ...(serverName === undefined ? {} : { serverName }),
    ...(proxy === undefined || proxy === '' ? {} : { proxy }),
    ...(insecure ? { insecure } : {}),
    ...credentials,
  }
}
