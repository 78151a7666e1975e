/** What filters ask of the tree: of the attributes that it has and no entry of a view, and of entries by their DNs. */
import { filterOfName } from '../../directory/directory.js'
import type { LdapFilter } from '../../ldap/index.js'
import { FALSE, type Filter, TRUE, UNDEFINED } from '../../model/filter.js'
import type { Scalar } from '../../model/value.js'
import type { View } from '../../model/view.js'
import type { AttributeType } from '../../schema/schema.js'
import { depthBelow, parseName } from './names.js'
import type { Namespace } from './namespace.js'
import type { OwnEntry } from './own-entry.js'
import { SUBSCHEMA_DN } from './subschema.js'

/** What a filter is asked of: the entries of a view, or one entry of the tree itself. */
export interface Subject {
  readonly namespace: Namespace
  readonly view: View | undefined
  readonly own: OwnEntry | undefined
}

type Plain = Exclude<LdapFilter, { tag: 'and' | 'or' | 'not' | 'extensible' }>

/** The attributes that every entry has because of where it stands. */
const virtualAttributes: ReadonlySet<string> = new Set(['entryDN', 'subschemaSubentry', 'hasSubordinates'])

/** An assertion on an attribute that the tree has, not the entry; undefined where it is on any other. */
export function virtual(
  filter: Plain,
  type: AttributeType,
  { namespace, view }: Subject,
): Filter | undefined {
  const { name } = type
  if (view === undefined || !virtualAttributes.has(name)) return undefined
  if (filter.tag === 'present') return TRUE
  if (filter.tag !== 'equality' && filter.tag !== 'approx') return UNDEFINED
  const { schema } = namespace
  const value = schema.parse(name, filter.value, 'equality')
  if (value === undefined) return UNDEFINED
  if (name === 'entryDN') {
    const ref = namespace.refTo(String(value), [view.name])
    return ref === undefined ? FALSE : filterOfName(ref.names, view, schema)
  }
  if (name === 'hasSubordinates') return value === false ? TRUE : FALSE
  const isOurs = depthBelow(parseName(String(value), schema), parseName(SUBSCHEMA_DN, schema)) === 0
  return isOurs ? TRUE : FALSE
}

/** @param rule another than the attribute's own */
export function equality(
  attr: string,
  value: Scalar,
  { namespace, view }: Subject,
  rule: string | undefined = undefined,
): Filter {
  const { refers = [], mixed } = view?.attributes.get(attr) ?? {}
  const plain: Filter = { op: 'eq', attr, value, ...(rule !== undefined && { rule }) }
  if (refers.length === 0 || typeof value !== 'string') return plain
  const targets =
    rule === undefined ? refers : [...namespace.containers.flatMap((c) => c.views.map((v) => v.name))]
  const ref = namespace.refTo(value, targets)
  const named: Filter = ref === undefined ? FALSE : { ...plain, value: ref }
  return mixed === true && rule === undefined ? { op: 'or', of: [named, plain] } : named
}
