/** An entry that the tree itself holds: the root DSE, the subschema, the suffix and the containers. */
import type { Entry } from '../../model/entry.js'
import type { Schema } from '../../schema/schema.js'
import { SUBSCHEMA_DN } from './subschema.js'

export interface OwnEntry {
  readonly dn: string
  /** What is shown. */
  readonly entry: Entry
  /** What filters are held against: with superclasses, and the attributes that are shown only when asked for. */
  readonly whole: Entry
}

export function ownEntry(entry: Entry, dn: string, schema: Schema): OwnEntry {
  const attributes = new Map(entry.attributes)
  const classes = (entry.attributes.get('objectClass') ?? []).map(String)
  attributes.set('objectClass', schema.withSuperclasses(classes))
  attributes.set('entryDN', [dn])
  // The root has no place in a tree.
  if (dn !== '') attributes.set('hasSubordinates', [dn !== SUBSCHEMA_DN])
  attributes.set('subschemaSubentry', [SUBSCHEMA_DN])
  return { dn, entry, whole: { ...entry, attributes } }
}
