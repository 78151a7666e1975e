/** The attributes of a directory as columns: what they hold, how the server compares them, and where values stand. */
import type { Column, Relation, Table, TextRule } from '../source.js'
import type { AttributeDescription } from './description.js'
import { type Form, formOf } from './forms.js'
import { Names } from './names.js'

/** An attribute of an entry as a cell of its row: the value that names the entry, or the first. */
export interface LdapColumn extends Column {
  /** As it is asked for and written, options included; `dn` stands for the name of the entry. */
  readonly attribute: string
  readonly form: Form
  /** How the server takes texts for equal, and finds pieces of them; absent where it does neither, or in another way. */
  readonly equality?: TextRule
  readonly substring?: TextRule
  /** Can a value hold this text, by its syntax? What cannot be a value makes a server's assertion Undefined. */
  admits(text: string): boolean
  /** Does the server decide equality of other kinds, and which of two is greater? */
  readonly comparable: boolean
  readonly ordered: boolean
  /** Does it put entries in the order of this attribute? */
  readonly sortable: boolean
  /** Does it decide by single bits? */
  readonly bitwise: boolean
  readonly isName: boolean
  /** Is its value the name of an entry? */
  readonly isReference: boolean
}

/** The values of one attribute as a table: the entry they are of, and one of them. */
export interface ValuesTable extends Table {
  readonly owner: LdapColumn
  readonly value: LdapColumn
}

export const isValuesTable = (table: Table): table is ValuesTable => 'owner' in table

export interface Dialect {
  readonly names: Names
  readonly isActiveDirectory: boolean
  /** The attribute by which a filter can name entries by their DNs; absent where there is none. */
  readonly nameAttribute?: LdapColumn
}

/** What a server does beyond what its attribute types say. */
export interface Abilities {
  readonly isActiveDirectory: boolean
  /** Does it know the rules of Microsoft for bits? */
  readonly bitwise: boolean
  /** Does it sort entries (RFC 2891)? */
  readonly sorts: boolean
}

/** The column for the name of an entry, which tells entries apart. */
export const DN = 'dn'

/** Columns by the names that attributes have, whatever the case, and by those with options, such as `cn;lang-de`. */
export class Columns implements ReadonlyMap<string, LdapColumn> {
  readonly dialect: Dialect
  readonly key: LdapColumn
  readonly #abilities: Abilities
  readonly #columns = new Map<string, LdapColumn>()
  readonly #byName = new Map<string, LdapColumn>()

  constructor(descriptions: readonly AttributeDescription[], abilities: Abilities) {
    this.#abilities = abilities
    const dialect = { names: namesOf(descriptions), isActiveDirectory: abilities.isActiveDirectory }
    this.dialect = dialect
    const form = formOf(DN, DN_SYNTAX, dialect)
    this.key = {
      name: DN,
      kind: 'text',
      attribute: DN,
      form,
      admits: (text) => dialect.names.canonical(text) !== undefined,
      comparable: true,
      ordered: false,
      sortable: false,
      bitwise: false,
      isName: true,
      isReference: false,
      readOnly: true,
      distinct: true,
      equality: 'dn',
    }
    this.#columns.set(DN, this.key)
    this.#byName.set(DN, this.key)
    for (const description of descriptions) {
      const column = this.#columnOf(description)
      if (this.#byName.has(column.name.toLowerCase())) continue
      this.#columns.set(column.name, column)
      for (const name of [description.oid, ...description.names]) this.#byName.set(name.toLowerCase(), column)
    }
    const naming = NAMING.flatMap((name) => this.#byName.get(name) ?? [])[0]
    if (naming !== undefined) this.dialect = { ...dialect, nameAttribute: naming }
  }

  get(name: string): LdapColumn | undefined {
    const folded = name.toLowerCase()
    const known = this.#byName.get(folded)
    if (known !== undefined || !folded.includes(';')) return known
    const [type = '', ...options] = name.split(';')
    const base = this.#byName.get(type.toLowerCase())
    if (base === undefined || base.isName || options.some((option) => !/^[A-Za-z0-9-]+$/.test(option)))
      return undefined
    const tagged = { ...withoutValues(base), name, attribute: [base.attribute, ...options].join(';') }
    return base.values === undefined ? tagged : this.#withValues(tagged)
  }

  has(name: string): boolean {
    return this.get(name) !== undefined
  }

  get size() {
    return this.#columns.size
  }
  forEach(callback: (value: LdapColumn, key: string, map: ReadonlyMap<string, LdapColumn>) => void): void {
    for (const [name, column] of this.#columns) callback(column, name, this)
  }
  entries() {
    return this.#columns.entries()
  }
  keys() {
    return this.#columns.keys()
  }
  values() {
    return this.#columns.values()
  }
  [Symbol.iterator]() {
    return this.#columns[Symbol.iterator]()
  }

  #columnOf(description: AttributeDescription): LdapColumn {
    const [name] = description.names
    const form = formOf(name, description.syntax, this.dialect)
    const { isActiveDirectory, bitwise, sorts } = this.#abilities
    const equality = description.equality ?? impliedRule(description.syntax, isActiveDirectory)
    const isReference = description.syntax === DN_SYNTAX
    const rule = isReference ? 'dn' : textRules[(equality ?? '').toLowerCase()]
    const pieces =
      isActiveDirectory && !isReference ? rule : textRules[(description.substring ?? '').toLowerCase()]
    const isText = form.kind === 'text'
    const column: LdapColumn = {
      name,
      kind: form.kind,
      attribute: name,
      form,
      ...(isText && rule !== undefined && { equality: rule }),
      ...(isText && pieces !== undefined && { substring: pieces }),
      admits: characters[description.syntax ?? ''] ?? any,
      comparable: equality !== undefined,
      ordered: description.ordering !== undefined || (isActiveDirectory && form.kind !== 'text'),
      sortable: sorts && (description.ordering !== undefined || isActiveDirectory),
      bitwise: bitwise && form.kind === 'integer',
      isName: false,
      isReference,
      ...(isKeptByServer(description, name) && { readOnly: true as const }),
      ...(SECRETS.has(name.toLowerCase()) && { secret: true as const }),
    }
    return description.singleValued ? column : this.#withValues(column)
  }

  #withValues(column: LdapColumn): LdapColumn {
    const owner: LdapColumn = { ...this.key, name: 'entry' }
    const value: LdapColumn = { ...column, name: 'value' }
    const table: ValuesTable = {
      name: `values of ${column.attribute}`,
      columns: new Map([
        ['entry', owner],
        ['value', value],
      ]),
      owner,
      value,
    }
    const relation: Relation = { table, on: [{ child: owner, parent: this.key }], where: [] }
    return { ...column, values: { relation, column: value } }
  }
}

function withoutValues({ values: _, ...column }: LdapColumn): LdapColumn {
  return column
}

/** What OpenLDAP and OpenDJ, 389 Directory Server, and Active Directory call it. */
const NAMING = ['entrydn', 'distinguishedname']

const SECRETS: ReadonlySet<string> = new Set(['userpassword', 'unicodepwd'])

const DN_SYNTAX = '1.3.6.1.4.1.1466.115.121.1.12'

/** Active Directory says so of classes, too, which an entry is nevertheless given when it is made. */
function isKeptByServer({ readOnly }: AttributeDescription, name: string): boolean {
  const folded = name.toLowerCase()
  return KEPT_BY_SERVERS.has(folded) || (readOnly && folded !== 'objectclass')
}

/** Not every server says so. */
const KEPT_BY_SERVERS: ReadonlySet<string> = new Set([
  'objectguid',
  'objectsid',
  'whencreated',
  'whenchanged',
  'usncreated',
  'usnchanged',
  'memberof',
  'distinguishedname',
])

/** Names and OIDs (RFC 4517 4.2) of the rules by which texts are compared as ours are. */
const textRules: Readonly<Record<string, TextRule>> = {
  caseignorematch: 'caseIgnore',
  '2.5.13.2': 'caseIgnore',
  caseignoresubstringsmatch: 'caseIgnore',
  '2.5.13.4': 'caseIgnore',
  caseignoreia5match: 'caseIgnore',
  '1.3.6.1.4.1.1466.109.114.2': 'caseIgnore',
  caseignoreia5substringsmatch: 'caseIgnore',
  '1.3.6.1.4.1.1466.109.114.3': 'caseIgnore',
  caseexactmatch: 'caseExact',
  '2.5.13.5': 'caseExact',
  caseexactsubstringsmatch: 'caseExact',
  '2.5.13.7': 'caseExact',
  caseexactia5match: 'caseExact',
  '1.3.6.1.4.1.1466.109.114.1': 'caseExact',
  caseexactia5substringsmatch: 'caseExact',
  '1.3.6.1.4.1.4203.1.2.1': 'caseExact',
  telephonenumbermatch: 'telephone',
  '2.5.13.20': 'telephone',
  telephonenumbersubstringsmatch: 'telephone',
  '2.5.13.21': 'telephone',
  numericstringmatch: 'numeric',
  '2.5.13.8': 'numeric',
  numericstringsubstringsmatch: 'numeric',
  '2.5.13.10': 'numeric',
}

const any = () => true
// biome-ignore lint/suspicious/noControlCharactersInRegex: all of IA5
const isAscii = (text: string) => /^[\x00-\x7f]*$/.test(text)
const isPrintable = (text: string) => /^[A-Za-z0-9'()+,\-./:? =]*$/.test(text)

/** What values consist of, by the OID of their syntax (RFC 4517 3.3). */
const characters: Readonly<Record<string, (text: string) => boolean>> = {
  '1.3.6.1.4.1.1466.115.121.1.26': isAscii,
  '1.3.6.1.4.1.1466.115.121.1.44': isPrintable,
  '1.3.6.1.4.1.1466.115.121.1.11': isPrintable,
  '1.3.6.1.4.1.1466.115.121.1.50': isPrintable,
  '1.3.6.1.4.1.1466.115.121.1.22': isPrintable,
  '1.3.6.1.4.1.1466.115.121.1.36': (text) => /^[\d ]*$/.test(text),
}

/** Active Directory publishes syntaxes without rules, and compares by them. */
function impliedRule(syntax: string | undefined, isActiveDirectory: boolean): string | undefined {
  if (!isActiveDirectory) return undefined
  switch (syntax) {
    case '1.3.6.1.4.1.1466.115.121.1.26':
    case '1.2.840.113556.1.4.1362':
      return 'caseExactMatch'
    case '1.3.6.1.4.1.1466.115.121.1.36':
      return 'numericStringMatch'
    default:
      return 'caseIgnoreMatch'
  }
}

/** Types are called by the first of their names. */
function namesOf(descriptions: readonly AttributeDescription[]): Names {
  const canonical = new Map<string, string>()
  const exact = new Set<string>()
  for (const { oid, names, equality } of descriptions) {
    const [first] = names
    const name = first.toLowerCase()
    for (const other of [oid, ...names]) canonical.set(other.toLowerCase(), name)
    if (/^caseExact/i.test(equality ?? '')) exact.add(name)
  }
  return new Names(exact, canonical)
}
