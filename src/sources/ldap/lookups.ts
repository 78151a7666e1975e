/** Lookups of single entries by a value: which queries are nothing else, and the one search that several share. */
import { type Lookup, LookupQueue, lookupForm } from '../lookup-queue.js'
import type { Field, FieldFilter, Operand, SourceQuery, Test, TextRule } from '../source.js'
import { anyOf, assertionOf } from './assertion.js'
import type { LdapColumn } from './columns.js'
import type { Found } from './entries.js'
import { isOwn } from './question.js'
import { attributesOf, type Place, type Reading } from './reading.js'
import { attributesFor } from './rows.js'
import type { LdapTable } from './tables.js'

/** How long an attribute whose values many entries share is not looked up by again, in milliseconds. */
const NOT_UNIQUE_FOR = 60_000

export interface LdapLookup extends Lookup {
  readonly column: LdapColumn
  readonly rule: TextRule | undefined
}

/** The lookup that a query is; undefined if it is more than that. */
export function lookupOf({
  filter,
  fields,
  after,
  skip = 0,
  unordered,
}: SourceQuery): LdapLookup | undefined {
  if (unordered !== true || after !== undefined || skip > 0) return undefined
  if (fields.some((field) => field.kind === 'answer')) return undefined
  const leaf = leafOf(filter)
  if (leaf === undefined) return undefined
  const { test } = leaf
  const column = leaf.on as LdapColumn
  if (column.isName) return undefined
  if (test.test === 'compare' && test.op === 'eq' && (column.kind === 'integer' || column.kind === 'uuid'))
    return { column, rule: undefined, form: String(test.value), value: test.value }
  const isWord = test.test === 'text' && /^[!-~]+$/.test(test.value)
  if (!isWord || test.rule !== column.equality) return undefined
  if (test.rule !== 'caseIgnore' && test.rule !== 'caseExact') return undefined
  return { column, rule: test.rule, form: test.value, value: test.value }
}

/** The one test that the filter is, of a cell or of some value. */
function leafOf(filter: FieldFilter): { readonly on: Operand; readonly test: Test } | undefined {
  if (filter.op === 'some' && !filter.negated && isOwn(filter.relation)) return leafOf(filter.of)
  return filter.op !== 'test' || filter.negated || 'concat' in filter.on ? undefined : filter
}

interface Shared extends Pick<SourceQuery, 'table' | 'where'> {
  readonly queue: LookupQueue<Found>
  /** When many were found for a value; undefined if never. */
  notUniqueSince: number | undefined
}

/** What is asked by the account of the source, which all share. */
export class Lookups {
  readonly #reading: Reading
  /** Queries of one kind come with the same list of fields and conditions, the very same objects. */
  readonly #shared = new WeakMap<readonly Field[], Map<LdapColumn, Shared>>()

  constructor(reading: Reading) {
    this.#reading = reading
  }

  /** Those with whom the lookup goes; undefined where the attribute is not unique and the query has to go alone. */
  of(query: SourceQuery, lookup: LdapLookup): Shared | undefined {
    const shared = this.#sharedBy(query, lookup)
    const { notUniqueSince: since } = shared
    return since !== undefined && performance.now() - since < NOT_UNIQUE_FOR ? undefined : shared
  }

  #sharedBy({ fields, table, where }: SourceQuery, { column, rule }: LdapLookup): Shared {
    const byColumn = this.#shared.get(fields) ?? new Map<LdapColumn, Shared>()
    const known = byColumn.get(column)
    if (known?.where === where && known.table === table) return known
    const queue = this.#queue({ table: table as LdapTable, where }, fields, column, rule)
    const made = { table, where, queue, notUniqueSince: undefined }
    this.#shared.set(fields, byColumn.set(column, made))
    return made
  }

  #queue(place: Place, fields: readonly Field[], column: LdapColumn, rule: TextRule | undefined) {
    const attributes = [...new Set([...attributesFor(fields), ...attributesOf([column])])]
    return new LookupQueue<Found>({
      ask: async (values, most) => {
        const filter = anyOf(values.map((value) => equals(column, value)))
        const found: Found[] = []
        // Others wait for the answer, too: that one of them has left does not end it.
        const asked = { place, filter, attributes, expected: values.length }
        for await (const entries of this.#reading.entries(asked)) {
          found.push(...entries)
          if (found.length >= most) break
        }
        return found
      },
      formsOf: (entry) => entry.values(column).map((value) => lookupForm(value, rule)),
    })
  }
}

const equals = (column: LdapColumn, value: Lookup['value']) =>
  assertionOf(column, { test: 'compare', op: 'eq', value })
