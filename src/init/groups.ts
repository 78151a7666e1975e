/** Which table holds groups, and which says who is a member: there are no groups without members. */
import type { Catalog, SurveyedColumn, SurveyedTable } from '../sources/survey.js'
import { isUnique, spelled } from './columns.js'
import { linksTo } from './links.js'
import { keyOf } from './people.js'
import { GROUPS, LEFTOVERS, likeness, tableLikeness, wordsOf } from './words.js'

export interface Groups {
  readonly table: SurveyedTable
  readonly key: SurveyedColumn
  /** Holds what they are called. */
  readonly name: SurveyedColumn
  readonly members: Membership
  readonly score: number
  readonly why: readonly string[]
}

/** Rows of which each says that somebody is a member; of the people's own table where each is in one group at most. */
export interface Membership {
  readonly table: SurveyedTable
  readonly group: SurveyedColumn
  readonly person: SurveyedColumn
  readonly isDeclared: boolean
}

const NAMES: readonly string[] = [
  ...['name', 'groupname', 'rolename', 'teamname', 'title', 'displayname', 'label', 'code', 'slug', 'cn'],
  ...[
    'bezeichnung',
    'gruppenname',
    'gruppe',
    'libelle',
    'nom',
    'intitule',
    'nombre',
    'nome',
    'naam',
    'navn',
    'namn',
  ],
  ...['group', 'role', 'authority', 'rolle', 'groupe', 'grupo'],
]

/** Less is something else that people have to do with: orders, posts. */
const LEAST = 50

/** Tables that may hold groups, best first. */
export function groupTables(
  { tables }: Catalog,
  people: SurveyedTable,
  personKey: SurveyedColumn,
): readonly Groups[] {
  const named = [...tables.values()].flatMap((table) => {
    const byName = table === people ? 0 : tableLikeness(table.name, GROUPS)
    const key = byName === 0 ? undefined : keyOf(table)?.column
    const name = key && nameOf(table)
    return key === undefined || name === undefined ? [] : [{ table, key, name, byName }]
  })
  // Only tables that lead to people can say who is a member.
  const leading = [...tables.values()].flatMap((table) => {
    const links = table === people ? [] : linksTo(table, people, personKey)
    return table.columns.length > 12 || links[0] === undefined ? [] : [{ table, person: links[0] }]
  })
  return named
    .flatMap(({ table, key, name, byName }): Groups[] => {
      const joined = leading.flatMap(({ table: join, person }): Scored[] => {
        if (join === table) return []
        const link = linksTo(join, table, key).find(({ column }) => column.name !== person.column.name)
        if (link === undefined) return []
        const isDeclared = person.isDeclared && link.isDeclared
        const members = { table: join, group: link.column, person: person.column, isDeclared }
        return [{ members, score: membershipScore(members) }]
      })
      const [own] = linksTo(people, table, key)
      const direct: Scored[] =
        own === undefined
          ? []
          : [
              {
                members: { table: people, group: own.column, person: personKey, isDeclared: own.isDeclared },
                score: own.isDeclared ? 12 : 6,
              },
            ]
      const [best] = [...joined, ...direct].sort((a, b) => b.score - a.score)
      if (best === undefined) return []
      const score =
        45 * byName + best.score + (isUnique(table, name.name) ? 5 : 0) - (table.rows === 0 ? 5 : 0)
      return score < LEAST
        ? []
        : [{ table, key, name, members: best.members, score, why: whyOf(best.members) }]
    })
    .sort((a, b) => b.score - a.score)
}

interface Scored {
  readonly members: Membership
  readonly score: number
}

function membershipScore({ table, group, person, isDeclared }: Membership): number {
  const isKey = table.unique.some(
    (set) => set.length === 2 && set.includes(group.name) && set.includes(person.name),
  )
  const isLeftOver = wordsOf(table.name).some((word) => LEFTOVERS.has(word))
  return (
    15 +
    (isDeclared ? 12 : 0) +
    (isKey ? 10 : 0) -
    Math.max(0, table.columns.length - 3) -
    (isLeftOver ? 25 : 0)
  )
}

function whyOf({ table, group, person, isDeclared }: Membership): readonly string[] {
  const how = isDeclared ? 'foreign keys lead' : 'names of columns lead'
  return [`its name says so; ${how} from ${table.name}.${group.name} to it and by ${person.name} to people`]
}

function nameOf(table: SurveyedTable): SurveyedColumn | undefined {
  const columns = spelled(table).flatMap(([column, spellings]) => {
    const like = column.kind === 'text' ? likeness(spellings, NAMES) : 0
    return like === 0 ? [] : [{ column, score: like + (isUnique(table, column.name) ? 0.5 : 0) }]
  })
  return columns.sort((a, b) => b.score - a.score)[0]?.column
}
