/** Which tables hold people, best first, and by which column their rows are told apart. */
import type { Catalog, SurveyedColumn, SurveyedTable } from '../sources/survey.js'
import { spelled } from './columns.js'
import { isDistinct, type Sampled } from './evidence.js'
import {
  COLUMNS,
  DISABLED,
  ENABLED,
  LEFTOVERS,
  LESS_LIKELY_PEOPLE,
  likeness,
  PEOPLE,
  tableLikeness,
  wordsOf,
} from './words.js'

export interface PeopleTable {
  readonly table: SurveyedTable
  readonly score: number
  readonly why: readonly string[]
}

/** Less is no table of people. */
const LEAST = 45

/** What speaks for people in names of columns, and how much. */
const signs: readonly (readonly [readonly string[], number, string])[] = [
  [COLUMNS.userPassword, 22, 'a password'],
  [COLUMNS.mail, 15, 'an address'],
  [COLUMNS.uid, 12, 'a log-in name'],
  [COLUMNS.sn, 14, 'a family name'],
  [COLUMNS.givenName, 10, 'a given name'],
  [COLUMNS.displayName, 4, 'a name'],
  [ENABLED, 3, ''],
  [DISABLED, 3, ''],
]

/** Tables that may hold people, as names, keys and references tell. */
export function peopleTables({ tables }: Catalog): readonly PeopleTable[] {
  const referred = new Map<string, number>()
  for (const { name, foreignKeys } of tables.values())
    for (const target of new Set(foreignKeys.map(({ table }) => table)))
      if (target !== name) referred.set(target, (referred.get(target) ?? 0) + 1)
  return [...tables.values()]
    .flatMap((table) => {
      const scored = scoreOf(table, referred.get(table.name) ?? 0)
      return scored.score < LEAST ? [] : [scored]
    })
    .sort((a, b) => b.score - a.score)
}

function scoreOf(table: SurveyedTable, references: number): PeopleTable {
  const why: string[] = []
  const byName = tableLikeness(table.name, PEOPLE)
  const less = tableLikeness(table.name, LESS_LIKELY_PEOPLE)
  let score = Math.max(40 * byName, 22 * less)
  if (score > 0) why.push('its name says so')
  const columns = spelled(table)
  const seen: string[] = []
  const used = new Set<SurveyedColumn>()
  for (const [known, weight, what] of signs) {
    const found = columns
      .filter(([column]) => !used.has(column) && column.kind !== 'binary')
      .map(([column, spellings]) => ({ column, like: likeness(spellings, known) }))
      .sort((a, b) => b.like - a.like)[0]
    if (found === undefined || found.like === 0) continue
    used.add(found.column)
    score += weight * found.like
    if (what !== '') seen.push(what)
  }
  if (seen.length > 0) why.push(`it has ${seen.join(', ')}`)
  if (references > 0) {
    score += Math.min(8, 2 * references)
    why.push(`${references} other ${references === 1 ? 'table refers' : 'tables refer'} to it`)
  }
  if (wordsOf(table.name).some((word) => LEFTOVERS.has(word))) score -= 30
  if (table.isView) score -= 4
  if (table.rows === 0) score -= 8
  if (keyOf(table) === undefined) score -= 15
  return { table, score, why }
}

export interface Key {
  readonly column: SurveyedColumn
  readonly why: string
  /** What is to be said where nothing sees to it that it is one. */
  readonly doubt?: string
}

const canBeKey = ({ kind, type }: SurveyedColumn) =>
  ['integer', 'text', 'uuid', 'binary'].includes(kind) && !/^(?:enum|set)\(/i.test(type)

/** The column that tells rows apart; undefined where no single one does. */
export function keyOf(table: SurveyedTable, sampled?: Sampled): Key | undefined {
  const named = new Map(table.columns.map((column) => [column.name, column]))
  const [only, ...more] = table.key
  const primary = only === undefined || more.length > 0 ? undefined : named.get(only)
  if (primary !== undefined && canBeKey(primary)) return { column: primary, why: 'the primary key' }
  const unique = table.unique
    .flatMap((set) => (set.length === 1 ? (named.get(set[0] ?? '') ?? []) : []))
    .filter((column) => canBeKey(column) && !column.nullable)
    .map((column) => ({ column, like: (column.kind === 'text' ? 0 : 1) + (isId(table, column) ? 2 : 0) }))
    .sort((a, b) => b.like - a.like)[0]?.column
  if (unique !== undefined) return { column: unique, why: 'it is unique and never NULL' }
  const likely = table.columns.find((column) => canBeKey(column) && isId(table, column))
  if (likely === undefined) return undefined
  const values = sampled?.values(likely.name)
  if (values !== undefined && (values.length < (sampled?.size ?? 0) || !isDistinct(values))) return undefined
  return {
    column: likely,
    why: 'its name says so',
    doubt: `no key says that ${table.name}.${likely.name} is unique and never NULL: make sure of it`,
  }
}

function isId(table: SurveyedTable, column: SurveyedColumn): boolean {
  const spellings = spelled(table).find(([one]) => one === column)?.[1]
  return IDS.some((id) => spellings?.has(id) === true)
}

const IDS: readonly string[] = ['id', 'nr', 'no', 'key', 'pk', 'oid', 'uuid', 'guid', 'num', 'number', 'uid']
