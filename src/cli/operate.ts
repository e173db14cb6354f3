import { type Clock, Fault } from '../base/index.ts'
import type { Cluster } from '../object/index.ts'
import type { Side } from './flux-beside.ts'
import type { Io } from './io.ts'
import { DEFAULT_NAMESPACE } from './manifests.ts'
import {
  durationOption,
  type OptionTable,
  type ParsedOptions,
  textOption,
  usageFault,
} from './options.ts'

/** Codes of faults in install, uninstall and check. */
export type OperateCode = 'FLUX_RUNS' | 'NEWER_CRDS' | 'OPERATE_TIMEOUT'

/** A cluster that a command works on. */
export interface Connection {
  readonly cluster: Cluster
  /** `v1.36.3`. */
  serverVersion(): Promise<string>
  close(): void
}

/** What install, uninstall and check have of the world. */
export interface OperateDeps {
  readonly clock: Clock
  /** The shipped install.yaml. */
  readonly manifests: () => string
  readonly connect: (at: {
    readonly kubeconfig: string
    readonly context: string
  }) => Promise<Connection>
}

/** Options that these commands share. */
export const OPERATE_OPTIONS: OptionTable = {
  kubeconfig: {
    type: 'string',
    value: 'FILE',
    help: 'kubeconfig; what kubectl uses when not given',
  },
  context: { type: 'string', value: 'NAME', help: 'context of the kubeconfig' },
  namespace: {
    type: 'string',
    short: 'n',
    value: 'NAME',
    help: `namespace of the controller (default ${DEFAULT_NAMESPACE})`,
  },
  timeout: { type: 'string', value: 'TIME', help: 'how long to wait (default 5m)' },
}

const TIMEOUT_MS = 300_000
const POLL_MS = 500

/** What the shared options say. */
export interface OperateOptions {
  readonly kubeconfig: string
  readonly context: string
  readonly namespace: string
  readonly timeoutMs: number
}

/** Reads the shared options. @throws Fault USAGE */
export function operateOptions(parsed: ParsedOptions): OperateOptions {
  return {
    kubeconfig: textOption(parsed, 'kubeconfig') ?? '',
    context: textOption(parsed, 'context') ?? '',
    namespace: textOption(parsed, 'namespace') ?? DEFAULT_NAMESPACE,
    timeoutMs: durationOption(parsed, 'timeout', TIMEOUT_MS),
  }
}

/** Reads `--controllers`. @throws Fault USAGE */
export function sidesOption(parsed: ParsedOptions): readonly Side[] {
  const text = textOption(parsed, 'controllers') ?? 'source,kustomize'
  const known = ['source', 'kustomize'] as const
  const named = text.split(',')
  if (named.some((name) => !known.some((side) => side === name)))
    throw usageFault(`--controllers: ${JSON.stringify(text)}: give source, kustomize or both`)
  return known.filter((side) => named.includes(side))
}

/** Waits until something holds. @throws Fault OPERATE_TIMEOUT that names it */
export async function waitFor(
  wait: {
    readonly clock: Clock
    readonly io: Io
    readonly timeoutMs: number
    readonly what: string
  },
  holds: () => Promise<boolean>,
): Promise<void> {
  const endMs = wait.clock.now() + wait.timeoutMs
  while (!(await holds())) {
    if (wait.clock.now() >= endMs)
      throw new Fault<OperateCode>({
        code: 'OPERATE_TIMEOUT',
        message: `timed out waiting for ${wait.what}`,
      })
    await wait.clock.sleep(POLL_MS, wait.io.signal)
  }
}
