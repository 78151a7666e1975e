/**
 * Searches joined rows: what the primary finds, batch by batch, with the rows of the secondaries; what it cannot decide
 * alone is decided on these. A secondary that knows of few rows that could be meant says which, before.
 */
import type { Context } from '../../model/request.js'
import { joinOf, type Secondary } from '../joined.js'
import { ALWAYS, allOf, isSelective, NEVER } from '../logic.js'
import type {
  Cell,
  Collection,
  Field,
  FieldFilter,
  Row,
  Slot,
  Source,
  SourceQuery,
  Table,
} from '../source.js'
import { type Found, isBefore, type Secondaries } from './fetch.js'
import { havingKey, isWithin, type JoinKey, keyFields, keysOf } from './keys.js'
import { type Fetched, keyText, Layout, type Read, type SecondaryPart } from './layout.js'
import { leadingOn, listKeys } from './list.js'
import {
  candidates,
  driversOf,
  type Listed,
  type Node,
  nodeOf,
  type Question,
  type SecondaryNode,
  secondaryNodes,
} from './node.js'

/** So many keys of one source are put into a question to another. */
const MOST_KEYS = 1000
/** How long a secondary that had more is not asked again whether it has fewer, in milliseconds. */
const MEMORY = 60_000

/** A search as it is about to be run. */
interface Prepared {
  /** What the primary is asked. */
  readonly query: SourceQuery
  readonly layout: Layout
  readonly read: readonly Read<Slot>[]
  /** Absent where the primary finds exactly the rows that are meant. */
  readonly decide?: Read<boolean>
  /** Secondaries without which nothing could be said. */
  readonly needed: ReadonlySet<Secondary>
}

interface Base {
  readonly table: Table
  readonly layout: Layout
  readonly read: readonly Read<Slot>[]
}

export class JoinedSearch {
  readonly #primary: Source
  readonly #secondaries: Secondaries
  readonly #clock: () => number
  /** Of queries of one kind, which come with the very same list of fields. */
  readonly #bases = new WeakMap<readonly Field[], Base>()
  readonly #large = new WeakMap<Secondary, number>()

  constructor(primary: Source, secondaries: Secondaries, clock = () => performance.now()) {
    this.#primary = primary
    this.#secondaries = secondaries
    this.#clock = clock
  }

  async *search(query: SourceQuery, ctx: Context): AsyncIterable<readonly Row[]> {
    ctx.signal.throwIfAborted()
    const prepared = await this.#prepare(query, ctx)
    if (isNothing(prepared.query.filter)) return
    let { skip = 0 } = query
    let remaining = query.limit ?? Number.POSITIVE_INFINITY
    if (prepared.decide === undefined) {
      skip = 0
      remaining = Number.POSITIVE_INFINITY
    }
    if (remaining <= 0) return
    for await (const rows of this.#primary.search(prepared.query, ctx)) {
      let fetched = await this.#complete(rows, prepared, ctx)
      const { decide } = prepared
      if (decide !== undefined) fetched = fetched.filter(decide)
      const left = fetched.slice(skip, skip + remaining)
      skip -= Math.min(skip, fetched.length)
      remaining -= left.length
      if (left.length > 0) yield left.map((row) => prepared.read.map((read) => read(row)))
      if (remaining <= 0) return
    }
  }

  async count(query: SourceQuery, ctx: Context): Promise<number> {
    const { limit: _limit, skip: _skip, after: _after, order: _order, ...whole } = query
    const counted = { ...whole, fields: NO_FIELDS }
    const prepared = await this.#prepare(counted, ctx)
    if (isNothing(prepared.query.filter)) return 0
    const { decide } = prepared
    if (decide === undefined) return this.#primary.count(prepared.query, ctx)
    let count = 0
    for await (const rows of this.#primary.search(prepared.query, ctx))
      count += (await this.#complete(rows, prepared, ctx)).filter(decide).length
    return count
  }

  async #prepare(query: SourceQuery, ctx: Context): Promise<Prepared> {
    const { node, answers } = await this.#nodes(query, ctx)
    const plan = this.plan(query, node, answers)
    if (plan.drivers.length === 0) return plan
    const filter = allOf([plan.query.filter, await this.#driven(plan.drivers, ctx)])
    const { limit, expected = limit } = query
    const few = expected !== undefined && isSelective(filter) && { expected }
    return { ...plan, query: { ...plan.query, filter, ...few } }
  }

  /** What is left of the primary's question where no secondary has said anything yet. */
  plan(
    query: SourceQuery,
    node: Node,
    answers: readonly (Node | undefined)[],
  ): Prepared & { drivers: Drivers } {
    const join = joinOf(query.table)
    const table = join?.primary ?? query.table
    const required = (join?.secondaries ?? []).filter((s) => !s.optional)
    const isOfPrimary = node.kind === 'primary' || node.kind === 'const'
    const filter = candidates(node, () => ALWAYS)
    const isBase = answers.every((answer) => answer === undefined)
    if (isOfPrimary && required.length === 0) {
      const { layout, read } = isBase ? this.#base(query) : this.#lay(query, answers)
      const own = { ...query, table, filter, fields: layout.fields }
      return { query: own, layout, read, needed: neededBy(answers, []), drivers: [] }
    }
    const { layout, read } = this.#lay(query, answers)
    const places = required.map((secondary) => layout.want(secondary))
    const isTrue = isOfPrimary ? undefined : layout.decides(undecided(node))
    layout.parts()
    const { limit: _limit, skip: _skip, expected: _expected, ...rest } = query
    return {
      query: {
        ...rest,
        table,
        filter,
        fields: layout.fields,
        ...(query.order !== undefined && { limit: Number.MAX_SAFE_INTEGER }),
      },
      layout,
      read,
      decide: (fetched) =>
        places.every((at) => fetched.found[at] !== undefined) && (isTrue === undefined || isTrue(fetched)),
      needed: neededBy([node, ...answers], required),
      drivers: driversOf(node, required),
    }
  }

  /** The questions of a query by who answers them; what leads to few joined rows, as their keys. */
  async #nodes(query: SourceQuery, ctx: Context) {
    const questions: Question[] = []
    const first = nodesOf(query, (question) => {
      questions.push(question)
      return []
    })
    if (questions.length === 0) return first
    const known = new Map<FieldFilter, readonly Exclude<Cell, null>[] | undefined>()
    await Promise.all(
      questions.map(async ({ of, filter }) => {
        known.set(
          filter,
          of === undefined
            ? await leadingOn(filter, (asked) => this.search(asked, ctx), MOST_KEYS)
            : await listKeys({ ...of, filter }, (asked) => this.search(asked, ctx), MOST_KEYS),
        )
      }),
    )
    return nodesOf(query, ({ filter }) => known.get(filter))
  }

  #base(query: SourceQuery): Base {
    const known = this.#bases.get(query.fields)
    if (known?.table === query.table) return known
    const { layout, read } = this.#lay(query, [])
    layout.parts()
    const made = { table: query.table, layout, read }
    this.#bases.set(query.fields, made)
    return made
  }

  #lay({ table, fields }: SourceQuery, answers: readonly (Node | undefined)[]) {
    const layout = new Layout(joinOf(table), (secondary) =>
      secondary === undefined ? this.#primary : this.#secondaries.sourceOf(secondary),
    )
    const read = fields.map((field, i): Read<Slot> => {
      const node = answers[i]
      return node === undefined ? layout.slot(field) : layout.decides(node)
    })
    return { layout, read }
  }

  /** What the first secondaries that know of few rows tell of the primary's. */
  async #driven(drivers: Drivers, ctx: Context): Promise<FieldFilter> {
    for (const { conjunct, drivers: nodes } of drivers) {
      if (nodes.some(({ of, filter }) => filter === ALWAYS && this.#clock() < (this.#large.get(of) ?? 0)))
        continue
      const known = new Map<SecondaryNode, FieldFilter>()
      await Promise.all(
        nodes.map(async (node) => {
          const fields = keyFields(node.of, 'secondary')
          const keys = await this.#secondaries.list(node.of, node.filter, fields, MOST_KEYS, ctx)
          if (keys !== undefined) known.set(node, this.#having(node.of, keys))
          else if (node.filter === ALWAYS) this.#large.set(node.of, this.#clock() + MEMORY)
        }),
      )
      if (known.size === nodes.length) return candidates(conjunct, (node) => known.get(node) ?? ALWAYS)
    }
    return ALWAYS
  }

  #having(secondary: Secondary, keys: readonly JoinKey[]): FieldFilter {
    return keys.length === 0 ? NEVER : havingKey(secondary, 'primary', keys, this.#primary)
  }

  /** Everything that belongs to a batch of rows. */
  async #complete(
    rows: readonly Row[],
    { layout, needed }: Pick<Prepared, 'layout' | 'needed'>,
    ctx: Context,
  ): Promise<readonly Fetched[]> {
    const [found, followed] = await Promise.all([
      Promise.all(layout.parts().map((part) => this.#partOf(rows, part, needed.has(part.secondary), ctx))),
      Promise.all(
        layout.follows.map(async ({ slot, of, filter, fields }) => {
          const keys = new Map<string, Exclude<Cell, null>>()
          for (const row of rows) {
            for (const [key = null] of (row[slot] ?? []) as readonly (readonly Cell[])[])
              if (key !== null) keys.set(keyText(key), key)
          }
          return this.#byKey(of, filter, fields, [...keys.values()], ctx)
        }),
      ),
    ])
    return rows.map((row, i) => ({ row, found: found.map((part) => part[i]), followed }))
  }

  /** Of each row, the row of a secondary that belongs to it. */
  async #partOf(
    rows: readonly Row[],
    part: SecondaryPart,
    isNeeded: boolean,
    ctx: Context,
  ): Promise<readonly (Row | undefined)[]> {
    if (!part.isWanted || rows.length === 0) return []
    const { secondary } = part
    const keys = rows.map((row) => keysOf(secondary, row, part.keySlots))
    const found: Found = await this.#secondaries.find(secondary, keys.flat(), part, isNeeded, ctx)
    return keys.map((all) => firstOf(all, found, part))
  }

  /** So many rows of any size are asked for at a time. */
  async #byKey(
    of: Collection,
    filter: FieldFilter,
    fields: readonly Field[],
    keys: readonly Exclude<Cell, null>[],
    ctx: Context,
  ): Promise<ReadonlyMap<string, Row>> {
    const found = new Map<string, Row>()
    for (let from = 0; from < keys.length; from += MOST_KEYS) {
      const values = keys.slice(from, from + MOST_KEYS)
      const isKey: FieldFilter = { op: 'test', on: of.key, test: { test: 'oneOf', values }, negated: false }
      const query = { ...of, filter: allOf([isKey, filter]), fields, unordered: true } as const
      for await (const rows of this.search(query, ctx))
        for (const row of rows) found.set(keyText((row[0] ?? null) as Cell), row)
    }
    return found
  }

  /**
   * One row as it is now, with all its secondaries, for those who change it; undefined if there is none.
   * @param isUnfinished required secondaries need not have a row yet
   */
  async read(
    of: Collection,
    key: Exclude<Cell, null>,
    fields: readonly Field[],
    ctx: Context,
    isUnfinished = false,
  ) {
    if (!isWithin(of.key, key)) return undefined
    const test =
      of.key.kind === 'text'
        ? ({ test: 'oneOf', values: [key] } as const)
        : ({ test: 'compare', op: 'eq', value: key } as const)
    const query: SourceQuery = { ...of, filter: { op: 'test', on: of.key, test, negated: false }, fields }
    const join = joinOf(of.table)
    const { answers } = await this.#nodes(query, ctx)
    const { layout, read } = this.#lay(query, answers)
    for (const secondary of join?.secondaries ?? []) layout.want(secondary)
    layout.parts()
    const asked = { ...query, table: join?.primary ?? of.table, fields: layout.fields }
    const needed = new Set(join?.secondaries)
    for await (const rows of this.#primary.search(asked, ctx)) {
      const [fetched] = await this.#complete(rows.slice(0, 1), { layout, needed }, ctx)
      if (fetched === undefined) continue
      const isThere = layout
        .parts()
        .every(({ secondary }, i) => secondary.optional || fetched.found[i] !== undefined)
      return isThere || isUnfinished ? { fetched, layout, read } : undefined
    }
    return undefined
  }
}

type Drivers = ReturnType<typeof driversOf>

/** The question of a query, and one for each field that is an answer. */
export function nodesOf({ filter, fields }: SourceQuery, listed: Listed) {
  return {
    node: nodeOf(filter, listed),
    answers: fields.map((field) => (field.kind === 'answer' ? nodeOf(field.filter, listed) : undefined)),
  }
}

/** What is left to be decided of rows that the primary has found. */
function undecided(node: Node): Node {
  return node.kind === 'and' ? { ...node, of: node.of.filter(({ kind }) => kind !== 'primary') } : node
}

function neededBy(
  nodes: readonly (Node | undefined)[],
  required: readonly Secondary[],
): ReadonlySet<Secondary> {
  const asked = nodes.flatMap((node) => (node === undefined ? [] : secondaryNodes(node).map(({ of }) => of)))
  return new Set([...required, ...asked])
}

const NO_FIELDS: readonly Field[] = []

const isNothing = (filter: FieldFilter) => filter.op === 'const' && !filter.value

function firstOf(keys: readonly JoinKey[], found: Found, part: SecondaryPart): Row | undefined {
  let first: Row | undefined
  for (const { form } of keys) {
    const row = found.get(form)
    if (row !== undefined && (first === undefined || isBefore(row, first, part))) first = row
  }
  return first
}
