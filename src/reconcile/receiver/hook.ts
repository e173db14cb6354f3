import type { HookCall, Receiver } from '../../api/index.ts'
import { Fault, isFault, type Log, messageOf } from '../../base/index.ts'
import type { Program } from '../../cel/index.ts'
import { isApiFault, type Json } from '../../object/index.ts'
import { conditionOf } from '../../plan/index.ts'
import { secretData } from '../source/secrets.ts'
import { authenticate, type Genuine } from './authenticate.ts'
import type { ReceiverContext } from './context.ts'
import { compileFilter } from './expressions.ts'
import { type ResourceFilter, wake } from './wake.ts'

/**
 * Answers a call of a webhook: 404 for a path that no Receiver has, 503 while it is suspended or not
 * ready, 400 for a call that is not genuine, 500 when something could not be woken, else 200.
 * @see notification-controller internal/server/receiver_handlers.go handlePayload (v1.9.3)
 */
export async function handleHook(context: ReceiverContext, call: HookCall): Promise<number> {
  const receiver = receiverAt(context, call.target)
  if (receiver === undefined) return 404
  const { name = '', namespace = '' } = receiver.metadata
  const log = context.log.with({ 'reconciler kind': 'Receiver', name, namespace })
  const isReady = conditionOf(receiver.status?.conditions, 'Ready')?.status === 'True'
  if (receiver.spec.suspend === true || !isReady) {
    const why = receiver.spec.suspend === true ? 'receiver is suspended' : 'receiver is not ready'
    log.error(why, { error: 'unable to process request' })
    return 503
  }
  try {
    const genuine = await check(context, receiver, call)
    if (genuine.event !== undefined) log.info(`handling event: ${genuine.event}`)
    return await wakeAll(context, { receiver, call, genuine, log })
  } catch (error) {
    if (!isFault(error)) throw error
    log.error('unable to validate payload', { error: error.message })
    return 400
  }
}

function receiverAt({ receivers }: ReceiverContext, target: string): Receiver | undefined {
  for (const receiver of receivers.list())
    if (receiver.status?.webhookPath === target) return receiver
  return undefined
}

async function check(
  context: ReceiverContext,
  receiver: Receiver,
  call: HookCall,
): Promise<Genuine> {
  const name = receiver.spec.secretRef?.name
  const secret = name === undefined ? undefined : await readToken(context, receiver, name)
  const { keys, clock } = context
  return authenticate({ receiver, call, secret, keys, nowMs: clock.now() })
}

async function readToken({ cluster }: ReceiverContext, { metadata }: Receiver, name: string) {
  const { namespace = '' } = metadata
  try {
    return secretData(
      await cluster.get({ group: '', version: 'v1', kind: 'Secret', namespace, name }),
    )
  } catch (error) {
    if (!isApiFault(error)) throw error
    const message = `unable to read secret "${namespace}/${name}": ${error.message}`
    throw new Fault({ code: 'HOOK', message, cause: error })
  }
}

interface Waking {
  readonly receiver: Receiver
  readonly call: HookCall
  readonly genuine: Genuine
  readonly log: Log
}

async function wakeAll(context: ReceiverContext, waking: Waking): Promise<number> {
  const { receiver, log } = waking
  let filters: readonly ResourceFilter[]
  try {
    filters = filtersOf(waking)
  } catch (error) {
    if (!isFault(error)) throw error
    log.error('unable to create resource filters', { error: error.message })
    return 500
  }
  const all = receiver.spec.resources.map(async (resource, i) => {
    try {
      await wake(context, { receiver, resource, log }, filters[i] ?? (() => true))
      return true
    } catch (error) {
      if (!isFault(error)) throw error
      log.error('unable to request reconciliation', { error: messageOf(error), ...resource })
      return false
    }
  })
  return (await Promise.all(all)).every((isDone) => isDone) ? 200 : 500
}

/** One for each resource: both the filter of the Receiver and that of the resource must agree. */
function filtersOf({ receiver, call, genuine }: Waking): readonly ResourceFilter[] {
  const { resourceFilter = '', resources } = receiver.spec
  const hasAny = resourceFilter !== '' || resources.some(({ filter }) => filter)
  if (!hasAny) return []
  const req = requestOf(call, genuine)
  const compiled = (text: string | undefined): readonly Program[] =>
    text === undefined || text === '' ? [] : [compileFilter(text, receiver)]
  const common = compiled(resourceFilter)
  const claims = genuine.claims === undefined ? {} : { claims: genuine.claims as Json }
  return resources.map(({ filter }) => {
    const programs = [...common, ...compiled(filter)]
    return (res) => programs.every((program) => program.evaluateBool({ res, req, ...claims }))
  })
}

/** The body as filters see it; an empty object where it is no JSON by its type. */
function requestOf({ headers }: HookCall, { body }: Genuine): Json {
  const types = (headers['content-type'] ?? '').split(',')
  const isJson = types.some(
    (type) => type.split(';')[0]?.trim().toLowerCase() === 'application/json',
  )
  if (!isJson) return {}
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString())
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json
  } catch {
    // Told below, like everything else that is no object.
  }
  throw new Fault({ code: 'HOOK', message: 'failed to parse request body as JSON' })
}
