/** A mapping of people and of their groups, proposed for a database that nobody knows, with the reasons for each choice. */
import type { AttributeSpec } from '../mapping/schema.js'
import type { Catalog, Survey, SurveyedTable } from '../sources/survey.js'
import { chooseColumns, hashesText, isMappable } from './columns.js'
import { hashes, Sampled } from './evidence.js'
import { type Groups, groupTables } from './groups.js'
import { keyOf, type PeopleTable, peopleTables } from './people.js'
import { peopleView } from './people-view.js'
import { type Proposal, type ProposedView, SOURCE } from './proposed.js'
import { relatedOf } from './related.js'
import type { Known } from './words.js'

/** What whoever asks has decided. */
export interface Decisions {
  readonly people?: string
  /** `none`: no groups. */
  readonly groups?: string
  readonly columns?: ReadonlyMap<Known, string>
}

/** Rows that are looked at. */
const SAMPLE = 100
/** Tables that are looked into before one is chosen. */
const MOST_TABLES = 6

export interface Undecided {
  readonly reason: string
  readonly remedy: string
}

/** Tables that may hold people, with some of their rows, best first. */
async function candidatesFor(
  catalog: Catalog,
  survey: Survey,
  wanted?: string,
): Promise<readonly { readonly found: PeopleTable; readonly sampled: Sampled }[]> {
  const all = peopleTables(catalog)
  const given = wanted === undefined ? undefined : catalog.tables.get(wanted)
  const found =
    given === undefined
      ? all.slice(0, MOST_TABLES)
      : [all.find(({ table }) => table === given) ?? { table: given, score: 0, why: [] }]
  const sampled: { found: PeopleTable; sampled: Sampled }[] = []
  for (const one of found) sampled.push({ found: one, sampled: await sample(one.table, survey) })
  return sampled
    .map((one) => ({ ...one, score: one.found.score + evidenceOf(one.sampled) }))
    .sort((a, b) => b.score - a.score)
}

async function sample(table: SurveyedTable, survey: Survey): Promise<Sampled> {
  const columns = table.columns.filter(isMappable)
  return new Sampled(table, columns, await survey.sample(table, columns, SAMPLE))
}

/** What the rows of a table say for people. */
function evidenceOf(sampled: Sampled): number {
  if (sampled.size === 0) return -10
  const chosen = chooseColumns(sampled)
  const weigh = (attribute: Known, most: number) => {
    const found = chosen.get(attribute)
    return found === undefined ? -most / 2 : Math.min(most, (found.score * most) / 100)
  }
  return weigh('mail', 12) + weigh('userPassword', 16) + weigh('uid', 8) + weigh('sn', 6)
}

/** @returns why there is no proposal, where there is none */
export async function propose(
  catalog: Catalog,
  survey: Survey,
  decisions: Decisions = {},
): Promise<Proposal | Undecided> {
  const { people: wanted, groups: wantedGroups, columns } = decisions
  if (wanted !== undefined && !catalog.tables.has(wanted))
    return { reason: `there is no table ${wanted}`, remedy: tablesText(catalog) }
  const candidates = await candidatesFor(catalog, survey, wanted)
  const [best, ...more] = candidates.filter(({ found, sampled }) => keyOf(found.table, sampled) !== undefined)
  if (best === undefined) return nobody(catalog, candidates[0]?.found)
  const { table } = best.found
  const key = keyOf(table, best.sampled)
  if (key === undefined) return nobody(catalog, best.found)
  const doubts: string[] = []
  if (key.doubt !== undefined) doubts.push(key.doubt)
  const others = more
    .filter(({ found }) => found.score > best.found.score * 0.6)
    .map(({ found }) => found.table.name)

  const all = wantedGroups === 'none' ? [] : groupTables(catalog, table, key.column)
  const groups = wantedGroups === undefined ? all[0] : all.find((one) => one.table.name === wantedGroups)
  if (wantedGroups !== undefined && wantedGroups !== 'none' && groups === undefined)
    return {
      reason: `${wantedGroups} is no table of groups that people of ${table.name} are members of`,
      remedy: `Tables of groups are ${all.map((one) => one.table.name).join(', ') || 'none'}.`,
    }
  const chosen = chooseColumns(best.sampled, columns)
  const related = await relatedOf(catalog, table, key.column, survey)
  const people = peopleView({
    sampled: best.sampled,
    catalog,
    key,
    chosen,
    related,
    why: best.found.why,
    others,
    ...(groups !== undefined && { groups }),
    doubts,
  })
  passwordDoubts(best.sampled, people, doubts)
  if (groups === undefined) return { views: [people], doubts }
  return {
    views: [
      people,
      groupsView(
        groups,
        all.filter((one) => one !== groups),
      ),
    ],
    doubts,
  }
}

function nobody(catalog: Catalog, best: PeopleTable | undefined): Undecided {
  if (best !== undefined)
    return {
      reason: `${best.table.name} may hold people, but no column of its own tells its rows apart`,
      remedy: 'Give it a unique column that is never NULL, or make a database view that has one.',
    }
  const { tables, unreadable } = catalog
  if (tables.size === 0 && unreadable.length === 0)
    return { reason: 'there are no tables', remedy: 'Name the right database at the end of the URL.' }
  const closed = unreadable.length === 0 ? '' : `; ${unreadable.length} may not be read by this account`
  return {
    reason: `none of ${tables.size} tables looks like one of people${closed}`,
    remedy: `Name the table with --people${tables.size === 0 ? ', once the account may read it' : ''}.`,
  }
}

function tablesText({ tables }: Catalog): string {
  const names = [...tables.keys()]
  const shown = names.slice(0, 30).join(', ')
  return `There are ${shown}${names.length > 30 ? ` and ${names.length - 30} more` : ''}.`
}

/** What becomes of passwords that are not verified. */
function passwordDoubts(sampled: Sampled, { mapping, reasons }: ProposedView, doubts: string[]): void {
  const column = reasons
    .find(({ key }) => key === 'userPassword')
    ?.chosen.split('.')
    .at(-1)
  if (mapping.attributes.userPassword === undefined) {
    doubts.push('nobody can bind as a person: no column of passwords was found that can be verified')
    return
  }
  if (column === undefined) return
  const found = hashes(sampled.values(column))
  if (found.all === 0)
    doubts.push('there are no passwords to look at yet: whether they can be verified is unknown')
  else if (found.some < found.all)
    doubts.push(
      `${hashesText(found)}${found.others.length === 0 ? '' : `; others look like ${found.others.join(', ')}`}: who has another cannot bind`,
    )
}

function groupsView(groups: Groups, more: readonly Groups[]): ProposedView {
  const { table, key, name, members, why } = groups
  const own = (column: string) => `${table.name}.${column}`
  const member: AttributeSpec = {
    ref: 'people',
    table: members.table.name,
    on: members.group.name,
    value: members.person.name,
  }
  const described = table.columns.find(
    ({ name: column, kind }) => kind === 'text' && /^(?:description|beschreibung|descripcion)$/i.test(column),
  )
  return {
    mapping: {
      view: 'groups',
      source: SOURCE,
      from: table.name,
      key: key.name,
      attributes: {
        cn: name.name,
        ...(described !== undefined && { description: described.name }),
        member,
      },
      ldap: { base: 'ou=groups', rdn: 'cn', objectClass: ['top', 'groupOfNames'] },
      scim: { resource: 'Group' },
    },
    reasons: [
      { key: 'from', chosen: table.name, why: why.join('; '), others: more.map((one) => one.table.name) },
      { key: 'cn', chosen: own(name.name), why: 'its name says so', others: [] },
      ...(described === undefined
        ? []
        : [{ key: 'description', chosen: own(described.name), why: 'its name says so', others: [] }]),
      {
        key: 'member',
        chosen: `${members.table.name}.${members.person.name}`,
        why: members.isDeclared ? 'foreign keys say so' : 'its name says so',
        others: [],
      },
    ],
  }
}
