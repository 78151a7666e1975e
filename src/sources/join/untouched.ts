/** Tells queries that no joined table has anything to do with, which the primary is asked as they are. */
import { joinOf } from '../joined.js'
import type { FieldFilter, Relation, SourceQuery } from '../source.js'
import { lastTable } from './node.js'

/** Can a query over rows of one source be passed on as it is? */
export function isUntouched({ table, filter, fields }: SourceQuery): boolean {
  return (
    joinOf(table) === undefined &&
    isUntouchedFilter(filter) &&
    fields.every((field) =>
      field.kind === 'set'
        ? isUntouchedRelation(field.relation)
        : field.kind === 'column' || isUntouchedFilter(field.filter),
    )
  )
}

const isUntouchedRelation = (relation: Relation) =>
  joinOf(relation.table) === undefined && joinOf(lastTable(relation)) === undefined

function isUntouchedFilter(filter: FieldFilter): boolean {
  switch (filter.op) {
    case 'and':
    case 'or':
      return filter.of.every(isUntouchedFilter)
    case 'some':
      return isUntouchedRelation(filter.relation) && isUntouchedFilter(filter.of)
    case 'reach':
      return [filter.first, filter.step, filter.last, filter.nodes, filter.target].every(
        (at) => at === undefined || joinOf(at.table) === undefined,
      )
    default:
      return true
  }
}
