import { isArray, isObject, type JsonObject, type KubeObject } from '../src/object/index.ts'

/** What a page says beyond the schema. */
interface Words {
  readonly about: string
  readonly example: string
  readonly result: string
  readonly working: readonly string[]
}

const WORDS: Readonly<Record<string, Words>> = {
  Kustomization: {
    about:
      'A Kustomization builds a directory of a source with kustomize and applies what comes out.',
    example: `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: apps
  namespace: flux-system
spec:
  interval: 10m
  retryInterval: 2m
  timeout: 5m
  sourceRef:
    kind: GitRepository
    name: flux-system
  path: ./apps/production
  prune: true
  wait: true
  dependsOn:
    - name: infrastructure
  postBuild:
    substituteFrom:
      - kind: ConfigMap
        name: cluster-settings`,
    result: `$ kubectl get kustomizations -n flux-system
NAME   AGE   READY   STATUS
apps   2m    True    Applied revision: main@sha1:4b5c3d2e1f0011223344556677889900aabbccdd`,
    working: [
      'Reconcile now: `flux reconcile kustomization apps`, or set the annotation `reconcile.fluxcd.io/requestedAt` to a new value.',
      'Pause: `flux suspend kustomization apps`; go on: `flux resume kustomization apps`.',
      'Keep one object out of it: the annotation `kustomize.toolkit.fluxcd.io/reconcile: disabled` on the object.',
      'Keep one object when it leaves the source: `kustomize.toolkit.fluxcd.io/prune: disabled` on the object.',
      'An empty build deletes nothing, unless the Kustomization has the annotation `tidegate.dev/prune-all`.',
    ],
  },
  GitRepository: {
    about: 'A GitRepository fetches a revision of a Git repository and publishes its content.',
    example: `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: flux-system
  namespace: flux-system
spec:
  interval: 1m
  url: https://example.com/org/fleet.git
  ref:
    branch: main
  secretRef:
    name: git-credentials`,
    result: `$ kubectl get gitrepositories -n flux-system
NAME          URL                                 AGE   READY   STATUS
flux-system   https://example.com/org/fleet.git   2m    True    stored artifact for revision 'main@sha1:4b5c…'`,
    working: [
      'Fetch now: `flux reconcile source git flux-system`.',
      'Credentials: a Secret with `username` and `password`, or `bearerToken`; for SSH `identity` and `known_hosts`; `ca.crt` for a private authority.',
      'Of several references the first of commit, name, tag, semver, branch counts.',
      'A source that cannot be fetched keeps its last artifact, and what was applied stays.',
    ],
  },
  OCIRepository: {
    about: 'An OCIRepository names an artifact in a container registry.',
    example: `apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata:
  name: fleet
  namespace: flux-system
spec:
  interval: 5m
  url: oci://registry.example.com/org/fleet
  ref:
    tag: latest`,
    result: `$ kubectl get ocirepositories -n flux-system
NAME    URL                                    READY   STATUS                                                     AGE
fleet   oci://registry.example.com/org/fleet   True    stored artifact for digest 'latest@sha256:4b5c3d2e1f00…'   2m`,
    working: [
      'Pull now: `flux reconcile source oci fleet`; push: `flux push artifact`.',
      'Of several references the first of digest, semver, tag counts; `latest` when there is none.',
      'Credentials: a Secret of type `kubernetes.io/dockerconfigjson`, or image pull secrets of the service account.',
      'A source that cannot be pulled keeps its last artifact, and what was applied stays.',
    ],
  },
  Bucket: {
    about: 'A Bucket names a bucket of an object storage.',
    example: `apiVersion: source.toolkit.fluxcd.io/v1
kind: Bucket
metadata:
  name: fleet
  namespace: flux-system
spec:
  interval: 5m
  endpoint: storage.example.com
  bucketName: fleet`,
    result: `$ kubectl get buckets -n flux-system
NAME    ENDPOINT              AGE   READY   STATUS`,
    working: [
      'The definition is here for the flux command and for manifests; Kustomizations use its artifact where a controller publishes one.',
    ],
  },
  Receiver: {
    about: 'A Receiver is a webhook: a call of it reconciles what it names, at once.',
    example: `apiVersion: notification.toolkit.fluxcd.io/v1
kind: Receiver
metadata:
  name: push
  namespace: flux-system
spec:
  type: github
  events: [ping, push]
  secretRef:
    name: webhook-token
  resources:
    - kind: GitRepository
      name: flux-system`,
    result: `$ kubectl get receivers -n flux-system
NAME   AGE   READY   STATUS
push   2m    True    Receiver initialized for path: /hook/4b5c3d2e1f00112233…`,
    working: [
      'Served where `--controllers` has `receiver`, on `--receiver-addr`. One of Tidegate and of the notification-controller of Flux serves Receivers, never both.',
      'The path has the token in it: `kubectl get receiver push -o jsonpath={.status.webhookPath}`.',
      'A filter in CEL sees the object as `res`, the body of the call as `req` and, for generic-oidc, the claims of the token as `claims`.',
    ],
  },
  ExternalArtifact: {
    about: 'An ExternalArtifact is an artifact that somebody else publishes.',
    example: `apiVersion: source.toolkit.fluxcd.io/v1
kind: ExternalArtifact
metadata:
  name: rendered
  namespace: flux-system
spec:
  sourceRef:
    apiVersion: source.extensions.fluxcd.io/v1beta1
    kind: ArtifactGenerator
    name: rendered`,
    result: `$ kubectl get externalartifacts -n flux-system
NAME       AGE   READY   STATUS   SOURCE
rendered   2m                     rendered`,
    working: ['Kustomizations may refer to it under the feature gate `ExternalArtifact`.'],
  },
}

/** The page that lies beside a CRD: example, result, fields, working with it, status. */
export function pageOf(crd: KubeObject): string {
  const spec = crd['spec'] as {
    names: { kind: string; shortNames?: readonly string[] }
    versions: readonly { schema: { openAPIV3Schema: JsonObject } }[]
  }
  const words = WORDS[spec.names.kind]
  if (words === undefined) throw new Error(`no page for ${spec.names.kind}`)
  const schema = spec.versions[0]?.schema.openAPIV3Schema
  const parts = isObject(schema?.['properties']) ? schema['properties'] : {}
  const short = spec.names.shortNames?.map((name) => `, short \`${name}\``).join('') ?? ''
  return `<!-- Written by crds/generate.ts: npm run crds -->
# ${spec.names.kind}

${words.about} \`${crd.metadata.name}\`${short}.

## Example

\`\`\`yaml
${words.example}
\`\`\`

\`\`\`
${words.result}
\`\`\`

## Fields of spec

${table(parts['spec'], 'spec')}

## Working with it

${words.working.map((line) => `- ${line}`).join('\n')}

## Fields of status

${table(parts['status'], 'status')}
`
}

function table(schema: unknown, path: string): string {
  const rows = isObject(schema) ? rowsOf(schema, path) : []
  return ['| field | type | meaning |', '|---|---|---|', ...rows].join('\n')
}

function rowsOf(schema: JsonObject, path: string): string[] {
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  const required = isArray(schema['required']) ? schema['required'] : []
  return Object.entries(properties).flatMap(([name, field]) => {
    if (!isObject(field)) return []
    const at = `${path}.${name}`
    const isNeeded = required.includes(name)
    const about = String(field['description'] ?? '').replaceAll('|', '\\|')
    const row = `| \`${at}\` | ${typeText(field)}${isNeeded ? ', required' : ''} | ${about} |`
    const items = field['items']
    return [row, ...(isObject(items) ? rowsOf(items, `${at}[]`) : rowsOf(field, at))]
  })
}

function typeText(field: JsonObject): string {
  const items = field['items']
  if (isObject(items)) return `list of ${typeText(items)}`
  const words = isArray(field['enum']) ? field['enum'].map((word) => `\`${String(word)}\``) : []
  const base =
    words.length > 0
      ? words.join(' ')
      : isObject(field['additionalProperties'])
        ? 'map of texts'
        : String(field['type'])
  const limits = [
    field['minLength'] === undefined
      ? ''
      : `, ${String(field['minLength'])} to ${String(field['maxLength'])} characters`,
    field['pattern'] === undefined
      ? ''
      : `, \`${String(field['pattern']).replaceAll('|', '\\|')}\``,
    field['default'] === undefined ? '' : `, default \`${JSON.stringify(field['default'])}\``,
  ]
  return base + limits.join('')
}
