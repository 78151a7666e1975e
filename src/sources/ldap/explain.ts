/** What a query asks of the server, for people: its search, and before it those that it depends on. */
import type { LdapFilter } from '../../ldap/filter.js'
import { formatFilter } from '../../ldap/filter-text.js'
import type { Collection, Explanation, FieldFilter, SourceQuery } from '../source.js'
import { allOf, anyOf, conditionOf, EVERY, NONE, not } from './assertion.js'
import { isValuesTable, type LdapColumn } from './columns.js'
import { isOwn, ownFilter } from './question.js'
import { attributesFor } from './rows.js'
import type { LdapTable } from './tables.js'

/** Stands for what an earlier search finds. */
const FOUND_BEFORE = Buffer.from('each that was found before')

export function explained(query: SourceQuery): readonly Explanation[] {
  const before: Explanation[] = []
  const filter = written(query.filter, before)
  return [...before, searchText(query, filter, attributesFor(query.fields))]
}

function searchText(
  { table, where }: Pick<Collection, 'table' | 'where'>,
  filter: LdapFilter,
  attributes: readonly string[],
): Explanation {
  const { base, scope, filter: own } = (table as LdapTable).location
  const whole = allOf([own ?? EVERY, ...where.map(conditionOf), filter])
  const asked = attributes.length === 0 ? 'no attributes' : attributes.join(' ')
  return { text: `search ${scope} ${JSON.stringify(base)} ${formatFilter(whole)} ${asked}`, bindings: [] }
}

function written(filter: FieldFilter, before: Explanation[]): LdapFilter {
  switch (filter.op) {
    case 'and':
      return allOf(filter.of.map((one) => written(one, before)))
    case 'or':
      return anyOf(filter.of.map((one) => written(one, before)))
    case 'const':
      return filter.value ? EVERY : NONE
    case 'unknown':
      return EVERY
    case 'test':
      return ownFilter(filter)
    case 'some': {
      if (isOwn(filter.relation)) return ownFilter(filter)
      const { table, join, where, on } = filter.relation
      const other = join === undefined ? { table, where } : { table: join.table, where: join.where }
      const [pair] = on
      const isForward = isValuesTable(table) && pair?.child === table.owner
      const read = isForward ? join?.on[0]?.joined : isValuesTable(table) ? table.value : pair?.child
      before.push(
        searchText(
          other,
          written(filter.of, before),
          read === undefined ? [] : [(read as LdapColumn).attribute],
        ),
      )
      const held = isForward ? table.value : pair?.parent
      return signed(filter.negated, held as LdapColumn)
    }
    case 'reach': {
      const { target, step, key } = filter
      before.push(searchText(target, written(filter.of, before), ['dn']))
      before.push(
        searchText(filter.nodes, signed(false, step.to as LdapColumn), [
          'dn, as long as there are further ones',
        ]),
      )
      return signed(filter.negated, (filter.first?.to ?? key) as LdapColumn)
    }
  }
}

function signed(negated: boolean, { attribute }: LdapColumn): LdapFilter {
  const filter = { tag: 'equality', attribute, value: FOUND_BEFORE } as const
  return negated ? not(filter) : filter
}
