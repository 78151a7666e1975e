/**
 * Views over joined tables: what a mapping file calls the tables and columns of other sources, and what may not be said
 * of them.
 */
import { VitrineError } from '../model/errors.js'
import type { Schema } from '../schema/schema.js'
import { AWAY, joinedTable, joinOf, ownerOf, type Secondary } from '../sources/joined.js'
import type { Collection, Column, Relation, Table } from '../sources/source.js'
import { aliasOf, type JoinSpec, ofSecondary } from './aliases.js'
import { attributesOf, type GivenSpec, isSecret } from './given.js'
import type { Operation } from './mapping.js'
import type { MappingSpec } from './schema.js'
import type { Path, Resolver } from './tables.js'

/** The table that a view's rows are of: the given one, or this with what is joined to it. */
export function withJoins(
  spec: MappingSpec,
  table: Table,
  key: Column,
  resolve: Resolver,
): Table | undefined {
  if (spec.join === undefined) return table
  const secondaries: Secondary[] = []
  let isWhole = true
  for (const [alias, given] of Object.entries(spec.join)) {
    const at = ['join', alias]
    const other = resolve.table(ofSecondary(given, given.from), [...at, 'from'], given.from)
    if (other === AWAY) continue
    const made = other && secondaryOf(alias, given, table, other, resolve)
    if (made === undefined) isWhole = false
    else secondaries.push(made)
  }
  return isWhole ? joinedTable({ primary: table, key, secondaries }) : undefined
}

const JOINABLE: readonly string[] = ['integer', 'text', 'uuid', 'binary']

function secondaryOf(
  alias: string,
  given: JoinSpec,
  primary: Table,
  table: Table,
  resolve: Resolver,
): Secondary | undefined {
  const at = ['join', alias]
  const on = Object.entries(given.on).flatMap(([theirs, ours]) => {
    const secondary = resolve.column(table, theirs, [...at, 'on', theirs])
    const own = resolve.column(primary, ours, [...at, 'on', theirs])
    if (secondary === undefined || own === undefined) return []
    const odd = [secondary, own].find(({ kind }) => !JOINABLE.includes(kind))
    const differ = (secondary.kind === 'binary') !== (own.kind === 'binary')
    if (odd === undefined && !differ) return [{ secondary, primary: own }]
    resolve.problem(
      [...at, 'on', theirs],
      `column ${(odd ?? own).name} is of kind ${(odd ?? own).kind} and cannot be compared`,
      'Name columns of text, integers or UUIDs, or of bytes on both sides; a database view can CAST another',
    )
    return []
  })
  const [only] = on
  const key =
    given.key === undefined
      ? (table.key ?? (on.length === 1 ? only?.secondary : undefined))
      : resolve.column(table, given.key, [...at, 'key'])
  if (given.key === undefined && key === undefined && only !== undefined)
    resolve.problem([...at, 'on'], 'which column identifies a row is not said', 'Name it under key')
  if (key?.values !== undefined)
    resolve.problem(
      [...at, given.key === undefined ? 'on' : 'key'],
      `column ${key.name} may hold several values and cannot be a key`,
      table.key === undefined ? 'Name a unique column' : 'Leave key out: the source has one of its own',
    )
  const where = resolve.conditions(table, given.where, [...at, 'where'])
  if (key === undefined || on.length < Object.keys(given.on).length) return undefined
  return {
    alias,
    source: given.source,
    of: { table, key, where },
    on,
    caseExact: given.caseExact === true,
    optional: given.optional === true,
    onFailure: given.onFailure ?? 'fail',
    owned: given.owned === true,
    ...(given.timeout !== undefined && { timeout: given.timeout }),
  }
}

/** What rows of a table refer to that say no more than a column of theirs: the key of the rows that they belong to. */
export function parentKey(table: string, { table: rows, key }: Collection, spec: MappingSpec): Column {
  const alias = aliasOf(spec, table)
  const secondary = joinOf(rows)?.secondaries.find((s) => s.alias === alias)
  return (secondary && rows.columns.get(`${alias}.${secondary.of.key.name}`)) ?? key
}

/** Are the rows of all its tables, and those that they belong to, of one source? */
export function staysInSource(
  { on }: Relation,
  given: { readonly table: string; readonly join?: { readonly table: string } | undefined },
  spec: MappingSpec,
): boolean {
  const alias = aliasOf(spec, given.table)
  const others = given.join === undefined ? alias : aliasOf(spec, given.join.table)
  return alias === others && on.every(({ parent }) => ownerOf(parent)?.secondary.alias === alias)
}

/** Complains of what a joined view cannot be. */
export function checkJoins(spec: MappingSpec, schema: Schema, resolve: Resolver): void {
  const { join } = spec
  if (join === undefined) return
  for (const [alias, { onFailure, optional }] of Object.entries(join)) {
    if (onFailure === 'absent' && optional !== true)
      resolve.problem(
        ['join', alias, 'onFailure'],
        `entries are not there without a row of ${alias}, so they cannot be shown while it cannot be asked`,
        'Add optional: true, or leave onFailure out',
      )
  }
  const ofPrimary = [
    [['key'], spec.key],
    [['uuid'], spec.uuid],
    ...Object.keys(spec.where ?? {}).map((name) => [['where', name], name] as const),
  ] as const
  for (const [path, name] of ofPrimary) {
    if (name === undefined || aliasOf(spec, name) === undefined) continue
    const remedy =
      path[0] === 'where' ? `Write the condition under join.${aliasOf(spec, name)}.where` : 'Name another'
    resolve.problem(path, `${name} is no column of the table ${spec.from} itself`, remedy)
  }
  if (spec.version !== undefined)
    resolve.problem(
      ['version'],
      'no column tells that a row of another source has changed',
      'Leave it out: the version of an entry is then made of all it holds',
    )
  const needed = neededOf(spec, schema)
  for (const { path, given, what } of needed) {
    const missing = Object.entries(join).find(
      ([alias, { onFailure }]) => onFailure === 'absent' && mentions(given, alias),
    )
    if (missing !== undefined)
      resolve.problem(
        path,
        `${what} must not be missing, as ${missing[0]} may be`,
        `Leave out join.${missing[0]}.onFailure`,
      )
  }
}

/** What decides who may bind, and by which name entries are found. */
function neededOf(spec: MappingSpec, schema: Schema) {
  const rdn = [spec.ldap?.rdn ?? [], (spec.ldap?.levels ?? []).map(({ attr }) => attr)]
    .flat(2)
    .map((name) => schema.attribute(name)?.name ?? name)
  const attributes = attributesOf(spec, schema).flatMap(({ name, path, specs }) =>
    specs
      .filter((given) => isSecret(given) || rdn.includes(name))
      .map((given) => ({ path, given: given as unknown, what: name })),
  )
  const { enabled } = spec
  return enabled === undefined
    ? attributes
    : [...attributes, { path: ['enabled'] as Path, given: enabled as unknown, what: 'what enables an entry' }]
}

/** Does what the file says name a column or table of this alias? */
function mentions(given: unknown, alias: string): boolean {
  if (typeof given === 'string') return given.startsWith(`${alias}.`) || given.includes(`{${alias}.`)
  if (typeof given !== 'object' || given === null) return false
  return Object.entries(given).some(
    ([key, value]) =>
      ['column', 'table', 'template', 'dn', 'on'].includes(key) &&
      (mentions(value, alias) ||
        (typeof value === 'object' && Object.values(value ?? {}).some((v) => mentions(v, alias)))),
  )
}

/** Does it need what a source holds that is away at present? */
export function isAway(
  spec: MappingSpec,
  given: GivenSpec,
  path: Path,
  { collection: { table }, resolve }: { readonly collection: Collection; readonly resolve: Resolver },
): boolean {
  if (spec.join === undefined) return false
  const isTable = typeof given === 'object' && 'table' in given
  if (isTable && resolve.table(given.table, [...path, 'table']) === AWAY) return true
  const there = joinOf(table)?.secondaries.map((s) => s.alias) ?? []
  return Object.keys(spec.join).some((alias) => !there.includes(alias) && mentions(given, alias))
}

/** An attribute that nobody can tell of at present: no entry shows it, and nothing can be asked about it. */
export function awayOperation(attr: string): Operation {
  const fail = (): never => {
    throw new VitrineError('unavailable', { detail: `the source of ${attr} cannot be asked` })
  }
  return { fields: [], reader: () => () => [], rewrite: fail, rewriteElement: fail }
}
