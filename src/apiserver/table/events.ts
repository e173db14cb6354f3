import { type Json, type JsonObject, valueAt } from '../../object/index.ts'
import { type Cells, count, nameOf, since, text } from './read.ts'

/** Cells of an Event, in the words of either of its two groups. */
export const eventCells: Cells = (event, now) => {
  const isCore = text(event, 'apiVersion') === 'v1'
  const about = valueAt(event, isCore ? 'involvedObject' : 'regarding')
  const name = text(about, 'name')
  const kind = text(about, 'kind').toLowerCase()
  const { first, last } = timesOf(event, now, isCore)
  return [
    last,
    text(event, 'type'),
    text(event, 'reason'),
    name === '' ? kind : `${kind}/${name}`,
    text(about, 'fieldPath'),
    sourceText(event, isCore),
    text(event, isCore ? 'message' : 'note').trim(),
    first,
    countOf(event, isCore),
    nameOf(event),
  ]
}

function timesOf(
  event: JsonObject,
  now: number,
  isCore: boolean,
): { readonly first: string; readonly last: string } {
  const time = (path: string): string => text(event, path)
  const began = time(isCore ? 'firstTimestamp' : 'deprecatedFirstTimestamp') || time('eventTime')
  const ended = time(isCore ? 'lastTimestamp' : 'deprecatedLastTimestamp') || began
  const series = valueAt(event, 'series')
  const last = series === undefined ? ended : text(series, 'lastObservedTime')
  return { first: since(began, now), last: since(last, now) }
}

function countOf(event: JsonObject, isCore: boolean): Json {
  const series = valueAt(event, 'series')
  if (series !== undefined) return count(series, 'count')
  return count(event, isCore ? 'count' : 'deprecatedCount') || 1
}

function sourceText(event: JsonObject, isCore: boolean): string {
  const source = valueAt(event, isCore ? 'source' : 'deprecatedSource')
  const reporter = text(event, isCore ? 'reportingComponent' : 'reportingController')
  const component = text(source, 'component') || reporter
  const host = text(source, 'host') || text(event, 'reportingInstance')
  return host === '' ? component : `${component}, ${host}`
}
