/** Columns by which rows of one table belong to rows of another: by foreign keys, else by what they are called. */
import type { SurveyedColumn, SurveyedTable } from '../sources/survey.js'
import { isMappable } from './columns.js'
import { singular, wordsOf } from './words.js'

export interface Link {
  readonly column: SurveyedColumn
  /** Is there a foreign key, or only a name? */
  readonly isDeclared: boolean
}

/** The columns of a table that hold keys of another; declared ones first. */
export function linksTo(from: SurveyedTable, to: SurveyedTable, key: SurveyedColumn): readonly Link[] {
  const columns = from.columns.filter(isMappable)
  const declared = from.foreignKeys.flatMap(({ columns: own, table, targets }) =>
    table === to.name && own.length === 1 && targets[0] === key.name ? own : [],
  )
  const links = declared.flatMap((name): Link[] => {
    const column = columns.find((one) => one.name === name)
    return column === undefined ? [] : [{ column, isDeclared: true }]
  })
  if (links.length > 0) return links
  const names = namesOf(to, key)
  const elsewhere = new Set(from.foreignKeys.flatMap(({ columns: own }) => own))
  return columns
    .filter((column) => column.kind === key.kind && !elsewhere.has(column.name))
    .filter(({ name }) => names.has(wordsOf(name).join('')))
    .map((column) => ({ column, isDeclared: false }))
}

/** How others call the key of a table: `user_id`, `userId`, `id_user`, `user`. */
function namesOf(table: SurveyedTable, key: SurveyedColumn): ReadonlySet<string> {
  const all = wordsOf(table.name.slice(table.name.lastIndexOf('.') + 1))
  const own = wordsOf(key.name).join('')
  const names = new Set<string>()
  const forms = [all, all.slice(-1), all.slice(1)].filter((form) => form.length > 0)
  for (const form of forms) {
    const last = form.at(-1) ?? ''
    for (const end of new Set([last, singular(last), last.replace(/(?<=.{3})(?:en|er|e|n|s)$/, '')])) {
      const name = [...form.slice(0, -1), end].join('')
      for (const id of new Set([own, 'id', 'nr', 'no', 'fk'])) {
        names.add(name + id)
        names.add(id + name)
      }
      names.add(name)
    }
  }
  // A key that names its table already, as `user_id` of `users` does.
  if (own.length > 4) names.add(own)
  return names
}
