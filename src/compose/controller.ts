import { hostname } from 'node:os'
import { Fault, type Log, type Metrics } from '../base/index.ts'
import {
  type ControllerFlags,
  controllerHelp,
  parseControllerFlags,
} from '../cli/controller-flags.ts'
import type { Io } from '../cli/io.ts'
import { EXIT } from '../cli/io.ts'
import {
  createCluster,
  fencedTransport,
  httpTransport,
  type KubeconfigSource,
  kubeconfigFiles,
  loadKubeconfig,
} from '../cluster/index.ts'
import type { Cluster, Transport } from '../object/index.ts'
import { DEFAULT_GATES, type FeatureGates, type KustomizationOptions } from '../reconcile/index.ts'
import type { DigestAlgorithm } from '../source/index.ts'
import {
  createEventPoster,
  createLog,
  createMetrics,
  createOtlpTrace,
  measureProcess,
  type OtlpTrace,
  probeEventLoop,
  probeWatches,
  serveTelemetry,
} from '../telemetry/index.ts'
import { artifactHostsOf } from './artifact-hosts.ts'
import { openAuditTrail } from './audit.ts'
import { createLeaseKeeper } from './lease-keeper.ts'
import { manage } from './manager.ts'
import type { ReconcilerOptions } from './reconcilers.ts'
import { createRemoteClusters } from './remote-clusters.ts'
import { programVersion, systemClock, systemRandom } from './system.ts'

/** `tidegate controller`: works until SIGTERM or Ctrl-C, then ends with 0. */
export async function controller(argv: readonly string[], io: Io): Promise<number> {
  const flags = parseControllerFlags(argv, io.env)
  if (flags.help) {
    io.out(controllerHelp())
    return EXIT.ok
  }
  const log = createLog({
    write: (line) => io.out(line),
    clock: systemClock,
    level: flags.logLevel,
    encoding: flags.logEncoding,
  })
  const audit = openAuditTrail(flags, io, log)
  const metrics = createMetrics()
  const trace = openTrace(flags, io, { log, metrics })
  const stopMeasuring = measureProcess(metrics, systemClock)
  const { http } = await loadKubeconfig(kubeconfigSource(flags, io), systemClock)
  const network = httpTransport(http, systemClock)
  const { transport, check: watches } = probeWatches(network, systemClock)
  const loop = probeEventLoop(systemClock)
  const telemetry = await serveTelemetry({
    metricsAddress: flags.metricsAddr,
    healthAddress: flags.healthAddr,
    metrics: () => metrics.render(),
    alive: { ping: () => undefined, 'event-loop': loop.check, watches },
    ready: { ping: () => undefined },
  })
  const clusterOf = (fenced: Transport): Cluster =>
    createCluster({
      transport: fenced,
      clock: systemClock,
      random: systemRandom,
      log,
      metrics,
      host: new URL(http.server).host,
    })
  const kubeconfig = kubeconfigSource(flags, io)
  const keeper = createLeaseKeeper({ kubeconfig, cluster: clusterOf(transport), log })
  try {
    log.info('starting manager', { controllers: flags.controllers.join(',') })
    return await manage({
      flags,
      io,
      log,
      metrics,
      keeper,
      cluster: clusterOf(transport),
      transport,
      base: (mayWrite) => ({
        cluster: clusterOf(fencedTransport(transport, mayWrite)),
        log,
        metrics,
        ...(audit === undefined ? {} : { audit }),
        ...(trace === undefined ? {} : { trace }),
        tokens: flags.tokenCache,
        ...postOf(flags),
      }),
      source: () => sourceSide(flags),
      kustomize: (mayWrite) => kustomizeSide(flags, io, mayWrite),
    })
  } finally {
    stopMeasuring()
    loop.stop()
    await trace?.close()
    await keeper.close()
    await telemetry.close()
    network.close()
    audit?.close()
  }
}

/** Traces, where an address for them is given. */
function openTrace(
  { otlpEndpoint: endpoint }: ControllerFlags,
  { env }: Io,
  to: { readonly log: Log; readonly metrics: Metrics },
): OtlpTrace | undefined {
  if (endpoint === '') return undefined
  const headers = env['OTEL_EXPORTER_OTLP_HEADERS']
  return createOtlpTrace({
    ...to,
    endpoint,
    ...(headers === undefined ? {} : { headers }),
    service: env['OTEL_SERVICE_NAME'] ?? 'tidegate',
    version: programVersion(),
    instance: hostname(),
    clock: systemClock,
    random: systemRandom,
  })
}

function kubeconfigSource(flags: ControllerFlags, io: Io): KubeconfigSource {
  const host = io.env['KUBERNETES_SERVICE_HOST']
  const port = io.env['KUBERNETES_SERVICE_PORT']
  const context = flags.context === '' ? {} : { context: flags.context }
  if (flags.kubeconfig !== '') return { files: [flags.kubeconfig], ...context }
  if (io.env['KUBECONFIG'] === undefined && host !== undefined && port !== undefined)
    return { inCluster: { host, port } }
  return { files: kubeconfigFiles(io.env), ...context }
}

function postOf(flags: ControllerFlags): Pick<ReconcilerOptions, 'post'> {
  if (flags.eventsAddr === '') return {}
  return { post: createEventPoster({ address: flags.eventsAddr, clock: systemClock }) }
}

function sourceSide(flags: ControllerFlags): NonNullable<ReconcilerOptions['source']> {
  const { source } = flags
  const colon = source.storageAddr.lastIndexOf(':')
  const host = source.storageAddr.slice(0, colon)
  return {
    storageDir: source.storagePath,
    host: host === '' ? '0.0.0.0' : host,
    port: Number(source.storageAddr.slice(colon + 1)),
    isQuiet: flags.kustomize.noCrossNamespaceRefs,
    ssh: { kex: source.sshKexAlgos, hostKey: source.sshHostkeyAlgos },
    ...(source.storageAdvAddr === '' ? {} : { advertised: source.storageAdvAddr }),
    ...(source.storageS3.address === '' ? {} : { bucket: source.storageS3 }),
    store: {
      retentionMs: source.artifactRetentionTtlMs,
      retentionRecords: source.artifactRetentionRecords,
      digestAlgorithm: digestAlgorithmOf(source.artifactDigestAlgo),
    },
    options: {
      concurrent: source.concurrent,
      intervalJitterPercent: source.intervalJitterPercent,
      minRetryMs: source.minRetryMs,
      maxRetryMs: source.maxRetryMs,
      requeueDependencyMs: source.requeueDependencyMs,
      watchLabelSelector: source.watchLabelSelector,
      fluxTiming: flags.fluxTiming,
      keepsCommits: flags.audit.file !== '' || flags.audit.stdout,
      objectLevelWorkloadIdentity: source.gates['ObjectLevelWorkloadIdentity'] ?? false,
      defaultServiceAccount: source.defaultServiceAccount,
      ...namespaceOf(flags),
    },
  }
}

/** Flux's flag also takes blake3, which this platform does not have. */
function digestAlgorithmOf(name: string): DigestAlgorithm {
  if (name === 'sha256' || name === 'sha384' || name === 'sha512') return name
  throw new Fault({
    code: 'FLAG',
    message: `unsupported digest algorithm '${name}' in --artifact-digest-algo: sha256, sha384 or sha512`,
  })
}

function kustomizeSide(
  flags: ControllerFlags,
  io: Io,
  mayWrite: () => boolean,
): NonNullable<ReconcilerOptions['kustomize']> {
  const { kustomize } = flags
  const artifactHost = io.env['SOURCE_CONTROLLER_LOCALHOST']
  const artifactHosts = artifactHostsOf(flags, io.env)
  const options: Partial<KustomizationOptions> = {
    concurrent: kustomize.concurrent,
    concurrentSsa: kustomize.concurrentSsa,
    requeueDependencyMs: kustomize.requeueDependencyMs,
    minRetryMs: kustomize.minRetryMs,
    maxRetryMs: kustomize.maxRetryMs,
    intervalJitterPercent: kustomize.intervalJitterPercent,
    watchLabelSelector: kustomize.watchLabelSelector,
    watchConfigsLabelSelector: kustomize.watchConfigsLabelSelector,
    noCrossNamespaceRefs: kustomize.noCrossNamespaceRefs,
    noRemoteBases: kustomize.noRemoteBases,
    ...(artifactHosts === undefined ? {} : { artifactHosts }),
    defaultServiceAccount: kustomize.defaultServiceAccount,
    defaultDecryptionServiceAccount: kustomize.defaultDecryptionServiceAccount,
    defaultKubeconfigServiceAccount: kustomize.defaultKubeconfigServiceAccount,
    overrideManagers: kustomize.overrideManagers,
    customApplyStageKinds: kustomize.customApplyStageKinds,
    gates: { ...DEFAULT_GATES, ...kustomize.gates } as FeatureGates,
    fluxTiming: flags.fluxTiming,
    tempDir: io.env['TMPDIR'] ?? '/tmp',
    ...ageSecretOf(kustomize.sopsAgeSecret, io),
    ...(kustomize.sopsVaultConfigMap === ''
      ? {}
      : {
          sopsVaultConfigMap: {
            namespace: flags.runtimeNamespace,
            name: kustomize.sopsVaultConfigMap,
          },
        }),
    ...namespaceOf(flags),
  }
  const trust = {
    exec: kustomize.insecureKubeconfigExec,
    insecure: kustomize.insecureKubeconfigTls,
  }
  return {
    options,
    remoteClusters: createRemoteClusters(trust, mayWrite),
    httpRetries: kustomize.httpRetry,
    ...(artifactHost === undefined ? {} : { artifactHost }),
  }
}

function namespaceOf(flags: ControllerFlags): { readonly watchNamespace?: string } {
  return flags.watchNamespace === undefined ? {} : { watchNamespace: flags.watchNamespace }
}

/** Flux reads the Secret of `--sops-age-secret` in the controller's own namespace. */
function ageSecretOf(name: string, io: Io): Pick<KustomizationOptions, 'sopsAgeSecret'> {
  const namespace = io.env['RUNTIME_NAMESPACE'] ?? ''
  return name === '' || namespace === '' ? {} : { sopsAgeSecret: { namespace, name } }
}
