/** Tables of things that refer to each other and have all the columns of `pushdown-columns.ts`, and random rows for them. */
import fc from 'fast-check'
import type { DatabaseKind } from '../data/schema-sql.js'
import type { Parameter, SqlClient } from '../data/sql-client.js'
import { anyText, kidColumns, type ZooColumn, zoo } from './pushdown-columns.js'

export type Row = readonly Parameter[]

export interface World {
  /** `id`, `code` (unique, never NULL, one of them perhaps empty), `boss_id`, then the zoo. */
  readonly things: readonly Row[]
  /** `id`, `thing_id`, then `kidColumns`. */
  readonly kids: readonly Row[]
  /** `id`, `label`, `hidden`. */
  readonly labels: readonly Row[]
  /** `id`, `title` (unique, never NULL, one of them perhaps empty), `hidden`. */
  readonly grps: readonly Row[]
  /** `grp_id`, `thing_id`, `kind`. */
  readonly links: readonly Row[]
  /** `parent_id`, `child_id`. */
  readonly nests: readonly Row[]
}

const kinds: readonly DatabaseKind[] = ['mariadb', 'postgres', 'sqlite']
const typeOf = (c: ZooColumn, kind: DatabaseKind) => c.types[kinds.indexOf(kind)] ?? 'text'

export const tableColumns: Readonly<Record<keyof World, readonly string[]>> = {
  things: ['id', 'code', 'boss_id', ...zoo.map((c) => c.name)],
  kids: ['id', 'thing_id', ...kidColumns.map((c) => c.name)],
  labels: ['id', 'label', 'hidden'],
  grps: ['id', 'title', 'hidden'],
  links: ['grp_id', 'thing_id', 'kind'],
  nests: ['parent_id', 'child_id'],
}

export async function createWorld(client: SqlClient): Promise<void> {
  const { kind } = client
  const int = kind === 'sqlite' ? 'integer' : 'int'
  const name = kind === 'sqlite' ? 'text' : 'varchar(80)'
  const unique =
    kind === 'mariadb' ? `${name} collate utf8mb4_bin not null unique` : `${name} not null unique`
  const columns = (list: readonly ZooColumn[]) => list.map((c) => `${c.name} ${typeOf(c, kind)}`).join(', ')
  if (kind === 'postgres') await client.run(`create type color as enum ('red', 'Green light', 'BLUE', '')`)
  for (const statement of [
    `create table things (id ${int} not null primary key, code ${unique}, boss_id ${int}, ${columns(zoo)})`,
    `create table kids (id ${int} not null primary key, thing_id ${int}, ${columns(kidColumns)})`,
    `create table labels (id ${int} not null primary key, label ${name}, hidden ${int} not null)`,
    `create table grps (id ${int} not null primary key, title ${unique}, hidden ${int} not null)`,
    `create table links (grp_id ${int} not null, thing_id ${int} not null, kind ${name})`,
    `create table nests (parent_id ${int} not null, child_id ${int} not null)`,
    ...(kind === 'postgres'
      ? ['create index on things (upper(t_upper))', 'create index on things (lower(t_plain))']
      : kind === 'mariadb'
        ? ['create index by_plain on things (t_plain)', 'create index by_uni on things (t_uni)']
        : [
            'create index by_plain on things (t_plain collate nocase)',
            'create index by_bin on things (t_bin)',
          ]),
  ])
    await client.run(statement)
}

export async function fillWorld(client: SqlClient, world: World): Promise<void> {
  for (const table of Object.keys(tableColumns) as (keyof World)[]) {
    await client.run(`delete from ${table}`)
    if (world[table].length > 0) await client.insert(table, tableColumns[table], world[table])
  }
}

const idIn = (most: number) => fc.integer({ min: 1, max: most })
/** The row that has no name, 0 where all have one. */
const nameless = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: idIn(4) })
const numbered = (rows: readonly (readonly Parameter[])[]) => rows.map((row, i): Row => [i + 1, ...row])

/** Rows of up to eight things; in SQLite, where any column holds anything, with `stray` values among them. */
export function worlds(stray?: fc.Arbitrary<Parameter>): fc.Arbitrary<World> {
  const values = (columns: readonly ZooColumn[]) =>
    fc.tuple(
      ...columns.map((c) =>
        stray === undefined
          ? c.value
          : fc.oneof(
              { weight: 12, arbitrary: c.value },
              { weight: 1, arbitrary: stray.filter((v) => c.class !== 'text' || !(v instanceof Uint8Array)) },
            ),
      ),
    )
  // Unique however it is compared: what differs is no letter.
  const names = anyText.map((text) => [...text].slice(0, 20).join(''))
  const things = fc
    .tuple(
      fc.array(fc.tuple(names, fc.option(idIn(8), { nil: null }), values(zoo)), {
        minLength: 1,
        maxLength: 8,
      }),
      nameless,
    )
    .map(([rows, none]) =>
      rows.map(
        ([code, boss, rest], i): Row => [i + 1, i + 1 === none ? '' : `${code}.${i + 1}`, boss, ...rest],
      ),
    )
  return fc.record({
    things,
    kids: fc
      .array(fc.tuple(fc.option(idIn(8), { nil: null, freq: 9 }), values(kidColumns)), { maxLength: 8 })
      .map((rows) => numbered(rows.map(([thing, rest]) => [thing, ...rest]))),
    labels: fc
      .array(fc.tuple(fc.option(anyText, { nil: null, freq: 5 }), fc.integer({ min: 0, max: 1 })), {
        maxLength: 3,
      })
      .map(numbered),
    grps: fc
      .tuple(fc.array(fc.tuple(names, fc.integer({ min: 0, max: 1 })), { maxLength: 4 }), nameless)
      .map(([rows, none]) =>
        rows.map(([title, hidden], i): Row => [i + 1, i + 1 === none ? '' : `${i + 1}.${title}x`, hidden]),
      ),
    links: fc.array(fc.tuple(idIn(4), idIn(8), fc.constantFrom('member', 'owner', null)), { maxLength: 8 }),
    nests: fc.array(fc.tuple(idIn(4), idIn(4)), { maxLength: 5 }),
  })
}
