/**
 * Draws measured.svg, which the README shows, from measured.yaml: `npm run plot`. Bars are on a
 * logarithmic scale, for the longest are hundreds of times the shortest.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { parseYaml } from '../../src/object/index.ts'

const MEASURED = z.object({
  machine: z.string(),
  charts: z.array(
    z.object({
      title: z.string(),
      unit: z.string(),
      reference: z.string(),
      command: z.string(),
      rows: z.array(
        z.object({ what: z.string(), ours: z.number().gt(0), reference: z.number().gt(0) }),
      ),
    }),
  ),
})

type Chart = z.infer<typeof MEASURED>['charts'][number]

const WIDTH = 760
const BARS_FROM = 290
const BARS_TO = 640
const ROW = 40
const BAR = 13
const HEAD = 44
const OURS = '#0b7285'
const THEIRS = '#adb5bd'

/** A file beside this one. */
function beside(name: string): string {
  return join(import.meta.dirname, name)
}

/** The picture of what measured.yaml holds. */
export function measuredSvg(): string {
  const file = beside('measured.yaml')
  const { machine, charts } = MEASURED.parse(parseYaml(readFileSync(file, 'utf8'), file)[0])
  let top = 34
  const parts = charts.map((chart) => {
    const drawn = chartSvg(chart, top)
    top += HEAD + chart.rows.length * ROW + 12
    return drawn
  })
  const about = `Shorter is better; logarithmic scale; each pair on one machine (${machine})`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" font-family="system-ui, sans-serif" font-size="13" fill="#212529" role="img" aria-label="Tidegate beside the references">
<rect width="${WIDTH}" height="${top}" fill="#fff"/>
<text x="16" y="24" fill="#495057">${escaped(about)}</text>
${parts.join('\n')}
</svg>
`
}

function chartSvg({ title, unit, reference, rows }: Chart, top: number): string {
  const values = rows.flatMap((row) => [row.ours, row.reference])
  const [low, high] = [Math.min(...values) / 2, Math.max(...values)]
  const widthOf = (value: number): number =>
    Math.round(((BARS_TO - BARS_FROM) * Math.log(value / low)) / Math.log(high / low))
  const bar = (value: number, y: number, colour: string, more = ''): string =>
    `<rect x="${BARS_FROM}" y="${y}" width="${widthOf(value)}" height="${BAR}" fill="${colour}"/>` +
    `<text x="${BARS_FROM + widthOf(value) + 6}" y="${y + 11}" font-size="12">${value} ${unit}${more}</text>`
  const lines = rows.map((row, i) => {
    const y = top + HEAD + i * ROW
    return (
      `<text x="${BARS_FROM - 10}" y="${y + 18}" text-anchor="end">${escaped(row.what)}</text>` +
      bar(row.ours, y, OURS) +
      bar(row.reference, y + BAR + 2, THEIRS, ratioText(row))
    )
  })
  return `<text x="16" y="${top + 22}" font-weight="600">${escaped(title)}</text>
<rect x="${WIDTH - 240}" y="${top + 12}" width="10" height="10" fill="${OURS}"/><text x="${WIDTH - 225}" y="${top + 21}" font-size="12">Tidegate</text>
<rect x="${WIDTH - 160}" y="${top + 12}" width="10" height="10" fill="${THEIRS}"/><text x="${WIDTH - 145}" y="${top + 21}" font-size="12">${escaped(reference)}</text>
${lines.join('\n')}`
}

function ratioText({ ours, reference }: Chart['rows'][number]): string {
  const times = reference / ours
  return ` (${times < 10 ? times.toFixed(1) : times.toFixed(0)}x)`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

if (process.argv[1] === import.meta.filename) writeFileSync(beside('measured.svg'), measuredSvg())
