/** Field filters as SQL conditions. What is negated is false or NULL: `IS NOT TRUE` says both. */
import type {
  Collection,
  Column,
  Condition,
  Edge,
  FieldFilter,
  Operand,
  ReachFilter,
  Relation,
  Test,
} from '../source.js'
import { type Dialect, operatorOf, padded, quotePath, type SqlColumn } from './dialect.js'
import type { SqlBuilder } from './statement.js'
import { writeAnyEquality, writeEquality, writeSubstring } from './text-test.js'

/** Operands that stand in one chain. */
const CHAIN = 32

/** Writes conditions into one statement; hands out table aliases that no other part of it uses. */
export class PredicateWriter {
  readonly #out: SqlBuilder
  readonly #dialect: Dialect
  #aliases = 0

  constructor(out: SqlBuilder, dialect: Dialect) {
    this.#out = out
    this.#dialect = dialect
  }

  alias(): string {
    return `t${this.#aliases++}`
  }

  /** Without an alias, of the only table that the statement is about. */
  column(alias: string, column: Column): string {
    const name = this.#dialect.quote(column.name)
    return alias === '' ? name : `${alias}.${name}`
  }

  /** Two columns hold the same, as the database sees it. */
  equal(alias: string, column: Column, otherAlias: string, other: Column): string {
    return `${this.column(alias, column)} = ${this.comparable(otherAlias, other, column)}`
  }

  /** The column so that it can be compared with `other`, whichever collation either has. */
  comparable(alias: string, column: Column, other: Column): string {
    const sql = this.column(alias, column)
    return this.#dialect.comparable?.(sql, column as SqlColumn, other as SqlColumn) ?? sql
  }

  /** To be written at once: it may have bound something. */
  table(name: string, alias: string): string {
    const from = this.#dialect.from?.(name, (value) => this.#out.hold(value))
    return `${from ?? quotePath(this.#dialect, name)} ${alias}`
  }

  /** `alias` stands for the table that the filter is asked of. */
  filter(filter: FieldFilter, alias: string): void {
    const out = this.#out
    switch (filter.op) {
      case 'and':
      case 'or':
        out.add('(')
        this.#balanced(filter.of, filter.op === 'and' ? ' AND ' : ' OR ', alias)
        out.add(')')
        return
      case 'const':
        out.add(filter.value ? '1 = 1' : '1 = 0')
        return
      case 'test':
        this.#negatable(filter.negated, () => this.#test(filter.on, filter.test, alias))
        return
      case 'some':
        this.#some(filter.relation, filter.of, alias, filter.negated)
        return
      case 'reach':
        this.#negatable(filter.negated, () => this.#reach(filter, alias))
        return
      case 'unknown':
        throw new Error('a query holds a question that no source can be asked')
    }
  }

  /** In groups within groups: databases nest a chain once per link, and not without bounds. */
  #balanced(of: readonly FieldFilter[], operator: string, alias: string): void {
    if (of.length <= CHAIN) {
      this.#out.join(of, operator, (f) => this.filter(f, alias))
      return
    }
    const half = Math.ceil(of.length / 2)
    this.#out.join([of.slice(0, half), of.slice(half)], operator, (some) => {
      this.#out.add('(')
      this.#balanced(some, operator, alias)
      this.#out.add(')')
    })
  }

  /** The configuration's conditions, each behind ` AND `. */
  conditions(conditions: readonly Condition[], alias: string): void {
    for (const { column, not, values } of conditions) {
      const sql = this.#operandColumn(alias, column, values.map(String))
      const scalars = values.filter((v) => v !== null)
      const wantsNull = scalars.length < values.length
      this.#out.add(not ? ' AND NOT (' : ' AND (')
      if (wantsNull) this.#out.add(`${sql} IS NULL`)
      if (wantsNull && scalars.length > 0) this.#out.add(' OR ')
      if (scalars.length > 0) {
        if (not) this.#out.add(`${sql} IS NOT NULL AND `)
        this.#out.add(`${sql} IN (`)
        this.#out.join(scalars, ', ', (v) =>
          this.#out.bind(this.#dialect.binding(conditionValue(v, column), column.kind)),
        )
        this.#out.add(')')
      }
      this.#out.add(')')
    }
  }

  #negatable(negated: boolean, write: () => void): void {
    this.#out.add('(')
    write()
    this.#out.add(negated ? ') IS NOT TRUE' : ')')
  }

  #test(on: Operand, test: Test, alias: string): void {
    const out = this.#out
    const dialect = this.#dialect
    const sql = this.operand(on, alias, textsOf(test))
    switch (test.test) {
      case 'present':
        out.add(dialect.present(sql, 'concat' in on ? 'text' : on.kind))
        return
      case 'text':
        writeEquality(out, dialect, on as SqlColumn, sql, test)
        return
      case 'texts':
        writeAnyEquality(out, dialect, on as SqlColumn, sql, test)
        return
      case 'substring':
        writeSubstring(out, dialect, on, sql, test)
        return
      case 'compare': {
        const { kind } = on as Column
        if (kind === 'decimal' && typeof test.value === 'number')
          writeDecimal(out, dialect, on as SqlColumn, sql, test.op, test.value)
        else if (test.value instanceof Date) dialect.compareTime(out, on as Column, sql, test.op, test.value)
        else dialect.compare(out, sql, kind, operatorOf(test.op), dialect.binding(test.value, kind))
        return
      }
      case 'bits':
        out.add(`(${dialect.wholeNumber?.(sql) ?? sql} & ${test.mask}) = ${test.mask}`)
        return
      case 'oneOf': {
        const { kind } = on as Column
        const values = test.values.filter((v) => dialect.bindable(v)).map((v) => dialect.binding(v, kind))
        if (values.length === 0) out.add('1 = 0')
        else dialect.inList(out, sql, padded(values), kind)
        if (kind === 'text' && values.length > 0) {
          out.add(' AND ')
          dialect.sameBytes(out, sql, values.map(String))
        }
        return
      }
    }
  }

  /** `texts` are what the operand is compared with. */
  operand(on: Operand, alias: string, texts: readonly string[] = []): string {
    if (!('concat' in on)) return this.#operandColumn(alias, on, texts)
    return this.#dialect.concat(
      on.concat.map((part) => {
        if (typeof part === 'string') return this.#dialect.literal(part)
        const sql = this.#operandColumn(alias, part, [])
        const shown =
          this.#dialect.shown?.(sql, part.kind) ?? (part.kind === 'text' ? sql : this.#dialect.asText(sql))
        return `COALESCE(${shown}, '')`
      }),
    )
  }

  #operandColumn(alias: string, column: Column, texts: readonly string[]): string {
    const sql = this.column(alias, column)
    const { cast } = column as SqlColumn
    const isCast = cast === 'always' || (cast === 'beyondAscii' && !texts.every(isAscii))
    return isCast ? this.#dialect.asText(sql) : sql
  }

  /** `key IN (SELECT ...)` lets the database start from the relation's own index; its negation must mind NULL. */
  #some(relation: Relation, of: FieldFilter, alias: string, negated: boolean): void {
    const out = this.#out
    const [pair, ...more] = relation.on
    const child = this.alias()
    if (!negated && pair !== undefined && more.length === 0) {
      out.add(
        `${this.column(alias, pair.parent)} IN (SELECT ${this.comparable(child, pair.child, pair.parent)} FROM `,
      )
      const inner = this.relation(relation, child)
      out.add(' WHERE ')
      this.filter(of, inner)
    } else {
      out.add(negated ? 'NOT EXISTS (SELECT 1 FROM ' : 'EXISTS (SELECT 1 FROM ')
      const inner = this.relation(relation, child)
      out.add(' WHERE ')
      this.filter(of, inner)
      for (const { child: c, parent } of relation.on) {
        out.add(` AND ${this.equal(child, c, alias, parent)}`)
      }
    }
    this.relationConditions(relation, child)
    out.add(')')
  }

  /**
   * The tables of a relation; returns the alias of the last one.
   * @param joined writes how its rows belong to a row before it, where the relation is joined to one
   */
  relation(relation: Relation, child: string, joined?: () => void): string {
    const out = this.#out
    out.add(this.table(relation.table.name, child))
    if (joined !== undefined) {
      out.add(' ON ')
      joined()
    }
    const { join } = relation
    if (join === undefined) return child
    const last = `${child}j`
    out.add(` JOIN ${this.table(join.table.name, last)} ON `)
    out.join(join.on, ' AND ', (on) => out.add(this.equal(last, on.joined, child, on.child)))
    return last
  }

  relationConditions(relation: Relation, child: string): void {
    this.conditions(relation.where, child)
    if (relation.join !== undefined) this.conditions(relation.join.where, `${child}j`)
  }

  /** The set of keys that lead to the target is computed backwards from it; UNION ends it in circles. */
  #reach(filter: ReachFilter, alias: string): void {
    const out = this.#out
    const { key, first, step, nodes, last, target, of } = filter
    const reach = this.alias()
    out.add(`${this.column(alias, key)} IN (`)
    if (first !== undefined) {
      const f = this.alias()
      out.add(`SELECT ${this.comparable(f, first.from, key)} FROM ${this.table(first.table.name, f)} WHERE `)
      out.add(`${this.comparable(f, first.to, nodes.key)} IN (`)
      this.#recursive(reach, step, nodes, () => this.#ends(last, target, nodes, of))
      out.add(')')
      this.conditions(first.where, f)
    } else this.#recursive(reach, step, nodes, () => this.#ends(last, target, nodes, of))
    out.add(')')
  }

  #recursive(reach: string, step: Edge, nodes: Collection, ends: () => void): void {
    const out = this.#out
    out.add(`WITH RECURSIVE ${reach} (k) AS (`)
    ends()
    const s = this.alias()
    out.add(
      ` UNION SELECT ${this.comparable(s, step.from, nodes.key)} FROM ${reach} JOIN ${this.table(step.table.name, s)}`,
    )
    out.add(` ON ${this.comparable(s, step.to, nodes.key)} = ${reach}.k`)
    const node = this.#node(nodes, s, step.from)
    out.add(' WHERE 1 = 1')
    this.conditions(step.where, s)
    this.conditions(nodes.where, node)
    out.add(`) SELECT k FROM ${reach}`)
  }

  #ends(last: Edge | undefined, target: Collection, nodes: Collection, of: FieldFilter): void {
    const out = this.#out
    const x = this.alias()
    if (last === undefined) {
      out.add(
        `SELECT ${this.comparable(x, target.key, nodes.key)} FROM ${this.table(target.table.name, x)} WHERE `,
      )
      this.filter(of, x)
      this.conditions(target.where, x)
      return
    }
    const l = this.alias()
    out.add(`SELECT ${this.comparable(l, last.from, nodes.key)} FROM ${this.table(last.table.name, l)}`)
    out.add(` JOIN ${this.table(target.table.name, x)} ON ${this.equal(x, target.key, l, last.to)}`)
    const node = this.#node(nodes, l, last.from)
    out.add(' WHERE ')
    this.filter(of, x)
    this.conditions(target.where, x)
    this.conditions(last.where, l)
    this.conditions(nodes.where, node)
  }

  /** A step counts only if the entry it leaves is itself published. */
  #node(nodes: Collection, alias: string, from: Column): string {
    const node = this.alias()
    this.#out.add(
      ` JOIN ${this.table(nodes.table.name, node)} ON ${this.equal(node, nodes.key, alias, from)}`,
    )
    return node
  }
}

/** How far from a number lies what a column of 4 bytes, or of more digits than are read, takes for it; more than that. */
const BLUR = 1e-6

function writeDecimal(
  out: SqlBuilder,
  dialect: Dialect,
  column: SqlColumn,
  sql: string,
  op: Extract<Test, { test: 'compare' }>['op'],
  value: number,
): void {
  if (dialect.decidesDecimal(column, value)) {
    dialect.compareDecimal(out, column, sql, operatorOf(op), value)
    return
  }
  const blur = Math.abs(value) * BLUR + Number.MIN_VALUE
  if (op !== 'le' && op !== 'lt')
    dialect.compareDecimal(out, column, sql, '>=', Math.max(value - blur, -Number.MAX_VALUE))
  if (op === 'eq') out.add(' AND ')
  if (op !== 'ge' && op !== 'gt')
    dialect.compareDecimal(out, column, sql, '<=', Math.min(value + blur, Number.MAX_VALUE))
}

function textsOf(test: Test): readonly string[] {
  switch (test.test) {
    case 'text':
      return [test.value]
    case 'texts':
      return test.values
    case 'substring':
      return test.pieces.map((piece) => piece.text)
    case 'oneOf':
      return test.values.map(String)
    default:
      return []
  }
}

const isAscii = (text: string) => Buffer.byteLength(text) === text.length

/** A value of the configuration as a cell of this column. */
export function conditionValue(value: string | number | boolean, column: Column): string | number | boolean {
  if (column.kind === 'boolean') return value === true || value === 1 || value === '1' || value === 'true'
  if (column.kind === 'integer') return typeof value === 'boolean' ? Number(value) : value
  return String(value)
}
