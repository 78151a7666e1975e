/** What is to become of a row as what a server is told: a new entry's attributes, and the least changes of an old one's. */
import type { ClientAttribute, ClientChange } from '../../ldap/client-options.js'
import { formatRdn } from '../../ldap/dn.js'
import { VitrineError } from '../../model/errors.js'
import type { Cell, RowChange, SetChange } from '../source.js'
import { DN, isValuesTable, type LdapColumn } from './columns.js'
import type { Names } from './names.js'

type Value = Exclude<Cell, null>

/** DNs as the entries themselves spell them, by their canonical form. */
export type Spelled = ReadonlyMap<string, string>

/** A column of passwords and the one it is given; null takes it away. */
export interface Password {
  readonly column: LdapColumn
  readonly value: Value | null
}

export interface NewEntry {
  readonly dn: string
  readonly attributes: readonly ClientAttribute[]
  readonly passwords: readonly Password[]
}

/** @throws VitrineError where nothing says what the entry is called, and where an attribute cannot hold a value */
export function newEntryOf({ cells, sets }: RowChange, names: Names, spelled: Spelled): NewEntry {
  const dn = cells.find(({ column }) => column.name === DN)?.value
  const naming = typeof dn === 'string' && names.rdns(dn)?.[0]
  if (typeof dn !== 'string' || !naming) {
    throw new VitrineError('unwillingToPerform', {
      message: 'new entries have no place here',
      detail: 'the mapping has no `create: { dn: ... }`',
    })
  }
  const values = new Map<string, Buffer[]>()
  const add = (attribute: string, octets: Buffer) =>
    values.set(attribute, [...(values.get(attribute) ?? []), octets])
  for (const { column, value } of writable(cells)) {
    if (value !== null) add(column.attribute, encoded(column, value, spelled))
  }
  for (const set of sets) {
    const column = valueColumn(set)
    for (const [value = null] of set.tuples) {
      if (value !== null) add(column.attribute, encoded(column, value, spelled))
    }
  }
  for (const { type, value } of naming) {
    const known = [...values].find(([attribute]) => names.type(attribute) === names.type(type))
    const octets = Buffer.from(value)
    if (known === undefined) add(type, octets)
    else if (!known[1].some((other) => isAlike(other, octets))) known[1].push(octets)
  }
  return {
    dn,
    attributes: [...values].map(([type, all]) => ({ type, values: all })),
    passwords: passwordsIn(cells),
  }
}

/** What the entry holds at present, as far as it is known. */
export interface Present {
  /** As the server spells it. */
  readonly dn: string
  /** Undefined for an attribute that has not been read. */
  octets(attribute: string): readonly Buffer[] | undefined
}

export interface EntryChange {
  readonly newRdn?: string
  readonly modifications: readonly ClientChange[]
  readonly passwords: readonly Password[]
}

/** @throws VitrineError where the entry would lose what it is called by, and where an attribute cannot hold a value */
export function entryChangeOf(
  { cells, sets }: RowChange,
  present: Present,
  names: Names,
  spelled: Spelled,
): EntryChange {
  const modifications: ClientChange[] = []
  const renamed = new Map<string, string>()
  const leaf = names.naming(present.dn)
  const namingValue = (column: LdapColumn) =>
    leaf.find(({ type }) => type === names.type(column.attribute))?.value
  for (const { column, value } of writable(cells)) {
    const old = present.octets(column.attribute)
    const next = value === null ? [] : [encoded(column, value, spelled)]
    const name = namingValue(column)
    if (name !== undefined) {
      if (!next.some((one) => one.equals(Buffer.from(name)))) rename(renamed, column, next[0], names)
      continue
    }
    modifications.push(...replacing(column, column.values === undefined ? old : old?.slice(0, 1), next))
  }
  for (const set of sets) {
    const column = valueColumn(set)
    const given = set.tuples.flatMap(([value = null]) =>
      value === null ? [] : [encoded(column, value, spelled)],
    )
    const name = namingValue(column)
    const naming = name === undefined ? undefined : Buffer.from(name)
    const old = present.octets(column.attribute)
    if (set.op !== 'replace') {
      if (set.op === 'remove' && naming !== undefined && given.some((one) => isAlike(one, naming)))
        throw namesIt(column)
      // What is known to be there, or not to be, is left alone.
      const changed = given.filter(
        (one) => old === undefined || old.some((other) => isAlike(one, other)) === (set.op === 'remove'),
      )
      if (set.violated !== undefined && changed.length < given.length) throw set.violated()
      if (changed.length > 0)
        modifications.push({
          operation: set.op === 'add' ? 'add' : 'delete',
          type: column.attribute,
          values: changed,
        })
      continue
    }
    if (naming === undefined || given.some((one) => one.equals(naming))) {
      modifications.push(...replacing(column, old, given))
      continue
    }
    rename(renamed, column, given[0], names)
    const left = (old ?? []).filter((one) => !isAlike(one, naming))
    modifications.push(...replacing(column, left, given.slice(1)))
  }
  if (renamed.size === 0) return { modifications, passwords: passwordsIn(cells) }
  const rdn = leaf.map(({ type, value }) => ({ type, value: renamed.get(type) ?? value }))
  return { newRdn: formatRdn(rdn), modifications, passwords: passwordsIn(cells) }
}

function rename(
  renamed: Map<string, string>,
  column: LdapColumn,
  octets: Buffer | undefined,
  names: Names,
): void {
  if (octets === undefined) throw namesIt(column)
  renamed.set(names.type(column.attribute), octets.toString())
}

/** Values that stay are not mentioned; where it is not known what is there, all of it is replaced. */
function replacing(
  column: LdapColumn,
  old: readonly Buffer[] | undefined,
  next: readonly Buffer[],
): readonly ClientChange[] {
  const type = column.attribute
  if (old === undefined || !(column.comparable || column.isName)) {
    const isSame =
      old !== undefined && old.length === next.length && old.every((one, i) => next[i]?.equals(one))
    return isSame ? [] : [{ operation: 'replace', type, values: next }]
  }
  const gone = old.filter((one) => !next.some((other) => other.equals(one)))
  const come = next.filter((one) => !old.some((other) => other.equals(one)))
  return [
    ...(gone.length > 0 ? [{ operation: 'delete', type, values: gone } as const] : []),
    ...(come.length > 0 ? [{ operation: 'add', type, values: come } as const] : []),
  ]
}

function encoded(column: LdapColumn, value: Value, spelled: Spelled): Buffer {
  const octets =
    typeof value === 'string' && column.isReference
      ? Buffer.from(spelled.get(value) ?? value)
      : column.form.encode(value)
  if (octets !== undefined && octets.length > 0) return octets
  throw new VitrineError('constraintViolation', { message: `${column.attribute} cannot hold this value` })
}

/** What the server keeps up itself is not written, and passwords are in a way of their own. */
function writable(cells: RowChange['cells']) {
  return cells.flatMap(({ column, value }) => {
    const known = column as LdapColumn
    return known.isName || known.readOnly || known.secret ? [] : [{ column: known, value }]
  })
}

const passwordsIn = (cells: RowChange['cells']): readonly Password[] =>
  cells.flatMap(({ column, value }) =>
    column.secret === true ? [{ column: column as LdapColumn, value }] : [],
  )

/** The attribute whose values a change is about. @throws VitrineError for values that belong to other entries */
export function valueColumn({ relation }: SetChange): LdapColumn {
  const { table, on, join } = relation
  if (isValuesTable(table) && on[0]?.child === table.owner && join === undefined) return table.value
  throw new VitrineError('unwillingToPerform', {
    message: 'this is kept in other entries; change it there',
    detail: `values of ${table.name}`,
  })
}

/** Servers compare most attributes without case; a value in another case is the same one, written anew. */
const isAlike = (a: Buffer, b: Buffer) =>
  a.equals(b) || a.toString().toLowerCase() === b.toString().toLowerCase()

const namesIt = (column: LdapColumn) =>
  new VitrineError('constraintViolation', {
    message: `${column.attribute} names the entry and needs a value`,
  })
