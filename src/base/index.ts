/**
 * The ground floor: faults, ports and small pure tools.
 * Invariant: nothing here has heard of Kubernetes, and nothing here does I/O.
 */
export {
  AUDIT_START,
  type Audit,
  type AuditChange,
  type AuditLink,
  auditLine,
  type ChangedField,
  readAuditLine,
} from './audit.ts'
export {
  type AwsScope,
  awsEncode,
  awsQuery,
  awsScopeText,
  awsSignature,
  awsStamp,
} from './aws-signature.ts'
export { type Clock, rfc3339, rfc3339Micro, sleepOn } from './clock.ts'
export { formatDuration, parseDuration } from './duration.ts'
export {
  Fault,
  type FaultInit,
  invariant,
  isFault,
  messageOf,
  type Place,
  placedMessage,
  placeText,
  type Retry,
} from './fault.ts'
export {
  baseName,
  compareText,
  dirName,
  type FileKind,
  type FileTree,
  joinPath,
  memoryTree,
} from './file-tree.ts'
export { type GoShape, goDecode } from './go-decode.ts'
export { type JsonCode, parseGoJson } from './go-json.ts'
export { type Log, type LogFields, silentLog } from './log.ts'
export {
  type MetricDefinition,
  type MetricLabels,
  type Metrics,
  noMetrics,
} from './metrics.ts'
export { pool } from './pool.ts'
export { type Random, seededRandom, uuid } from './random.ts'
export { type GoRegex, goRegex } from './regex.ts'
export type { Trace, TracedRun, TraceStage } from './trace.ts'
export { inTurns, nextTurn } from './turn.ts'
export { VirtualClock } from './virtual-clock.ts'
