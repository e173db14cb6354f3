import type { Artifact, GitCheckout, GitRequest } from '../../api/index.ts'
import { Fault, isFault, parseDuration } from '../../base/index.ts'
import { keyOf } from '../informer.ts'
import { awsKeys, azureDevOpsToken, checkGate } from './cloud-login.ts'
import { codeCommitRegion, codeCommitUser } from './code-commit.ts'
import type { AnyRun, GitRun } from './context.ts'
import { halt } from './halt.ts'
import { readProxySecret } from './secret-checks.ts'
import { readSecret, type SecretData } from './secrets.ts'

const CHECKOUT_WORDS = 'failed to checkout and determine revision'
const TIMEOUT_MS = 60_000
const UNCHANGING_REFS = new Set(['GIT_REF'])

/** All that a fetch needs beside the time; read from the cluster. */
export type GitAccess = Pick<GitRequest, 'url' | 'credentials' | 'proxy' | 'provider'>

/**
 * Reads the Secrets of a GitRepository and checks that they fit its provider.
 * @throws Fault SOURCE_FETCH
 * @see source-controller gitrepository_controller.go getAuthOpts (v1.9.1)
 */
export async function readAccess(run: GitRun): Promise<GitAccess> {
  const { spec, metadata } = run.object
  const { namespace = '' } = metadata
  const proxy =
    spec.proxySecretRef === undefined
      ? undefined
      : await readProxySecret(run, spec.proxySecretRef.name, (message) =>
          authFailed(`failed to configure proxy options: ${message}`),
        )
  if (/^https?:\/\/$/.test(spec.url)) throw withoutHost(spec.url)
  if (!URL.canParse(spec.url))
    throw halt({
      code: 'SOURCE_FETCH',
      reason: 'URLInvalid',
      message: `failed to parse url '${spec.url}': parse "${spec.url}": invalid URL`,
      retry: { kind: 'stalled' },
    })
  const credentials =
    spec.secretRef === undefined
      ? undefined
      : await readSecret(run, spec.secretRef.name, (message) => {
          const get = `failed to get secret '${namespace}/${spec.secretRef?.name}'`
          return authFailed(`${get}: ${get}: ${message}`)
        })
  checkProvider(run, credentials)
  const proof = await cloudProof(run, credentials)
  return {
    url: spec.url,
    provider: spec.provider ?? 'generic',
    ...(proof === undefined ? {} : { credentials: proof }),
    ...(proxy === undefined ? {} : { proxy }),
  }
}

/** Go takes this for an address, and only misses the host when it is to be asked. */
function withoutHost(url: string): Fault {
  const words = `Get "${url}/info/refs?service=git-upload-pack": http: no Host in request URL`
  return halt({
    code: 'SOURCE_FETCH',
    reason: 'GitOperationFailed',
    message: `failed to checkout and determine revision: unable to clone '${url}': ${words}`,
  })
}

/** What the provider gives in place of a password. */
function cloudProof(
  run: GitRun,
  data: SecretData | undefined,
): Promise<SecretData | undefined> | SecretData | undefined {
  const { provider } = run.object.spec
  if (provider === 'azure') return azureProof(run, data)
  return provider === 'aws' ? awsProof(run, data) : data
}

const NO_LOGIN = 'failed to configure authentication options'

/** A signature over the address of a repository in CodeCommit. */
async function awsProof(run: GitRun, data: SecretData | undefined): Promise<SecretData> {
  const { url, serviceAccountName } = run.object.spec
  const where = codeCommitRegion(url)
  if ('wrong' in where) throw authFailed(`${NO_LOGIN}: ${where.wrong}`)
  const { region } = where
  try {
    const keys = await awsKeys(run, region, serviceAccountName)
    const user = codeCommitUser(url, region, { keys, nowMs: run.context.clock.now() })
    return {
      ...data,
      username: Buffer.from(user.username),
      password: Buffer.from(user.password),
    }
  } catch (error) {
    if (!isFault(error)) throw error
    throw authFailed(`${NO_LOGIN}: ${TOKEN_WORDS}: ${error.message}`)
  }
}

const TOKEN_WORDS = 'failed to get access token for Git repository'

/** A token of Azure goes with what the Secret has beside it: certificates, for one. */
async function azureProof(run: GitRun, data: SecretData | undefined): Promise<SecretData> {
  try {
    return { ...data, ...(await azureDevOpsToken(run, run.object.spec.serviceAccountName)) }
  } catch (error) {
    if (!isFault(error)) throw error
    throw authFailed(`${NO_LOGIN}: ${TOKEN_WORDS}: ${error.message}`)
  }
}

function authFailed(message: string): Fault {
  return halt({ code: 'SOURCE_FETCH', reason: 'AuthenticationFailed', message })
}

function checkProvider(run: GitRun, credentials: SecretData | undefined): void {
  const { provider = 'generic', secretRef, serviceAccountName } = run.object.spec
  const isCloud = provider === 'azure' || provider === 'aws'
  if (isCloud) checkGate(run, serviceAccountName, 'SOURCE_FETCH')
  const has = (key: string): boolean => (credentials?.[key]?.length ?? 0) > 0
  const hasApp = has('githubAppID')
  const isWhole =
    hasApp &&
    has('githubAppPrivateKey') &&
    (has('githubAppInstallationID') || has('githubAppInstallationOwner'))
  const missing = 'secretRef with github app data must be specified when provider is set to github'
  if (provider === 'github' && (secretRef === undefined || !isWhole))
    throw halt({
      code: 'SOURCE_FETCH',
      reason: 'InvalidProviderConfiguration',
      message: missing,
      retry: { kind: secretRef === undefined ? 'stalled' : 'backoff' },
    })
  const { namespace = '' } = run.object.metadata
  if (provider === 'generic' && hasApp)
    throw halt({
      code: 'SOURCE_FETCH',
      reason: 'InvalidProviderConfiguration',
      message: `secretRef '${namespace}/${secretRef?.name}' has github app data but provider is not set to github`,
    })
}

/**
 * Fetches what the GitRepository names, within `spec.timeout`.
 * @throws Fault SOURCE_FETCH
 */
export async function checkOut(
  run: GitRun,
  access: GitAccess,
  have: Artifact | undefined,
): Promise<GitCheckout | 'unchanged'> {
  const { spec } = run.object
  try {
    const late = { reason: 'GitOperationFailed', words: CHECKOUT_WORDS }
    const check = (signal: AbortSignal): Promise<GitCheckout | 'unchanged'> =>
      run.context.fetcher.git({
        ...access,
        ref: spec.ref ?? {},
        recurseSubmodules: spec.recurseSubmodules ?? false,
        ...(spec.sparseCheckout === undefined ? {} : { sparseCheckout: spec.sparseCheckout }),
        ...(have === undefined ? {} : { have: have.revision }),
        signal,
      })
    return await withTimeout(run, check, late)
  } catch (error) {
    if (run.signal.aborted || !isFault(error) || error.code.startsWith('SOURCE_')) throw error
    throw explain(run, error)
  }
}

const LATE = 'context deadline exceeded'

/**
 * Does something within `spec.timeout`, without holding a worker. What was ended in the middle, and
 * says nothing of it, is a fault of the reason and the words given.
 */
export function withTimeout<T>(
  run: AnyRun,
  act: (signal: AbortSignal) => Promise<T>,
  late: { readonly reason: string; readonly words: string },
): Promise<T> {
  const { gate, waiting } = run.context
  waiting.add(run)
  return run.parked(() =>
    gate(keyOf(run.object), () => {
      waiting.delete(run)
      return timed(run, act, late)
    }),
  )
}

async function timed<T>(
  run: AnyRun,
  act: (signal: AbortSignal) => Promise<T>,
  { reason, words }: { readonly reason: string; readonly words: string },
): Promise<T> {
  const timeout = new AbortController()
  const ms = parseDuration(run.object.spec.timeout ?? '') ?? TIMEOUT_MS
  const cancel = run.context.clock.after(ms, () => timeout.abort(new Error(LATE)))
  try {
    return await act(AbortSignal.any([run.signal, timeout.signal]))
  } catch (error) {
    if (isFault(error) || run.signal.aborted || !timeout.signal.aborted) throw error
    throw halt({ code: 'SOURCE_FETCH', reason, message: `${words}: ${LATE}`, cause: error })
  } finally {
    cancel()
  }
}

/** What a fault of the fetcher means for the object. */
function explain(run: GitRun, fault: Fault): Fault {
  const { code, message, retry } = fault
  const base = { code: 'SOURCE_FETCH', cause: fault } as const
  if (code === 'GIT_URL')
    return halt({
      ...base,
      reason: 'URLInvalid',
      message: `failed to parse url '${run.object.spec.url}': ${message}`,
      retry: { kind: 'stalled' },
    })
  if (code === 'GIT_CREDENTIALS')
    return halt({
      ...base,
      reason: 'AuthenticationFailed',
      message: `failed to configure authentication options: ${message}`,
    })
  const { namespace = '' } = run.object.metadata
  if (code === 'GIT_LOCKED')
    return halt({
      ...base,
      reason: 'AuthenticationFailed',
      message: `SSH identity key is encrypted but no 'password' field was provided in the secret '${namespace}/${run.object.spec.secretRef?.name}'`,
    })
  if (code === 'GIT_PROXY')
    return halt({
      ...base,
      reason: 'AuthenticationFailed',
      message: `failed to configure proxy options: secret '${namespace}/${run.object.spec.proxySecretRef?.name}': ${message}`,
    })
  if (code === 'GIT_EMPTY')
    return halt({ ...base, reason: 'EmptyGitRepository', message: 'git repository is empty' })
  if (code === 'GIT_SPARSE')
    return halt({
      ...base,
      reason: 'GitOperationFailed',
      message: `failed to sparse checkout directories : ${message}`,
    })
  return halt({
    ...base,
    reason: 'GitOperationFailed',
    message: `${CHECKOUT_WORDS}: ${message}`,
    retry: UNCHANGING_REFS.has(code) ? { kind: 'backoff' } : retry,
  })
}
