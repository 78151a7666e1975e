/** The results as Markdown. */
import { type Goal, names, onDatabase } from './goals.js'
import type { Facts } from './machine.js'
import type { Unit } from './measurement.js'
import type { Memory } from './memory.js'
import { number, type Row, ratio } from './summary.js'

export interface CaseResult {
  readonly title: string
  readonly unit: Unit
  readonly rows: readonly Row[]
}

export interface Results {
  readonly date: string
  readonly machine: Facts
  readonly users: number
  readonly rounds: number
  readonly seconds: number
  /** Cores that were busy with other programs, median of all runs. */
  readonly foreign: number
  readonly goals: readonly Goal[]
  readonly cases: readonly CaseResult[]
  readonly memory: readonly Memory[]
}

/** Those with whom the others are compared where they take part, by what they are called in the head of a column. */
const references: readonly (readonly [string, string])[] = [
  ['mdb', names.mdb],
  ['back-sql', onDatabase[0].backSql],
  ['back-ldap', names.backLdap],
  ['fastify', names.fastify],
  ['scimmy', names.scimmy],
]

export function markdown(results: Results): string {
  const { date, machine, users, rounds, seconds, foreign, goals, cases, memory } = results
  const versions = Object.entries(machine).map(([name, value]) => `- ${name}: ${value}`)
  return [
    `Measured on ${date}: ${number(users)} people, ${rounds} rounds of ${seconds} s, medians.`,
    `Programs that were no part of it used ${foreign} cores meanwhile.`,
    '',
    ...versions,
    '',
    ...goalTable(goals),
    ...cases.flatMap(table),
    ...memoryTable(memory),
  ].join('\n')
}

function goalTable(goals: readonly Goal[]): readonly string[] {
  const head = ['what', 'on', 'measure', 'target', 'measured', 'met', 'of']
  const lines = goals.map(({ what, on, measure, is, bound, measured, isMet, figures }) => [
    what,
    on,
    measure,
    `${is === 'least' ? '≥' : '≤'} ${bound}`,
    number(measured),
    isMet ? 'yes' : 'no',
    figures,
  ])
  const met = goals.filter(({ isMet }) => isMet).length
  return ['### Targets', '', `${met} of ${goals.length} are met.`, '', ...aligned([head, ...lines]), '']
}

function table({ title, unit, rows }: CaseResult): readonly string[] {
  const per = unit === 'op' ? 'operation' : 'entry'
  const found = references.flatMap(([short, name]) => {
    const reference = rows.find((row) => row.target === name)
    return reference === undefined ? [] : { short, reference }
  })
  const head = [
    'server',
    unit === 'op' ? 'ops/s' : 'entries/s',
    'p50 ms',
    'server µs',
    'database µs',
    'peak MB',
    ...found.flatMap(({ short }) => [`rate / ${short}`, `CPU / ${short}`]),
  ]
  const lines = rows.map((row) => [
    row.target,
    number(row.rate),
    number(row.p50),
    number(row.serverCpu),
    row.databaseCpu === undefined ? '' : number(row.databaseCpu),
    number(row.peakMemory),
    ...found.flatMap(({ reference }) => {
      const { rate, cpu } = ratio(row, reference)
      return [times(rate), times(cpu)]
    }),
  ])
  return [`### ${title}`, '', `CPU in µs per ${per}.`, '', ...aligned([head, ...lines]), '']
}

function memoryTable(memory: readonly Memory[]): readonly string[] {
  const head = ['MB', 'idle', 'one answer', 'pages', 'one answer, a client stalled']
  const lines = memory.map(({ target, idle, dump, pages, stalled }) => [
    target,
    ...[idle, dump, pages, stalled].map(String),
  ])
  const what = 'Of a process that does nothing else; the most there was, but for “idle”.'
  return ['### Memory while all people are read', '', what, '', ...aligned([head, ...lines]), '']
}

/** Columns as wide as their widest cell; all but the first to the right. */
export function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows[0]?.map((_, i) => Math.max(3, ...rows.map((row) => row[i]?.length ?? 0))) ?? []
  const lines = rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))),
  )
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return lines.toSpliced(1, 0, rule).map((cells) => `| ${cells.join(' | ')} |`)
}

const times = (value: number) =>
  value.toLocaleString('en-US', { maximumSignificantDigits: value < 10 ? 2 : 3 })
