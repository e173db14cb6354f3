/** Receivers: webhooks that ask for reconciliations. A call does nothing before it is known to be genuine. */
export type { ReceiverController, ReceiverDeps, ReceiverOptions } from './context.ts'
export { createReceiverController } from './controller.ts'
