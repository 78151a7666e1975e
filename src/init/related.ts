/** Attributes whose values stand in other tables: a row per address or number, or a row per named attribute. */
import type { AttributeSpec } from '../mapping/schema.js'
import type { Catalog, Survey, SurveyedColumn, SurveyedTable } from '../sources/survey.js'
import { isUnique, spelled } from './columns.js'
import { addresses, numbersOfPhones, ratio, Sampled, type Share } from './evidence.js'
import { linksTo } from './links.js'
import {
  COLUMNS,
  type Known,
  LEFTOVERS,
  likeness,
  NAME_OF_ATTRIBUTE,
  spellingsOf,
  VALUE_OF_ATTRIBUTE,
  wordsOf,
} from './words.js'

export interface Related {
  readonly attribute: Known
  readonly spec: AttributeSpec
  /** Table and column. */
  readonly from: string
  readonly why: string
}

/** Rows of a table of named attributes that are read to know the names. */
const NAMED_ROWS = 3000
const ROWS = 100
/** Tables that are looked into. */
const MOST_TABLES = 30

/** What may stand in rows of their own, besides addresses. */
const NUMBERS: readonly Known[] = ['telephoneNumber', 'mobile', 'facsimileTelephoneNumber']
/** What tables of telephone numbers call those of the desk. */
const AT_WORK: readonly string[] = [
  ...[
    'work',
    'office',
    'business',
    'main',
    'landline',
    'phone',
    'telephone',
    'desk',
    'dienstlich',
    'buro',
    'arbeit',
  ],
  ...[
    'geschaftlich',
    'festnetz',
    'telefon',
    'bureau',
    'fixe',
    'travail',
    'professionnel',
    'trabajo',
    'oficina',
    'ufficio',
  ],
]
/** What is looked for among named attributes. */
const NAMED: readonly Known[] = [
  ...([
    'givenName',
    'sn',
    'displayName',
    'mail',
    'telephoneNumber',
    'mobile',
    'title',
    'description',
  ] as const),
  ...(['street', 'l', 'postalCode', 'o', 'ou', 'employeeNumber', 'roomNumber', 'preferredLanguage'] as const),
]

export async function relatedOf(
  { tables }: Catalog,
  people: SurveyedTable,
  key: SurveyedColumn,
  survey: Survey,
): Promise<readonly Related[]> {
  const found: Related[] = []
  const leading = [...tables.values()].flatMap((table) => {
    if (table === people || table.isView) return []
    if (wordsOf(table.name).some((word) => LEFTOVERS.has(word))) return []
    const [link] = linksTo(table, people, key)
    return link === undefined ? [] : [{ table, owner: link.column }]
  })
  for (const { table, owner } of leading.slice(0, MOST_TABLES)) {
    const listed = await listedIn(table, owner, survey)
    const named = listed.length > 0 ? undefined : namedAttributes(table, owner)
    found.push(...listed)
    if (named !== undefined) found.push(...(await attributesIn(table, owner, named, survey)))
  }
  return found
}

interface Named {
  readonly name: SurveyedColumn
  readonly value: SurveyedColumn
}

/** The columns of name and value, in a table that has little else. */
function namedAttributes(table: SurveyedTable, owner: SurveyedColumn): Named | undefined {
  const best = (known: readonly string[]) =>
    spelled(table)
      .filter(([column]) => column.kind === 'text' && column !== owner && !isUnique(table, column.name))
      .map(([column, spellings]) => ({ column, like: likeness(spellings, known) }))
      .filter(({ like }) => like > 0)
      .sort((a, b) => b.like - a.like)[0]?.column
  const value = best(VALUE_OF_ATTRIBUTE)
  const name = best(NAME_OF_ATTRIBUTE.filter((one) => value === undefined || one !== value.name))
  if (name === undefined || value === undefined || name === value || table.columns.length > 6)
    return undefined
  return { name, value }
}

async function attributesIn(
  table: SurveyedTable,
  owner: SurveyedColumn,
  { name, value }: Named,
  survey: Survey,
): Promise<readonly Related[]> {
  const rows = await survey.sample(table, [name, value], NAMED_ROWS)
  const sampled = new Sampled(table, [name, value], rows)
  const names = new Map<string, number>()
  for (const [one] of sampled.pairs(name.name, value.name))
    names.set(String(one), (names.get(String(one)) ?? 0) + 1)
  // One text serves for all: `value` and `type` of a table of addresses are no names of attributes.
  return NAMED.flatMap((attribute): Related[] => {
    const [best] = [...names]
      .map(([one, count]) => ({ one, count, like: likeness(spellingsOf(one), COLUMNS[attribute]) }))
      .filter(({ like }) => like > 0)
      .sort((a, b) => b.like - a.like || b.count - a.count || (a.one < b.one ? -1 : 1))
    if (best === undefined) return []
    const spec = { table: table.name, on: owner.name, value: value.name, where: { [name.name]: best.one } }
    const why = `${name.name} says so in ${best.count} of ${rows.length} rows`
    return [{ attribute, spec, from: `${table.name}.${value.name}`, why }]
  })
}

/** A row for each address or number, in a table that is called so or has such a column. */
async function listedIn(
  table: SurveyedTable,
  owner: SurveyedColumn,
  survey: Survey,
): Promise<readonly Related[]> {
  const bare = wordsOf(table.name.slice(table.name.lastIndexOf('.') + 1)).map((word) =>
    word.replace(/(?:e?s|n)$/, ''),
  )
  const columns = spelled(table).filter(([column]) => column.kind === 'text' && column !== owner)
  const isAbout = (attribute: Known) =>
    bare.some((word) => COLUMNS[attribute].includes(word) || COLUMNS[attribute].includes(`${word}e`)) ||
    columns.some(([, spellings]) => likeness(spellings, COLUMNS[attribute]) > 0)
  // Whatever holds an address next to much else is about something else.
  if (table.columns.length > 10 || ![...NUMBERS, 'mail' as const].some(isAbout)) return []
  const texts = columns.map(([column]) => column)
  const sampled = new Sampled(table, texts, await survey.sample(table, texts, ROWS))
  const best = (test: typeof addresses) =>
    texts
      .map((column) => ({ column, share: test(sampled.values(column.name)) }))
      .filter(({ share }) => share.all > 0 && ratio(share) >= 0.8)
      .sort((a, b) => ratio(b.share) - ratio(a.share))[0]
  const parts = { table, owner, sampled }
  const mail = isAbout('mail') ? best(addresses) : undefined
  if (mail !== undefined) return [listed('mail', { ...parts, ...mail }, 'look like addresses')]
  const number = NUMBERS.some(isAbout) ? best(numbersOfPhones) : undefined
  if (number === undefined) return []
  const kind = columns.find(
    ([column, spellings]) => column !== number.column && likeness(spellings, NAME_OF_ATTRIBUTE) > 0,
  )?.[0]
  const kinds = kind === undefined ? [] : [...new Set(sampled.values(kind.name).map(String))].sort()
  const some = NUMBERS.flatMap((attribute): Related[] => {
    const known = attribute === 'telephoneNumber' ? AT_WORK : COLUMNS[attribute]
    const own = kinds.filter((one) => likeness(spellingsOf(one), known) > 0)
    const [only, ...more] = own
    if (kind === undefined || only === undefined) return []
    const where = { [kind.name]: more.length === 0 ? only : own }
    return [listed(attribute, { ...parts, ...number }, 'look like telephone numbers', where)]
  })
  if (some.length > 0) return some
  const attribute = isAbout('telephoneNumber') || !isAbout('mobile') ? 'telephoneNumber' : 'mobile'
  return [listed(attribute, { ...parts, ...number }, 'look like telephone numbers')]
}

interface Listed {
  readonly table: SurveyedTable
  readonly owner: SurveyedColumn
  readonly column: SurveyedColumn
  readonly share: Share
}

function listed(
  attribute: Known,
  { table, owner, column, share }: Listed,
  what: string,
  where?: Record<string, string | string[]>,
): Related {
  const only = Object.values(where ?? {})
    .map((kinds) => ` where it is ${[kinds].flat().join(' or ')}`)
    .join('')
  return {
    attribute,
    spec: { table: table.name, on: owner.name, value: column.name, ...(where !== undefined && { where }) },
    from: `${table.name}.${column.name}${only}`,
    why: `${share.some} of ${share.all} samples ${what}, each of the one whom ${owner.name} names`,
  }
}
