import type { GitCheckout } from '../../api/index.ts'
import { type Fault, messageOf } from '../../base/index.ts'
import { verificationMode } from './content.ts'
import type { GitRun } from './context.ts'
import { halt } from './halt.ts'
import { emit } from './record.ts'
import { readSecret } from './secrets.ts'
import { type TrustedKeys, verifySignature } from './signature.ts'

/**
 * Checks the signatures that `spec.verify` asks for and says so in SourceVerified.
 * @throws Fault SOURCE_VERIFY
 * @see source-controller gitrepository_controller.go verifySignature (v1.9.1)
 */
export async function verifyCheckout(run: GitRun, checkout: GitCheckout): Promise<void> {
  const { spec } = run.object
  const mode = verificationMode(spec)
  if (spec.verify === undefined || mode === undefined) {
    run.draft.status.sourceVerificationMode = undefined
    run.draft.remove('SourceVerified')
    return
  }
  const keys = await readKeys(run, spec.verify.secretRef.name)
  const verified: string[] = []
  if (mode !== 'HEAD') verified.push(await verifyTag(run, checkout, keys))
  if (mode !== 'Tag') verified.push(await verifyCommit(run, checkout, keys))
  const message = `verified signature of\n\t- ${verified.join('\n\t- ')}`
  run.draft.status.sourceVerificationMode = mode
  run.draft.mark('SourceVerified', 'True', 'Succeeded', message)
  emit(run, { reason: 'Succeeded', message, isTrace: true })
}

async function readKeys(run: GitRun, name: string): Promise<TrustedKeys> {
  const secret = await readSecret(run, name, (message) =>
    refuse('VerificationError', `public keys secret error: ${message}`),
  )
  const entries = Object.entries(secret).map(
    ([key, value]) => [key, Buffer.from(value).toString()] as const,
  )
  const isSsh = ([key]: readonly [string, string]): boolean => key.endsWith('.sshpub')
  return {
    pgp: entries.filter((entry) => !isSsh(entry)).map(([, value]) => value),
    ssh: entries.filter(isSsh).map(([, value]) => value),
  }
}

async function verifyTag(run: GitRun, checkout: GitCheckout, keys: TrustedKeys): Promise<string> {
  const { tag } = checkout
  if (tag === undefined)
    throw halt({
      code: 'SOURCE_VERIFY',
      reason: 'InvalidVerificationMode',
      message: "cannot verify tag object's signature if a tag reference is not specified",
      retry: { kind: 'stalled' },
    })
  const title = tag.signed === undefined ? `tag '${tag.name}'` : `tag '${tag.name}@${tag.oid}'`
  if (tag.signed === undefined || tag.signed.signature === '')
    throw refuse('InvalidGitObject', `cannot verify signature of ${title} since it is not signed`)
  const key = await check(run, { signed: tag.signed, title, reason: 'InvalidTagSignature' }, keys)
  return `${title} with key '${key}'`
}

async function verifyCommit(
  run: GitRun,
  checkout: GitCheckout,
  keys: TrustedKeys,
): Promise<string> {
  const title = `commit '${checkout.commit}'`
  const { signed } = checkout
  const key = await check(run, { signed, title, reason: 'InvalidCommitSignature' }, keys)
  return `${title} with key '${key}'`
}

async function check(
  run: GitRun,
  what: { signed: GitCheckout['signed']; title: string; reason: string },
  keys: TrustedKeys,
): Promise<string> {
  try {
    const signed = {
      ...what.signed,
      what: what.title.startsWith('tag') ? 'tag' : 'commit',
    } as const
    return await verifySignature(signed, keys, run.context.clock.now())
  } catch (error) {
    const text = `signature verification of ${what.title} failed: ${messageOf(error)}`
    throw refuse(what.reason, text)
  }
}

function refuse(reason: string, message: string): Fault {
  return halt({ code: 'SOURCE_VERIFY', reason, message })
}
