/** The results as Markdown. */
import { aligned } from '../table.js'
import type { Figures } from './measure.js'

/** A row per case: the CPU of each target, and how many times the bare handler's the last one's is. */
export function markdown({ title, rows }: Figures): string {
  const names = [...(rows[0]?.cpu.keys() ?? [])]
  const lines = rows.map(({ title, cpu }) => {
    const all = [...cpu.values()]
    const [bare = Number.NaN] = all
    const others = all.slice(1).map((us) => (us / bare).toFixed(2))
    return [title, ...all.map((us) => us.toLocaleString('en-US')), ...others]
  })
  const head = ['CPU in µs per request', ...names, ...names.slice(1).map((name) => `${name} / bare`)]
  return [`### ${title}`, '', ...aligned([head, ...lines])].join('\n')
}
