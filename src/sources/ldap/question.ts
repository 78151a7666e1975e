/**
 * A question about rows as one about entries: what their own attributes tell becomes a filter; what other entries tell
 * is asked of these first, and becomes the names or values that are left.
 */
import type { LdapFilter } from '../../ldap/filter.js'
import { VitrineError } from '../../model/errors.js'
import type { Cell, Edge, FieldFilter, ReachFilter, Relation } from '../source.js'
import { allOf, anyOf, assertionOf, EVERY, NONE, not } from './assertion.js'
import { isValuesTable, type LdapColumn } from './columns.js'
import { attributesOf, type Place, type Reading } from './reading.js'
import type { LdapTable } from './tables.js'

/** Names or values that other entries may tell at most. */
const MOST_VALUES = 100_000
/** Of these, so many stand in one filter. */
const MOST_IN_FILTER = 5000
/** Steps of a walk are asked for so many entries at a time. */
const STEP = 500

type Value = Exclude<Cell, null>
type SomeFilter = Extract<FieldFilter, { op: 'some' }>

/** The entries that the filter finds; of these, where there are `names`, those of these names. */
export interface EntryQuestion {
  readonly filter: LdapFilter
  /** Canonical. */
  readonly names?: ReadonlySet<string>
}

/** Some attribute of an entry (or its name) is one of these values. */
interface OneOf {
  readonly column: LdapColumn
  readonly values: ReadonlySet<Value>
}

export class Questions {
  readonly #reading: Reading
  readonly #signal: AbortSignal

  constructor(reading: Reading, signal: AbortSignal) {
    this.#reading = reading
    this.#signal = signal
  }

  /** @throws VitrineError adminLimitExceeded where more other entries take part than one question may hold */
  async of(filter: FieldFilter, place: Place): Promise<EntryQuestion> {
    const conjuncts = filter.op === 'and' ? filter.of : [filter]
    const filters: LdapFilter[] = []
    let names: ReadonlySet<string> | undefined
    for (const conjunct of conjuncts) {
      const found = await this.#oneOf(conjunct, place)
      if (found === undefined) filters.push(await this.#filter(conjunct, place))
      else if (found.column.isName) names = intersection(names, found.values)
      else filters.push(filterOf(found, place))
    }
    return { filter: allOf(filters), ...(names !== undefined && { names }) }
  }

  /** The values that the entries' own names or attributes have to be among; undefined where that is not all of it. */
  async #oneOf(filter: FieldFilter, place: Place): Promise<OneOf | undefined> {
    if (!('negated' in filter) || filter.negated) return undefined
    if (filter.op === 'test') {
      const { on, test } = filter
      if ('concat' in on || !(on as LdapColumn).isName) return undefined
      const column = on as LdapColumn
      if (test.test === 'compare' && test.op === 'eq') return { column, values: new Set([test.value]) }
      return test.test === 'oneOf' ? { column, values: new Set(test.values) } : undefined
    }
    if (filter.op === 'some')
      return isOwn(filter.relation) ? undefined : this.#related(filter.relation, filter.of)
    return this.#reaching(filter, place)
  }

  async #filter(filter: FieldFilter, place: Place): Promise<LdapFilter> {
    switch (filter.op) {
      case 'and':
      case 'or': {
        const of = await Promise.all(filter.of.map((one) => this.#filter(one, place)))
        return filter.op === 'and' ? allOf(of) : anyOf(of)
      }
      case 'const':
        return filter.value ? EVERY : NONE
      case 'unknown':
        return EVERY
      case 'test':
      case 'reach':
      case 'some': {
        const positive = filter.negated ? { ...filter, negated: false } : filter
        const found = await this.#oneOf(positive, place)
        const asked = found === undefined ? ownFilter(positive) : filterOf(found, place)
        return filter.negated ? not(asked) : asked
      }
    }
  }

  /** What of an entry has to be among what, for one of its related rows to satisfy the question. */
  async #related(relation: Relation, of: FieldFilter): Promise<OneOf> {
    const { pair, table } = onePair(relation)
    const { join } = relation
    if (!isValuesTable(table)) {
      const place = { table: table as LdapTable, where: relation.where }
      return { column: pair.parent, values: await this.#values(place, of, pair.child) }
    }
    if (join === undefined) throw unsaid('values of an attribute that belong to nobody')
    const place = { table: join.table as LdapTable, where: join.where }
    const [joined] = join.on
    if (joined === undefined || join.on.length > 1) throw unsaid('a join by several columns')
    if (isOwn(relation)) throw unsaid('related rows that are the entry itself')
    // The entry holds what the other one is called by, or is called what the other one holds.
    if (pair.child.isName && pair.child === table.owner)
      return { column: table.value, values: await this.#values(place, of, joined.joined as LdapColumn) }
    return { column: pair.parent, values: await this.#values(place, of, table.value) }
  }

  /** What the column holds in the entries that satisfy the question. */
  async #values(place: Place, of: FieldFilter, column: LdapColumn): Promise<ReadonlySet<Value>> {
    return this.#read(place, await this.of(of, place), column)
  }

  async #read(place: Place, question: EntryQuestion, column: LdapColumn): Promise<ReadonlySet<Value>> {
    const { filter, names } = question
    const values = new Set<Value>()
    if (filter === NONE) return values
    const asked = { place, filter, attributes: attributesOf([column]), signal: this.#signal }
    if (names !== undefined) {
      const found = await this.#reading.named([...names], asked)
      for (const entry of found.values()) for (const value of entry.values(column)) values.add(value)
      return values
    }
    for await (const entries of this.#reading.entries(asked)) {
      for (const entry of entries) for (const value of entry.values(column)) values.add(value)
      if (values.size > MOST_VALUES) throw tooMany()
    }
    return values
  }

  /** The walk from its end to its beginning (see `ReachFilter`). */
  async #reaching(filter: ReachFilter, place: Place): Promise<OneOf> {
    const { first, step, last, nodes, target, of } = filter
    const through = { table: nodes.table as LdapTable, where: nodes.where }
    const end = { table: target.table as LdapTable, where: target.where }
    let reached = await this.#values(end, of, target.key as LdapColumn)
    if (last !== undefined) reached = await this.#before(last, reached, through, end)
    const all = new Set(reached)
    while (reached.size > 0) {
      const before = await this.#before(step, reached, through, through)
      reached = new Set([...before].filter((name) => !all.has(name)))
      for (const name of reached) all.add(name)
      if (all.size > MOST_VALUES) throw tooMany()
    }
    const values = first === undefined ? all : await this.#before(first, all, place, through)
    return { column: place.table.key, values }
  }

  /** The names of those entries of a place from which an edge leads to one of these of another. */
  async #before(edge: Edge, to: ReadonlySet<Value>, place: Place, other: Place): Promise<ReadonlySet<Value>> {
    const [from, target] = [edge.from as LdapColumn, edge.to as LdapColumn]
    const names = new Set<Value>()
    const wanted = [...to]
    for (let at = 0; at < wanted.length; at += STEP) {
      const some = new Set(wanted.slice(at, at + STEP))
      const found = target.isName
        ? // The other entry holds the names of those that lead to it.
          await this.#read(other, { filter: EVERY, names: some as ReadonlySet<string> }, from)
        : await this.#read(
            place,
            { filter: filterOf({ column: target, values: some }, place) },
            place.table.key,
          )
      for (const name of found) names.add(name)
    }
    return names
  }
}

/** Are the related rows just the values of one of the entry's attributes? */
export function isOwn({ table, join }: Relation): boolean {
  return isValuesTable(table) && join === undefined
}

export function onePair({ table, on }: Relation) {
  const [pair, ...more] = on
  if (pair === undefined || more.length > 0) throw unsaid('related rows found by several columns')
  return { table, pair: { child: pair.child as LdapColumn, parent: pair.parent as LdapColumn } }
}

/** What the entry's own attributes answer. */
export function ownFilter(filter: FieldFilter): LdapFilter {
  switch (filter.op) {
    case 'test': {
      if ('concat' in filter.on) throw unsaid('a test of several columns together')
      const asked = assertionOf(filter.on as LdapColumn, filter.test)
      return filter.negated ? not(asked) : asked
    }
    case 'some':
      return filter.negated ? not(ofValues(filter)) : ofValues(filter)
    default:
      throw unsaid(`${filter.op} about one value`)
  }
}

/** Some value is as asked. Of several things asked of one value, each is asked of some: that finds others, too. */
function ofValues({ relation, of }: SomeFilter): LdapFilter {
  const { value } = relation.table as LdapTable & { readonly value: LdapColumn }
  const translate = (filter: FieldFilter): LdapFilter => {
    switch (filter.op) {
      case 'and':
        return allOf(filter.of.map(translate))
      case 'or':
        return anyOf(filter.of.map(translate))
      case 'const':
        return filter.value ? assertionOf(value, { test: 'present' }) : NONE
      case 'unknown':
        return assertionOf(value, { test: 'present' })
      case 'test': {
        if ('concat' in filter.on) throw unsaid('a test of several columns together')
        // Some value is not so: nothing but that there is one can be asked.
        if (filter.negated) return assertionOf(value, { test: 'present' })
        return assertionOf(filter.on as LdapColumn, filter.test)
      }
      default:
        throw unsaid(`${filter.op} about one value`)
    }
  }
  return allOf([translate(of), ...(of.op === 'test' ? [] : [assertionOf(value, { test: 'present' })])])
}

function filterOf({ column, values }: OneOf, { table }: Place): LdapFilter {
  if (values.size > MOST_IN_FILTER) throw tooMany()
  const naming = column.isName ? table.columns.dialect.nameAttribute : column
  if (naming === undefined) {
    throw new VitrineError('unwillingToPerform', {
      detail: 'the directory has no attribute that holds the names of entries, such as entryDN',
    })
  }
  return assertionOf(naming, { test: 'oneOf', values: [...values] })
}

function intersection(
  names: ReadonlySet<string> | undefined,
  values: ReadonlySet<Value>,
): ReadonlySet<string> {
  const texts = [...values].map(String)
  return new Set(names === undefined ? texts : texts.filter((name) => names.has(name)))
}

function tooMany(): VitrineError {
  return new VitrineError('adminLimitExceeded', {
    detail: `more than ${MOST_IN_FILTER} other entries decide on this filter; ask for fewer at a time`,
  })
}

function unsaid(what: string): VitrineError {
  return new VitrineError('internalError', { detail: `a directory is not asked about ${what}` })
}
