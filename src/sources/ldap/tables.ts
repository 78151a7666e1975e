/** What a directory tells of itself, and the places in it as tables. */
import type { Table } from '../source.js'
import type { Columns, LdapColumn } from './columns.js'
import { type Location, parseLocation } from './location.js'

/** The entries of a place in the directory, as rows of all attributes that it knows. */
export interface LdapTable extends Table {
  readonly columns: Columns
  readonly key: LdapColumn
  readonly location: Location
}

export function tableAt(name: string, columns: Columns): LdapTable {
  return { name, columns, key: columns.key, location: parseLocation(name, columns.dialect.names) }
}
