/** Entries as the server sends them, read as cells. */
import type { Attribute } from '../../ldap/message.js'
import type { Cell } from '../source.js'
import type { LdapColumn } from './columns.js'
import type { Names } from './names.js'

type Value = Exclude<Cell, null>

export interface LdapEntry {
  readonly dn: string
  readonly attributes: readonly Attribute[]
}

/** One entry and what its name is. */
export class Found {
  /** As the server spells it. */
  readonly dn: string
  readonly #entry: LdapEntry
  readonly #names: Names
  #name: string | undefined

  constructor(entry: LdapEntry, names: Names) {
    this.#entry = entry
    this.#names = names
    this.dn = entry.dn
  }

  /** Its name in the form in which names are compared. */
  get name(): string {
    this.#name ??= this.#names.canonical(this.dn) ?? this.dn
    return this.#name
  }

  /** All values of an attribute; the one that names the entry comes first. */
  values(column: LdapColumn): readonly Value[] {
    if (column.isName) return [this.name]
    const octets = this.octets(column.attribute)
    if (octets.length < 2) {
      const value = octets[0] && column.form.decode(octets[0])
      return value === undefined ? [] : [value]
    }
    const values = octets.flatMap((one) => column.form.decode(one) ?? [])
    return column.kind === 'text' ? this.#namingFirst(column, values) : values
  }

  cell(column: LdapColumn): Cell {
    if (column.isName) return this.name
    const octets = this.octets(column.attribute)
    const first = octets[0]
    if (first === undefined) return null
    return octets.length === 1 ? (column.form.decode(first) ?? null) : (this.values(column)[0] ?? null)
  }

  /** Views of what was received. */
  octets(attribute: string): readonly Buffer[] {
    for (const { type, values } of this.#entry.attributes) if (type === attribute) return values
    const folded = attribute.toLowerCase()
    return this.#entry.attributes.find(({ type }) => type.toLowerCase() === folded)?.values ?? []
  }

  #namingFirst(column: LdapColumn, values: readonly Value[]): readonly Value[] {
    const type = this.#names.type(column.attribute)
    if (!this.#entry.dn.toLowerCase().includes(type)) return values
    const naming = this.#names.naming(this.#entry.dn).find((one) => one.type === type)?.value
    const at = naming === undefined ? -1 : values.indexOf(naming)
    const first = values[at]
    return at < 1 || first === undefined ? values : [first, ...values.slice(0, at), ...values.slice(at + 1)]
  }
}
