/** The results as Markdown. */
import type { Unit } from './lgen.js'
import type { Facts } from './machine.js'
import { type Row, ratio } from './summary.js'

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
  readonly cases: readonly CaseResult[]
}

/** The servers that the others are compared with. */
export const references = ['slapd mdb', 'back-sql on MariaDB', 'back-ldap'] as const

export function markdown(results: Results): string {
  const { date, machine, users, rounds, seconds, foreign, cases } = results
  const versions = Object.entries(machine).map(([name, value]) => `- ${name}: ${value}`)
  return [
    `Measured on ${date}: ${number(users)} people, ${rounds} rounds of ${seconds} s, medians.`,
    `Programs that were no part of it used ${foreign} cores meanwhile.`,
    '',
    ...versions,
    '',
    ...cases.flatMap(table),
  ].join('\n')
}

function table({ title, unit, rows }: CaseResult): readonly string[] {
  const per = unit === 'op' ? 'operation' : 'entry'
  const found = references.map((name) => rows.find((row) => row.target === name))
  const head = [
    'server',
    unit === 'op' ? 'ops/s' : 'entries/s',
    'p50 ms',
    'server µs',
    'database µs',
    'peak MB',
    ...['mdb', 'back-sql', 'back-ldap'].flatMap((name) => [`rate / ${name}`, `CPU / ${name}`]),
  ]
  const lines = rows.map((row) => [
    row.target,
    number(row.rate),
    number(row.p50),
    number(row.serverCpu),
    row.databaseCpu === undefined ? '' : number(row.databaseCpu),
    number(row.peakMemory),
    ...found.flatMap((reference) => {
      if (reference === undefined) return ['', '']
      const { rate, cpu } = ratio(row, reference)
      return [times(rate), times(cpu)]
    }),
  ])
  return [`### ${title}`, '', `CPU in µs per ${per}.`, '', ...aligned([head, ...lines]), '']
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

const number = (value: number) => value.toLocaleString('en-US', { maximumSignificantDigits: 6 })
const times = (value: number) =>
  value.toLocaleString('en-US', { maximumSignificantDigits: value < 10 ? 2 : 3 })
