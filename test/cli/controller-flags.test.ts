import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseDuration } from '../../src/base/index.ts'
import { CONTROLLER_FLAGS, SOURCE_DEFAULTS } from '../../src/cli/controller-flag-table.ts'
import {
  type ControllerFlags,
  controllerHelp,
  parseControllerFlags,
} from '../../src/cli/controller-flags.ts'

const fixtures = join(import.meta.dirname, '../fixtures/cli/flux-flags')

interface FluxFlag {
  readonly name: string
  readonly type: string
  readonly default: string
}

/** The flags that a Go program prints with --help. */
function fluxFlags(controller: string): FluxFlag[] {
  const text = readFileSync(join(fixtures, `${controller}-controller.txt`), 'utf8')
  return [...text.matchAll(/^ {6}--([a-z-]+)(?: (\w+))? {2,}(.*)$/gm)].map((match) => ({
    name: match[1] ?? '',
    type: match[2] ?? 'bool',
    default: /\(default "?(.*?)"?\)$/.exec(match[3] ?? '')?.[1] ?? '',
  }))
}

function comparable(flag: { readonly type: string; readonly default: string }): string {
  if (flag.type === 'duration') return String(parseDuration(flag.default))
  if (flag.type === 'bool') return flag.default === 'true' ? 'true' : 'false'
  return flag.type === 'int' && flag.default === '' ? '0' : flag.default
}

describe('every flag of Flux is there, with its default', () => {
  for (const controller of ['kustomize', 'source']) {
    test.each(fluxFlags(controller))(`${controller}: $name`, (flux) => {
      const ours = CONTROLLER_FLAGS[flux.name]
      const own = controller === 'source' ? SOURCE_DEFAULTS[flux.name] : undefined
      expect(ours, 'is known').toBeDefined()
      expect(own ?? comparable({ type: ours?.type ?? '', default: ours?.default ?? '' })).toBe(
        comparable(flux),
      )
      expect(controllerHelp()).toContain(`--${flux.name}`)
    })
  }
  test('the fixtures were read', () => {
    expect(fluxFlags('kustomize').length).toBeGreaterThan(30)
    expect(fluxFlags('source').length).toBeGreaterThan(30)
  })
})

const READ: Record<
  string,
  {
    readonly reason: string
    readonly given: readonly string[]
    readonly env?: Record<string, string>
    readonly want: (flags: ControllerFlags) => unknown
    readonly is: unknown
  }
> = {
  'value after =': {
    reason: 'both forms of Go flags',
    given: ['--concurrent=7'],
    want: (flags) => flags.kustomize.concurrent,
    is: 7,
  },
  'value after a blank': {
    reason: 'both forms of Go flags',
    given: ['--requeue-dependency', '5s'],
    want: (flags) => [flags.kustomize.requeueDependencyMs, flags.source.requeueDependencyMs],
    is: [5000, 5000],
  },
  'bool without a value': {
    reason: 'as manifests of Flux have it',
    given: ['--enable-leader-election'],
    want: (flags) => flags.leaderElection.enabled,
    is: true,
  },
  'bool with a value': {
    reason: 'Go takes 0, f, false',
    given: ['--watch-all-namespaces=false', '--no-remote-bases=1'],
    env: { RUNTIME_NAMESPACE: 'team' },
    want: (flags) => [flags.watchNamespace, flags.kustomize.noRemoteBases],
    is: ['team', true],
  },
  'the last one counts': {
    reason: 'overlays append flags',
    given: ['--log-level=debug', '--log-level=error'],
    want: (flags) => flags.logLevel,
    is: 'error',
  },
  repeatable: {
    reason: 'a stringArray does not split at commas',
    given: ['--override-manager=a,b', '--override-manager=c'],
    want: (flags) => flags.kustomize.overrideManagers,
    is: ['a,b', 'c'],
  },
  'comma list': {
    reason: 'a stringSlice does',
    given: ['--ssh-kex-algos=a,b', '--ssh-kex-algos=c'],
    want: (flags) => flags.source.sshKexAlgos,
    is: ['a', 'b', 'c'],
  },
  'two sides': {
    reason: 'a plain name means the kustomize side where the defaults differ',
    given: ['--concurrent=9'],
    want: (flags) => [flags.kustomize.concurrent, flags.source.concurrent],
    is: [9, 2],
  },
  'the source side': {
    reason: '--source-<name>',
    given: ['--source-concurrent=5', '--source-watch-label-selector=a=b'],
    want: (flags) => [
      flags.source.concurrent,
      flags.source.watchLabelSelector,
      flags.kustomize.watchLabelSelector,
    ],
    is: [5, 'a=b', ''],
  },
  'the source side alone': {
    reason: "the arguments of Flux's source-controller work unmodified",
    given: [
      '--controllers=source',
      '--concurrent=10',
      '--default-service-account=x',
      '--feature-gates=ObjectLevelWorkloadIdentity=true',
    ],
    want: (flags) => [
      flags.controllers,
      flags.source.concurrent,
      flags.source.defaultServiceAccount,
    ],
    is: [['source'], 10, 'x'],
  },
  'a lock-down does not reach sources': {
    reason: 'there the same flag is about workload identity',
    given: ['--default-service-account=tenant'],
    want: (flags) => [flags.kustomize.defaultServiceAccount, flags.source.defaultServiceAccount],
    is: ['tenant', ''],
  },
  'feature gates': {
    reason: 'each side takes its own',
    given: ['--feature-gates=ExternalArtifact=true,ObjectLevelWorkloadIdentity=true'],
    want: (flags) => [
      flags.kustomize.gates['ExternalArtifact'],
      flags.kustomize.gates['StrictPostBuildSubstitutions'],
      flags.source.gates,
    ],
    is: [true, true, { CacheSecretsAndConfigMaps: false, ObjectLevelWorkloadIdentity: true }],
  },
  environment: {
    reason: 'the manifests of source-controller use it',
    given: ['--storage-addr=:1'],
    env: { STORAGE_PATH: '/x', STORAGE_ADDRESS: ':2', STORAGE_ADV_ADDR: 'host' },
    want: ({ source }) => [source.storagePath, source.storageAddr, source.storageAdvAddr],
    is: ['/x', ':1', 'host'],
  },
}

test.each(Object.entries(READ))('reads: %s', (_, { reason, given, env, want, is }) => {
  expect(want(parseControllerFlags(given, env ?? {})), reason).toEqual(is)
})

const REFUSED: Record<string, { readonly given: readonly string[]; readonly want: string }> = {
  'a default service account while its gate is off': {
    given: ['--controllers=source', '--default-service-account=x'],
    want: 'cannot set default service accounts when the feature gate ObjectLevelWorkloadIdentity is not enabled',
  },
  'a default account for decryption while its gate is off': {
    given: ['--default-decryption-service-account=x'],
    want: 'cannot set default service accounts when the feature gate ObjectLevelWorkloadIdentity is not enabled',
  },
  'a default account for kubeconfigs while its gate is off': {
    given: ['--controllers=kustomize', '--default-kubeconfig-service-account=x'],
    want: 'cannot set default service accounts when the feature gate ObjectLevelWorkloadIdentity is not enabled',
  },
  'unknown flag': { given: ['--foo'], want: 'unknown flag: --foo' },
  'unknown short flag': { given: ['-x'], want: 'unknown flag: -x' },
  'missing value': { given: ['--concurrent'], want: 'flag needs an argument: --concurrent' },
  'no number': { given: ['--concurrent=x'], want: 'invalid argument "x" for "--concurrent" flag' },
  'no duration': { given: ['--min-retry-delay=5'], want: 'must be a duration' },
  'no bool': { given: ['--no-remote-bases=yes'], want: 'must be true or false' },
  'unknown gate': {
    given: ['--feature-gates=Foo=true'],
    want: "feature-gate 'Foo' not supported",
  },
  'gate without value': { given: ['--feature-gates=ExternalArtifact'], want: 'Name=true' },
  jitter: { given: ['--interval-jitter-percentage=100'], want: 'less than 100' },
  argument: { given: ['run'], want: 'unexpected argument "run"' },
  controller: { given: ['--controllers=helm'], want: 'must be source, kustomize' },
  level: { given: ['--log-level=warn'], want: 'must be one of trace, debug, info, error' },
  election: { given: ['--leader-election-lease-duration=10s'], want: 'must be longer' },
  namespace: { given: ['--watch-all-namespaces=false'], want: 'RUNTIME_NAMESPACE' },
}

test.each(Object.entries(REFUSED))('refuses: %s', (_, { given, want }) => {
  expect(() => parseControllerFlags(given, {})).toThrow(want)
})
