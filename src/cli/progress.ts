import { idText } from '../object/index.ts'
import type { Io } from './io.ts'
import type { Standing } from './settled.ts'

/** Shows the way of each Kustomization to Ready. */
export interface Progress {
  /** Takes in where all stand now; shows what changed. */
  update(standings: readonly Standing[]): void
  /** Says a line of its own. */
  say(line: string): void
}

const MARKS: Readonly<Record<Standing['state'], string>> = {
  ready: '✔ ready',
  failed: '✘ failed',
  waiting: '· waiting',
  running: '◌ running',
  suspended: '‖ suspended',
}

/** A live table on a terminal, one line an event otherwise. `since` is in ms of the same clock as `now`. */
export function createProgress(io: Io, now: () => number): Progress {
  const start = now()
  const elapsed = (): string => `${((now() - start) / 1000).toFixed(1)}s`.padStart(6)
  return io.columns === undefined ? lines(io, elapsed) : table(io, elapsed, io.columns)
}

function lines(io: Io, elapsed: () => string): Progress {
  const last = new Map<string, string>()
  return {
    say: (line) => io.out(`${line}\n`),
    update: (standings) => {
      for (const each of standings) {
        const text = `${MARKS[each.state]}  ${firstLine(each.message)}`
        if (last.get(idText(each)) === text) continue
        last.set(idText(each), text)
        io.out(`${elapsed()}  ${idText(each)}  ${text}\n`)
      }
    },
  }
}

function table(io: Io, elapsed: () => string, columns: number): Progress {
  let drawn = 0
  let shown: readonly Standing[] = []
  const draw = (): void => {
    const width = Math.max(...shown.map((each) => idText(each).length), 4)
    const rows = shown.map((each) => {
      const row = `${idText(each).padEnd(width)}  ${MARKS[each.state].padEnd(11)}  ${firstLine(each.message)}`
      return row.length > columns ? `${row.slice(0, columns - 1)}…` : row
    })
    const clear = drawn === 0 ? '' : `\u001b[${drawn}A\u001b[J`
    io.out(`${clear}${rows.map((row) => `${row}\n`).join('')}`)
    drawn = rows.length
  }
  return {
    say: (line) => {
      const clear = drawn === 0 ? '' : `\u001b[${drawn}A\u001b[J`
      io.out(`${clear}${line.slice(0, columns * 4)}\n`)
      drawn = 0
      if (shown.length > 0) draw()
    },
    update: (standings) => {
      if (JSON.stringify(standings) === JSON.stringify(shown)) return
      const news = standings.filter(
        (each) => each.state === 'failed' && !shown.some((old) => old.message === each.message),
      )
      shown = standings
      draw()
      for (const each of news)
        if (each.message.length + 20 > columns)
          io.out(`${elapsed()}  ${idText(each)}: ${each.message.trim()}\n`)
      if (news.length > 0) drawn = 0
    },
  }
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? ''
}
