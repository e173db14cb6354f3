import { isFault } from '../base/index.ts'
import { isArray, isObject, type JsonObject, parseYaml, stringAt } from '../object/index.ts'
import {
  type ClusterFinder,
  type ClusterPlace,
  canonicalAddress,
  certificateIn,
  clusterToken,
  type FindCluster,
  subjectOf,
} from './cluster-place.ts'
import { keysFault } from './faults.ts'
import { askJson, inside, textIn } from './http.ts'

const CLUSTER =
  /^\/subscriptions\/([^/]{36})\/resourceGroups\/([^/]{1,200})\/providers\/Microsoft\.ContainerService\/managedClusters\/([^/]{1,200})$/i
const WORDS = `(?i)${CLUSTER.source.replaceAll('\\/', '/')}`
const PROVIDER = 'Microsoft.ContainerService'
const KIND = 'managedClusters'
/** The application that all clusters of Azure are. */
const AKS = '6dae42f8-4368-4678-94ff-3960e28e3630'
const API = 'api-version=2024-09-01'

/** Where clusters are described, by the cloud that the process logs in to, and what a token for it is for. */
const MANAGERS = [
  {
    login: 'chinacloudapi.cn',
    url: 'https://management.chinacloudapi.cn',
    resource: 'https://management.core.chinacloudapi.cn/',
  },
  {
    login: 'microsoftonline.us',
    url: 'https://management.usgovcloudapi.net',
    resource: 'https://management.core.usgovcloudapi.net/',
  },
  {
    login: '',
    url: 'https://management.azure.com',
    resource: 'https://management.core.windows.net/',
  },
] as const

/**
 * A cluster of Azure Kubernetes Service. It takes tokens of Microsoft Entra.
 * @see fluxcd/pkg auth v0.54.2 azure/provider.go NewRESTConfig
 */
export const aksCluster: FindCluster = async (finder, request) => {
  const { options, logins, described } = finder
  const { address, ca, cluster } = request
  const subject = subjectOf(request)
  const token = (): Promise<string> =>
    clusterToken(() => logins.azure({ resource: AKS, ...subject }))
  await token()
  if (address !== '' && ca !== '') return { place: { address, ca }, token }
  const { url, resource } = await managerOf(finder)
  const login = await clusterToken(() => logins.azure({ resource, ...subject }))
  const match = CLUSTER.exec(cluster)
  const [, subscription = '', group = '', name = ''] = match ?? []
  if (match === null || [group, name].some((part) => /^\.{1,2}$/.test(part)))
    throw keysFault('KEY_HOST', `invalid AKS cluster ID: '${cluster}'. must match ${WORDS}`)
  const steps = [subscription, 'resourceGroups', group, 'providers', PROVIDER, KIND, name]
  const path = ['subscriptions', ...steps].map(encodeURIComponent).join('/')
  const base = options.endpoints?.azureManagement ?? url
  const found = await described(() => look(finder, { request, url: `${base}/${path}`, login }))
  return { place: { address: address || found.address, ca: ca || found.ca }, token }
}

/** The manager of resources of the cloud that the process is in. */
async function managerOf({
  options,
}: ClusterFinder): Promise<{ readonly url: string; readonly resource: string }> {
  const file = options.env['AZURE_ENVIRONMENT_FILEPATH']
  if (file !== undefined) return managerIn(await options.readFile(file))
  const login = options.env['AZURE_AUTHORITY_HOST'] ?? ''
  return MANAGERS.find((each) => login.includes(each.login)) ?? MANAGERS[2]
}

/** What a file of a private cloud says. @throws Fault KEY_CREDENTIALS */
function managerIn(text: string): { readonly url: string; readonly resource: string } {
  const found = objectOf(text)
  const url = stringAt(found, 'resourceManagerEndpoint') ?? ''
  const resource = stringAt(found, 'tokenAudience') ?? ''
  if (url.startsWith('https://') && resource !== '')
    return { url: url.replace(/\/$/, ''), resource }
  throw keysFault(
    'KEY_CREDENTIALS',
    'resourceManagerEndpoint and tokenAudience must be set in the environment file',
  )
}

function objectOf(text: string): JsonObject {
  try {
    const value = parseYaml(text, 'kubeconfig')[0]
    return isObject(value) ? value : {}
  } catch (error) {
    if (isFault(error)) return {}
    throw error
  }
}

interface Asked {
  readonly request: Parameters<FindCluster>[1]
  readonly url: string
  readonly login: string
}

/** The address of the cluster that is asked for, or its first, by the kubeconfigs that Azure has of it. */
async function look({ options }: ClusterFinder, asked: Asked): Promise<ClusterPlace> {
  const { cluster, address } = asked.request
  const headers = { authorization: `Bearer ${asked.login}` }
  const what = 'failed to describe AKS cluster'
  const ask = (method: 'GET' | 'POST', path: string) =>
    askJson(options.http, { method, url: `${asked.url}${path}?${API}`, headers }, what)
  const properties = inside(await ask('GET', ''), 'properties')
  if (!isObject(properties['aadProfile']))
    throw keysFault(
      'KEY_SERVICE',
      `AKS cluster ${cluster} does not have Microsoft Entra ID integration enabled. See docs for enabling: https://learn.microsoft.com/en-us/azure/aks/enable-authentication-microsoft-entra-id`,
    )
  const wanted = address === '' ? undefined : canonicalAddress(address)
  const { kubeconfigs } = await ask('POST', '/listClusterUserCredential')
  const places = (Array.isArray(kubeconfigs) ? kubeconfigs : []).filter(isObject).map(placeIn)
  const found = places.find(
    (place) => wanted === undefined || canonicalAddress(place.address) === wanted,
  )
  if (found !== undefined) return { ...found, ca: certificateIn(found.ca, 'AKS') }
  if (wanted === undefined)
    throw keysFault('KEY_SERVICE', `no kubeconfig found for AKS cluster ${cluster}`)
  const listed = places.map((place) => `'${place.address}'`).join(', ')
  throw keysFault(
    'KEY_SERVICE',
    `no kubeconfig found for AKS cluster ${cluster} matching the specified address '${address}'. cluster addresses: [${listed}]`,
  )
}

/** What a kubeconfig says of its cluster; the certificate is in base64. */
function placeIn(listed: JsonObject, index: number): ClusterPlace {
  const value = stringAt(listed, 'value') ?? ''
  const config = objectOf(Buffer.from(value, 'base64').toString())
  const named = (field: string, name: string | undefined): JsonObject => {
    const all = config[field]
    const objects = isArray(all) ? all.filter(isObject) : []
    return objects.find((each) => stringAt(each, 'name') === name) ?? objects[0] ?? {}
  }
  const context = inside(named('contexts', stringAt(config, 'current-context')), 'context')
  const cluster = inside(
    named('clusters', stringAt(context as JsonObject, 'cluster')),
    'cluster',
  ) as JsonObject
  return {
    address: textIn(cluster, 'server', `failed to parse kubeconfig[${index}]`),
    ca: stringAt(cluster, 'certificate-authority-data') ?? '',
  }
}
