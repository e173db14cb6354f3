/**
 * What the outside sees of the process: log, metrics, probes, events that are sent on.
 * Invariant: nothing here fails or delays the work that it reports on.
 */
export {
  type AuditTrail,
  type AuditTrailOptions,
  createAuditTrail,
} from './audit-trail.ts'
export {
  createEventPoster,
  type EventPostCode,
  type EventPosterOptions,
} from './event-poster.ts'
export { type Probe, probeEventLoop, probeWatches, type WatchProbe } from './health.ts'
export { createLog, type LogLevel, type LogOptions } from './log.ts'
export { createMetrics, type MetricsRegistry } from './metrics.ts'
export { createOtlpTrace, type OtlpOptions, type OtlpTrace } from './otlp.ts'
export { measureProcess } from './process-metrics.ts'
export { type ReportInput, reportOf } from './report.ts'
export {
  type HealthCheck,
  parseListenAddress,
  serveTelemetry,
  type TelemetryCode,
  type TelemetryServer,
  type TelemetryServerOptions,
} from './server.ts'
