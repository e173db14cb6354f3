import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { deployFiles, overlayYaml } from '../../deploy/generate.ts'
import { createApiServer } from '../../src/apiserver/index.ts'
import { seededRandom, VirtualClock } from '../../src/base/index.ts'
import { parseControllerFlags } from '../../src/cli/controller-flags.ts'
import { createCluster } from '../../src/cluster/index.ts'
import {
  gvkOf,
  idOf,
  idText,
  isArray,
  isKubeObject,
  type Json,
  type JsonObject,
  type KubeObject,
  parseYaml,
  stringAt,
  valueAt,
} from '../../src/object/index.ts'
import { hasTool, runTool } from '../kit/tools.ts'
import { CHART_VALUES } from './chart-values.ts'

const root = join(import.meta.dirname, '../..')
const overlays = readdirSync(join(root, 'deploy/overlays'))
const helm = [join(process.env['TG_BIN'] ?? '/nowhere', 'helm'), 'helm'].find(
  (path) => existsSync(path) || hasTool(path),
)
const chart = join(root, 'deploy/chart')

function objectsOf(text: string): KubeObject[] {
  return (parseYaml(text, 'manifests') as unknown[]).filter(isKubeObject)
}

function render(...args: string[]): KubeObject[] {
  const fixed = ['template', 'tidegate', chart, '--namespace=flux-system', '--kube-version=1.36.0']
  return objectsOf(runTool(helm ?? 'helm', [...fixed, ...args]))
}

/** Applies objects to a server of their own; answers what it refused. */
async function refusals(objects: readonly KubeObject[]): Promise<string[]> {
  const server = createApiServer({ clock: new VirtualClock(), random: seededRandom(1) })
  const cluster = createCluster({
    transport: server,
    clock: new VirtualClock(),
    random: seededRandom(2),
  })
  const refused: string[] = []
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'flux-system' } })
  for (const object of objects) {
    try {
      await cluster.patch(
        { ...idOf(object), version: gvkOf(object).version },
        { type: 'apply', value: object, force: true },
        { fieldManager: 'test' },
      )
    } catch (error) {
      refused.push(`${idText(idOf(object))}: ${String(error)}`)
    }
  }
  server.close()
  return refused
}

function podOf(objects: readonly KubeObject[]): JsonObject {
  const deployment = objects.find(({ kind }) => kind === 'Deployment')
  return valueAt(deployment?.['spec'] as Json, 'template') as JsonObject
}

/** Says what of the Pod Security Standard 'restricted' a pod does not hold. */
function restrictedViolations(pod: Json): string[] {
  const spec = valueAt(pod, 'spec')
  const containers = valueAt(spec, 'containers')
  const wrong: string[] = []
  const expectAt = (value: Json | undefined, wanted: Json, what: string): void => {
    if (JSON.stringify(value) !== JSON.stringify(wanted)) wrong.push(what)
  }
  for (const field of ['hostNetwork', 'hostPID', 'hostIPC'])
    if (valueAt(spec, field) === true) wrong.push(field)
  for (const container of isArray(containers) ? containers : []) {
    const context = valueAt(container, 'securityContext')
    expectAt(valueAt(context, 'allowPrivilegeEscalation'), false, 'privilege escalation')
    expectAt(valueAt(context, 'capabilities', 'drop'), ['ALL'], 'capabilities')
    expectAt(valueAt(context, 'runAsNonRoot'), true, 'runAsNonRoot')
    expectAt(valueAt(context, 'readOnlyRootFilesystem'), true, 'read-only root')
    expectAt(valueAt(context, 'seccompProfile', 'type'), 'RuntimeDefault', 'seccomp')
  }
  const volumes = valueAt(spec, 'volumes')
  for (const volume of isArray(volumes) ? volumes : [])
    if (valueAt(volume, 'hostPath') !== undefined) wrong.push('hostPath')
  return wrong
}

test('what is generated is up to date: npm run deploy changes nothing', () => {
  for (const [path, text] of deployFiles())
    expect(readFileSync(join(root, path), 'utf8'), path).toBe(text)
})

describe.each(overlays)('overlay %s', (overlay) => {
  const objects = objectsOf(overlayYaml(overlay))

  test('is accepted by the embedded server', async () => {
    // The kinds of the Prometheus operator are there where that is.
    const known = objects.filter(
      ({ apiVersion }) => !apiVersion.startsWith('monitoring.coreos.com'),
    )
    expect(await refusals(known)).toEqual([])
  })

  test('holds the Pod Security Standard restricted', () => {
    expect(restrictedViolations(podOf(objects))).toEqual([])
  })

  test('starts with flags that the controller knows', () => {
    const args = valueAt(podOf(objects), 'spec', 'containers', 0, 'args')
    const [command, ...flags] = isArray(args) ? args.map(String) : []
    expect(command).toBe('controller')
    expect(parseControllerFlags(flags, {}).leaderElection.enabled).toBe(true)
  })

  test("has the labels that flux check, version and logs look for, on each object's own terms", () => {
    const deployment = objects.find(({ kind }) => kind === 'Deployment')
    expect(deployment?.metadata.labels).toMatchObject({
      'app.kubernetes.io/part-of': 'flux',
      'app.kubernetes.io/instance': 'flux-system',
      'app.kubernetes.io/version': expect.stringMatching(/^v\d/),
      'control-plane': 'controller',
    })
    expect(stringAt(podOf(objects), 'spec', 'containers', 0, 'name')).toBe('manager')
    expect(stringAt(podOf(objects), 'spec', 'containers', 0, 'image')).toMatch(
      /\/tidegate:v[\d.]+$/,
    )
    const crds = objects.filter(({ kind }) => kind === 'CustomResourceDefinition')
    expect(crds).toHaveLength(6)
    for (const crd of crds)
      expect(crd.metadata.labels?.['app.kubernetes.io/part-of'], crd.metadata.name).toBe('flux')
  })
})

test('the versions of package, image, chart and labels are one', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    version: string
  }
  const text = overlayYaml('default')
  const found = new Set(text.match(/(?:tidegate:|version: )v0[\d.]+/g))
  expect([...found].sort()).toEqual([`tidegate:v${version}`, `version: v${version}`])
  const chartFile = parseYaml(readFileSync(join(chart, 'Chart.yaml'), 'utf8'), 'Chart.yaml')[0]
  expect([valueAt(chartFile ?? null, 'version'), valueAt(chartFile ?? null, 'appVersion')]).toEqual(
    [version, `v${version}`],
  )
})

const EVERYTHING = [
  '--set=replicas=2',
  '--set=serviceMonitor.enabled=true',
  '--set=prometheusRule.enabled=true',
  '--set=dashboard.enabled=true',
  '--set=receivers.enabled=true',
  '--set=multitenancy.admissionPolicies=true',
  '--set=podDisruptionBudget.enabled=true',
  '--set=multitenancy.enabled=true',
  '--set=featureGates.ExternalArtifact=true',
  '--set=extraArgs={--concurrent=10}',
  '--set=extraEnv[0].name=HTTPS_PROXY,extraEnv[0].value=http://proxy',
  '--set=extraVolumes[0].name=ca,extraVolumes[0].emptyDir.medium=Memory',
  '--set=extraVolumeMounts[0].name=ca,extraVolumeMounts[0].mountPath=/ca',
  '--set=eventsAddress=http://notification-controller/',
  '--set=global.imageRegistry=registry.example.com',
  '--set=podLabels.team=platform',
]

const SPREAD = [
  '--set=topologySpreadConstraints[0].maxSkew=1',
  '--set=topologySpreadConstraints[0].topologyKey=kubernetes.io/hostname',
  '--set=topologySpreadConstraints[0].whenUnsatisfiable=ScheduleAnyway',
  '--set=topologySpreadConstraints[0].labelSelector.matchLabels.app\\.kubernetes\\.io/name=tidegate',
  '--set=topologySpreadConstraints[0].labelSelector.matchLabels.app\\.kubernetes\\.io/instance=flux-system',
  '--set=podDisruptionBudget.enabled=true',
]

/** The values that are the same as an overlay. */
const SAME: Readonly<Record<string, readonly string[]>> = {
  default: [],
  'high-availability': ['--set=replicas=2', ...SPREAD],
  'least-privilege': ['--set=multitenancy.enabled=true', '--set=rbac.clusterAdmin=false'],
  monitored: [
    '--set=serviceMonitor.enabled=true',
    '--set=prometheusRule.enabled=true',
    '--set=dashboard.enabled=true',
  ],
  receivers: ['--set=receivers.enabled=true'],
  sharded: ['--set=replicas=3', '--set=sharding.enabled=true', ...SPREAD],
}

describe.skipIf(helm === undefined)('chart (skipped where helm is not on the machine)', () => {
  test('lints', () => {
    expect(runTool(helm ?? '', ['lint', chart])).toContain('0 chart(s) failed')
  })

  test.each(Object.entries(SAME))('gives the objects of the overlay %s', (overlay, values) => {
    const bare = (object: KubeObject): Json => {
      const drop = (fields: JsonObject | undefined, ...keys: string[]): JsonObject =>
        Object.fromEntries(Object.entries(fields ?? {}).filter(([key]) => !keys.includes(key)))
      const metadata = object.metadata as unknown as {
        labels?: JsonObject
        annotations?: JsonObject
      }
      const labels = drop(metadata.labels, 'helm.sh/chart', 'app.kubernetes.io/managed-by')
      const annotations = drop(metadata.annotations, 'helm.sh/resource-policy')
      return {
        ...(object as unknown as JsonObject),
        metadata: { ...metadata, labels, annotations } as never,
      }
    }
    const byId = (objects: readonly KubeObject[]): Record<string, Json> =>
      Object.fromEntries(objects.map((object) => [idText(idOf(object)), bare(object)]))
    // The namespace is Helm's business.
    const wanted = objectsOf(overlayYaml(overlay)).filter(({ kind }) => kind !== 'Namespace')
    expect(byId(render(...values))).toEqual(byId(wanted))
  })

  test('keeps the definitions, and so every Kustomization, when the release goes', () => {
    const crds = render().filter(({ kind }) => kind === 'CustomResourceDefinition')
    expect(crds).toHaveLength(6)
    for (const crd of crds)
      expect(crd.metadata.annotations?.['helm.sh/resource-policy'], crd.metadata.name).toBe('keep')
    expect(render('--set=crds.install=false').some(({ kind }) => kind === crds[0]?.kind)).toBe(
      false,
    )
  })

  test('with everything switched on, all is accepted and the flags are known', async () => {
    const objects = render(...EVERYTHING)
    const known = objects.filter(
      ({ apiVersion }) => !apiVersion.startsWith('monitoring.coreos.com'),
    )
    expect(objects.length - known.length).toBe(2)
    expect(await refusals(known)).toEqual([])
    expect(restrictedViolations(podOf(objects))).toEqual([])
    const container = valueAt(podOf(objects), 'spec', 'containers', 0)
    expect(stringAt(container, 'image')).toBe('registry.example.com/tidegate/tidegate:v0.1.0')
    const args = valueAt(container, 'args')
    const flags = parseControllerFlags((isArray(args) ? args : []).slice(1).map(String), {})
    expect([flags.kustomize.concurrent, flags.kustomize.noRemoteBases]).toEqual([10, true])
    expect(flags.kustomize.gates['ExternalArtifact']).toBe(true)
  })

  test.each(CHART_VALUES)('with %s, all is accepted, and the flags are known', async (values) => {
    const objects = render(`--set=${values}`)
    const ids = objects.map((object) => idText(idOf(object)))
    expect(new Set(ids).size).toBe(ids.length)
    expect(await refusals(objects)).toEqual([])
    expect(restrictedViolations(podOf(objects))).toEqual([])
    const args = valueAt(podOf(objects), 'spec', 'containers', 0, 'args')
    expect(() =>
      parseControllerFlags((isArray(args) ? args : []).slice(1).map(String), {
        RUNTIME_NAMESPACE: 'x',
      }),
    ).not.toThrow()
  })

  test('scope namespace needs no right beyond its namespace', () => {
    const objects = render('--set=rbac.scope=namespace', '--set=rbac.aggregate=false')
    expect(objects.filter(({ kind }) => kind.startsWith('ClusterRole'))).toEqual([])
  })

  test.each(['--set=replica=2', '--set=logging.level=warn', '--set=extraArgs={concurrent}'])(
    'values that make no sense are refused: %s',
    (wrong) => {
      expect(() => render(wrong)).toThrow(/values don't meet the specifications/)
    },
  )
})
