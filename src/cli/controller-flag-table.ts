/** What a flag takes. `list` is a comma list that may be repeated, `texts` may be repeated. */
export type FlagType = 'text' | 'bool' | 'int' | 'number' | 'duration' | 'list' | 'texts' | 'gates'

/** Whose flag it is: of the process, of one of Flux's two controllers, or our own. */
export type FlagSide = 'process' | 'kustomize' | 'source' | 'own'

/** One flag. */
export interface Flag {
  readonly type: FlagType
  readonly side: FlagSide
  /** As it would be written; `''` is none. */
  readonly default: string
  /** Environment variable that stands in for the default. */
  readonly env?: string
  /** One of these. */
  readonly oneOf?: readonly string[]
  readonly help: string
}

function flag(type: FlagType, side: FlagSide, text: string, help: string): Flag {
  return { type, side, default: text, help }
}

/** Flags of Flux's controllers that are the same in both, or are about the process. */
const PROCESS: Readonly<Record<string, Flag>> = {
  'enable-leader-election': flag(
    'bool',
    'process',
    'false',
    'Work only while holding the Lease, so that of several replicas one is active.',
  ),
  'events-addr': {
    ...flag('text', 'process', '', 'Address that events are sent to (notification-controller).'),
    env: 'EVENTS_ADDR',
  },
  'health-addr': flag('text', 'process', ':9440', 'Address of /healthz and /readyz.'),
  'kube-api-burst': flag('int', 'process', '300', 'Most requests to the API server at once.'),
  'kube-api-qps': flag('number', 'process', '50', 'Requests a second to the API server.'),
  'leader-election-lease-duration': flag(
    'duration',
    'process',
    '35s',
    'How long others wait after the last renewal before they take the Lease.',
  ),
  'leader-election-release-on-cancel': flag(
    'bool',
    'process',
    'true',
    'Give the Lease back on a regular end, so that another takes over at once.',
  ),
  'leader-election-renew-deadline': flag(
    'duration',
    'process',
    '30s',
    'How long renewals may fail before the leader gives up.',
  ),
  'leader-election-retry-period': flag('duration', 'process', '5s', 'Time between renewals.'),
  'log-encoding': {
    ...flag('text', 'process', 'json', "Form of the log: 'json' or 'console'."),
    oneOf: ['json', 'console'],
  },
  'log-level': {
    ...flag('text', 'process', 'info', "Least level logged: 'trace', 'debug', 'info', 'error'."),
    oneOf: ['trace', 'debug', 'info', 'error'],
  },
  'metrics-addr': {
    ...flag('text', 'process', ':8080', 'Address of /metrics.'),
    env: 'METRICS_ADDR',
  },
  'token-cache-max-duration': flag('duration', 'process', '1h', 'Longest a token is kept.'),
  'token-cache-max-size': flag('int', 'process', '100', 'Most tokens kept.'),
  'watch-all-namespaces': flag(
    'bool',
    'process',
    'true',
    'Watch all namespaces; false watches that of RUNTIME_NAMESPACE alone.',
  ),
}

/** Flags that both of Flux's controllers have, each for itself. */
const BOTH: Readonly<Record<string, Flag>> = {
  concurrent: flag('int', 'kustomize', '4', 'Kustomizations reconciled at a time.'),
  'default-service-account': flag(
    'text',
    'kustomize',
    '',
    'Service account to apply as where spec.serviceAccountName is not set.',
  ),
  'feature-gates': flag('gates', 'kustomize', '', 'Feature gates, Name=true,Name=false.'),
  'interval-jitter-percentage': flag(
    'int',
    'kustomize',
    '5',
    'Jitter of intervals in percent, 0 to 99.',
  ),
  'max-retry-delay': flag('duration', 'kustomize', '15m', 'Longest wait after an error.'),
  'min-retry-delay': flag('duration', 'kustomize', '750ms', 'First wait after an error.'),
  'requeue-dependency': flag(
    'duration',
    'kustomize',
    '30s',
    'How often what waits for another object looks again, beside being woken by it.',
  ),
  'watch-configs-label-selector': flag(
    'text',
    'kustomize',
    'reconcile.fluxcd.io/watch=Enabled',
    'ConfigMaps and Secrets whose change wakes what refers to them, with --flux-timing.',
  ),
  'watch-label-selector': flag(
    'text',
    'kustomize',
    '',
    "Work on objects with these labels alone, e.g. 'sharding.fluxcd.io/key=shard1'.",
  ),
}

const KUSTOMIZE: Readonly<Record<string, Flag>> = {
  ...BOTH,
  'concurrent-ssa': flag('int', 'kustomize', '4', 'Objects applied at a time, each run.'),
  'custom-apply-stage-kinds': flag(
    'text',
    'kustomize',
    '',
    'group/Kind list of what is applied after definitions and before the rest.',
  ),
  'default-decryption-service-account': flag(
    'text',
    'kustomize',
    '',
    'Service account for decryption where none is set.',
  ),
  'default-kubeconfig-service-account': flag(
    'text',
    'kustomize',
    '',
    'Service account for spec.kubeConfig.configMapRef where none is set.',
  ),
  'http-retry': flag('int', 'kustomize', '9', 'Tries to fetch an artifact.'),
  'insecure-kubeconfig-exec': flag(
    'bool',
    'kustomize',
    'false',
    'Run the credential plugins that kubeconfigs for remote clusters name.',
  ),
  'insecure-kubeconfig-tls': flag(
    'bool',
    'kustomize',
    'false',
    'Let kubeconfigs for remote clusters switch the verification of TLS off.',
  ),
  'no-cross-namespace-refs': flag(
    'bool',
    'kustomize',
    'false',
    'Refuse references to sources of other namespaces.',
  ),
  'no-remote-bases': flag('bool', 'kustomize', 'false', 'Refuse remote bases in kustomizations.'),
  'override-manager': flag(
    'texts',
    'kustomize',
    '',
    'Field manager whose changes are taken over; may be repeated.',
  ),
  'sops-age-secret': flag(
    'text',
    'kustomize',
    '',
    'Secret of the runtime namespace with the age keys to fall back on.',
  ),
  'sops-vault-configmap': flag(
    'text',
    'kustomize',
    '',
    'ConfigMap of the runtime namespace with the Vault servers that are trusted.',
  ),
}

const SOURCE: Readonly<Record<string, Flag>> = {
  'artifact-digest-algo': {
    ...flag('text', 'source', 'sha256', 'Algorithm of artifact digests.'),
    oneOf: ['sha256', 'sha384', 'sha512', 'blake3'],
  },
  'artifact-retention-records': flag('int', 'source', '2', 'Artifacts kept of each source.'),
  'artifact-retention-ttl': flag('duration', 'source', '1m', 'How long old artifacts are kept.'),
  'helm-cache-max-size': flag('int', 'source', '0', 'Accepted and without effect: no Helm here.'),
  'helm-cache-purge-interval': flag('text', 'source', '1m', 'Accepted and without effect.'),
  'helm-cache-ttl': flag('text', 'source', '15m', 'Accepted and without effect.'),
  'helm-chart-file-max-size': flag('int', 'source', '5242880', 'Accepted and without effect.'),
  'helm-chart-max-size': flag('int', 'source', '10485760', 'Accepted and without effect.'),
  'helm-index-max-size': flag('int', 'source', '52428800', 'Accepted and without effect.'),
  'ssh-hostkey-algos': flag('list', 'source', '', 'Host key algorithms for SSH, best first.'),
  'ssh-kex-algos': flag('list', 'source', '', 'Key exchange algorithms for SSH, best first.'),
  'storage-addr': {
    ...flag('text', 'source', ':9090', 'Address that artifacts are served on.'),
    env: 'STORAGE_ADDRESS',
  },
  'storage-adv-addr': {
    ...flag('text', 'source', '', 'Address that clients are told; the host name when not set.'),
    env: 'STORAGE_ADV_ADDR',
  },
  'storage-path': {
    ...flag('text', 'source', '/data', 'Directory that artifacts are stored in.'),
    env: 'STORAGE_PATH',
  },
}

/** What the source side has of its own where both sides have a flag; else the plain flag counts. */
export const SOURCE_DEFAULTS: Readonly<Record<string, string>> = {
  concurrent: '2',
  'default-service-account': '',
}

const SOURCE_OF_BOTH: Readonly<Record<string, Flag>> = Object.fromEntries(
  Object.entries(BOTH).map(([name, both]) => {
    const own = SOURCE_DEFAULTS[name]
    const otherwise = own === undefined ? `that of --${name}` : own === '' ? 'none' : own
    const help = `--${name} of the source side (default ${otherwise}).`
    return [`source-${name}`, { ...both, side: 'source' as const, default: '', help }]
  }),
)

const OWN: Readonly<Record<string, Flag>> = {
  'audit-file': {
    ...flag('text', 'own', '', 'File that a record of each object written or deleted is added to.'),
    env: 'TIDEGATE_AUDIT_FILE',
  },
  'audit-key-file': flag(
    'text',
    'own',
    '',
    'File with the key that the audit trail is sealed with.',
  ),
  'audit-stdout': flag(
    'bool',
    'own',
    'false',
    'Print the audit trail between the lines of the log.',
  ),
  'artifact-hosts': flag(
    'list',
    'own',
    '',
    'host[:port] that artifacts may be read from under --no-cross-namespace-refs, beside our own.',
  ),
  context: flag('text', 'own', '', 'Context of the kubeconfig; its current one when not set.'),
  controllers: flag(
    'list',
    'own',
    'source,kustomize',
    "What to run: 'source', 'kustomize' or both.",
  ),
  'flux-timing': flag(
    'bool',
    'own',
    'false',
    'Wake up for nothing that Flux would not wake up for.',
  ),
  kubeconfig: flag('text', 'own', '', "Kubeconfig file; the pod's own account when not set."),
  'receiver-addr': flag(
    'text',
    'own',
    '',
    'Address of the webhooks of Receivers, :9292 in Flux; empty where its controller serves them.',
  ),
  'otlp-endpoint': {
    ...flag(
      'text',
      'own',
      '',
      'Address that traces are sent to by OTLP over HTTP; none when empty.',
    ),
    env: 'OTEL_EXPORTER_OTLP_ENDPOINT',
  },
  'report-configmap': flag(
    'text',
    'own',
    '',
    'ConfigMap of the runtime namespace that objects are counted in by state; none when empty.',
  ),
  'storage-s3': {
    ...flag(
      'text',
      'own',
      '',
      'Bucket, https://HOST/BUCKET[/PREFIX], that artifacts are kept in beside --storage-path.',
    ),
    env: 'STORAGE_S3',
  },
  'storage-s3-keys': flag(
    'text',
    'own',
    '',
    'Directory with the keys of the bucket, accesskey and secretkey; else the environment, as for AWS.',
  ),
  'storage-s3-region': flag('text', 'own', 'us-east-1', 'Region of the bucket of --storage-s3.'),
  sharding: {
    ...flag(
      'text',
      'own',
      'none',
      "'auto' divides the work among all replicas that run with it; with 'none' one of them works.",
    ),
    oneOf: ['none', 'auto'],
  },
}

/** Every flag of `tidegate controller`, by name. */
export const CONTROLLER_FLAGS: Readonly<Record<string, Flag>> = {
  ...OWN,
  ...PROCESS,
  ...KUSTOMIZE,
  ...SOURCE,
  ...SOURCE_OF_BOTH,
}
