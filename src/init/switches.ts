/** Which rows count as deleted, and who of the others may log in. */
import type { Conditions, EnabledSpec } from '../mapping/schema.js'
import type { Cell } from '../sources/source.js'
import type { SurveyedColumn } from '../sources/survey.js'
import { spelled } from './columns.js'
import type { Sampled } from './evidence.js'
import { ACTIVE_VALUES, DELETED, DISABLED, ENABLED, INACTIVE_VALUES, likeness, wordsOf } from './words.js'

export interface Switch<Spec> {
  readonly column: SurveyedColumn
  readonly spec: Spec
  readonly why: string
}

/** Text of at most so many kinds is a state. */
const MOST_STATES = 12

export function deletedOf(sampled: Sampled): Switch<Conditions> | undefined {
  const column = named(sampled, DELETED)[0]
  if (column === undefined) return undefined
  const { name, kind } = column
  const at = (spec: Conditions, why: string) => ({ column, spec, why: `its name says so; ${why}` })
  if (kind === 'time' || kind === 'date') return at({ [name]: null }, 'who has a time there is gone')
  if (kind === 'boolean') return at({ [name]: { not: true } }, 'who is marked is gone')
  const values = sampled.values(name)
  if (kind === 'integer' && values.every(isZeroOrOne))
    return at({ [name]: { not: 1 } }, 'who is marked with 1 is gone')
  return undefined
}

const isZeroOrOne = (value: Cell) => Number(value) === 0 || Number(value) === 1

/** @returns what lets people log in, and columns that may say it but not how */
export function enabledOf(sampled: Sampled): {
  readonly enabled?: Switch<EnabledSpec>
  readonly unclear: readonly SurveyedColumn[]
} {
  const unclear: SurveyedColumn[] = []
  const found: Switch<EnabledSpec>[] = []
  for (const column of named(sampled, ENABLED)) {
    const read = positive(column, sampled)
    if (read === undefined) unclear.push(column)
    else found.push(read)
  }
  for (const column of named(sampled, DISABLED)) {
    const read = negative(column, sampled)
    if (read === undefined) unclear.push(column)
    else found.push(read)
  }
  const [enabled, ...more] = found
  return {
    ...(enabled !== undefined && { enabled }),
    unclear: [...unclear, ...more.map(({ column }) => column)],
  }
}

function positive(column: SurveyedColumn, sampled: Sampled): Switch<EnabledSpec> | undefined {
  const { name, kind } = column
  const values = sampled.values(name)
  if (kind === 'boolean') return { column, spec: name, why: 'its name says so, and it is a truth value' }
  if (kind === 'integer') {
    // Numbers of states mean what their application says.
    if (!values.every(isZeroOrOne) || /^(?:user)?stat|^etat|^zustand|^estado/.test(wordsOf(name).join('')))
      return undefined
    return { column, spec: name, why: 'its name says so, and it is 0 or 1' }
  }
  if (kind !== 'text') return undefined
  const states = [...new Set(values.map(String))].sort()
  if (states.length === 0 || states.length > MOST_STATES) return undefined
  const known = (text: string) => wordsOf(text).join('')
  const active = states.filter((state) => ACTIVE_VALUES.has(known(state)))
  const others = states.filter((state) => !active.includes(state))
  if (active.length === 0) return undefined
  const unknown = others.filter((state) => !INACTIVE_VALUES.has(known(state)))
  const rest = others.length === 0 ? '' : `; not ${others.join(', ')}`
  return {
    column,
    spec: { column: name, equals: active.length === 1 ? (active[0] ?? '') : active },
    why: `its name says so; ${active.join(', ')} ${active.length === 1 ? 'means' : 'mean'} enabled${rest}${
      unknown.length === 0 ? '' : ` (${unknown.join(', ')}: by caution)`
    }`,
  }
}

function negative(column: SurveyedColumn, sampled: Sampled): Switch<EnabledSpec> | undefined {
  const { name, kind } = column
  const why = 'its name says so'
  if (kind === 'boolean') return { column, spec: { column: name, not: true }, why }
  if (kind === 'time' || kind === 'date')
    return { column, spec: { column: name, equals: null }, why: `${why}; who has a time there may not` }
  const values = sampled.values(name)
  if (kind === 'integer' && values.every(isZeroOrOne)) return { column, spec: { column: name, not: 1 }, why }
  return undefined
}

/** The columns that are called so, the surest first. */
function named({ table }: Sampled, known: readonly string[]): readonly SurveyedColumn[] {
  return spelled(table)
    .map(([column, spellings]) => ({ column, like: likeness(spellings, known) }))
    .filter(({ like }) => like > 0)
    .sort((a, b) => b.like - a.like)
    .map(({ column }) => column)
}
