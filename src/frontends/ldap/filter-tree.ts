/** What filters ask of the tree: of the attributes that it has and no entry of a view, and of entries by their DNs. */
import { filterOfName } from '../../directory/directory.js'
import type { Entry } from '../../model/entry.js'
import { FALSE, type Filter, TRUE, UNDEFINED } from '../../model/filter.js'
import { match } from '../../model/match.js'
import type { Scalar } from '../../model/value.js'
import type { View } from '../../model/view.js'
import type { AttributeType } from '../../schema/schema.js'
import type { Namespace } from './namespace.js'
import type { OwnEntry } from './own-entry.js'
import { SUBSCHEMA_DN } from './subschema.js'

/** What a filter is asked of: the entries of a view, or one entry of the tree itself. */
export interface Subject {
  readonly namespace: Namespace
  readonly view: View | undefined
  readonly own: OwnEntry | undefined
}

/** What the tree says of every entry of a view; their DNs it tells one by one. */
const toldOfAll: ReadonlyMap<string, readonly Scalar[]> = new Map<string, readonly Scalar[]>([
  ['subschemaSubentry', [SUBSCHEMA_DN]],
  ['hasSubordinates', [false]],
  ['numSubordinates', [0]],
])
const anyEntry: Entry = { view: '', id: '', attributes: toldOfAll }

/** Does the tree have it, of every entry? */
export function isOfTree({ name }: AttributeType): boolean {
  return name === 'entryDN' || toldOfAll.has(name)
}

/** An assertion on one attribute, answered here where the tree has the attribute, not the entry. */
export function settled(asked: Filter, type: AttributeType, { namespace, view }: Subject): Filter {
  if (view === undefined || !isOfTree(type) || asked.op === 'const') return asked
  const { schema } = namespace
  if (type.name !== 'entryDN') {
    const truth = match(asked, anyEntry, schema.matching)
    return truth === undefined ? UNDEFINED : truth ? TRUE : FALSE
  }
  if (asked.op === 'present') return TRUE
  if (asked.op !== 'eq') return UNDEFINED
  const ref = namespace.refTo(String(asked.value), [view.name])
  return ref === undefined ? FALSE : filterOfName(ref.names, view, schema)
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
