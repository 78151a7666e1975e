/** Extensible assertions (RFC 4511 4.5.1.7.7): other rules than an attribute's own, any attribute, and the DN. */
import { filterOfName } from '../../directory/directory.js'
import type { ExtensibleFilter } from '../../ldap/index.js'
import { FALSE, type Filter, TRUE, UNDEFINED } from '../../model/filter.js'
import type { Ref, Scalar } from '../../model/value.js'
import { areRelated, type DnRelation, isDnRelation } from '../../schema/dn-relations.js'
import type { AttributeType } from '../../schema/schema.js'
import { equality, type Subject, settled } from './filter-tree.js'
import { type Name, parseName } from './names.js'

/** Asks of each attribute that a description is about. */
export type About = (description: string, ask: (type: AttributeType) => Filter) => Filter

export function extensible(filter: ExtensibleFilter, subject: Subject, about: About): Filter {
  const { attribute, rule, dnAttributes } = filter
  const { schema } = subject.namespace
  if (attribute !== undefined) {
    const asked = about(attribute, (type) => assertion(filter, type, subject))
    if (!dnAttributes) return asked
    const types = schema.describedBy(attribute) ?? []
    if (isInDn(filter, subject, (type) => types.includes(type))) return TRUE
    const levels = inLevels(filter, subject, (type) => types.includes(type))
    return levels.length === 0 ? asked : { op: 'or', of: [asked, ...levels] }
  }
  if (rule === undefined) return UNDEFINED
  const fits = (type: AttributeType) => schema.ruleFor(type.name, rule) !== undefined
  const held = subject.view?.attributes.keys() ?? subject.own?.entry.attributes.keys() ?? []
  const fitting = [...held].flatMap((name) => schema.attribute(name) ?? []).filter(fits)
  if (dnAttributes && isInDn(filter, subject, fits)) return TRUE
  return fitting.length === 0
    ? UNDEFINED
    : { op: 'or', of: fitting.map((type) => assertion(filter, type, subject)) }
}

function assertion({ rule, value }: ExtensibleFilter, type: AttributeType, subject: Subject): Filter {
  const { schema } = subject.namespace
  const attr = type.name
  const found = rule === undefined ? type.equality : schema.ruleFor(attr, rule)
  const parsed = schema.parse(attr, value, 'equality', rule)
  if (found === undefined || parsed === undefined) return UNDEFINED
  if (isDnRelation(found.name)) return related(found.name, type, String(parsed), subject)
  if (found === type.equality) return settled(equality(attr, parsed, subject), type, subject)
  // By an ordering rule, what comes before the asserted value (RFC 4517 4.2).
  if (found.kind === 'ordering')
    return settled(
      { op: 'lt', attr, value: parsed, ...(found !== type.ordering && { rule: found.name }) },
      type,
      subject,
    )
  return settled(equality(attr, parsed, subject, found.name), type, subject)
}

/** What asks of the levels that an entry hangs below; one hangs below a level only if it does below those above. */
function inLevels(
  { rule, value }: ExtensibleFilter,
  { namespace: { schema }, view }: Subject,
  isMeant: (type: AttributeType) => boolean,
): readonly Filter[] {
  const { levels = [] } = view ?? {}
  return levels.flatMap(({ type: name, attr }, i): Filter[] => {
    const type = schema.attribute(name)
    const wanted =
      type !== undefined && isMeant(type) ? schema.parse(attr, value, 'equality', rule) : undefined
    if (wanted === undefined) return []
    const found = rule === undefined ? undefined : schema.ruleFor(attr, rule)
    const isOwn = found === undefined || found === schema.attribute(attr)?.equality
    const above = levels.slice(0, i).map((level) => ({ op: 'present', attr: level.attr }) as const)
    return [
      { op: 'and', of: [...above, { op: 'eq', attr, value: wanted, ...(!isOwn && { rule: found.name }) }] },
    ]
  })
}

/** Is such a value in the DN of every entry of the view? Its own RDN is among an entry's attributes. */
function isInDn(
  { rule, value }: ExtensibleFilter,
  { namespace, view, own }: Subject,
  isMeant: (type: AttributeType) => boolean,
): boolean {
  const { schema } = namespace
  const name =
    view !== undefined
      ? namespace.parentOf(view.name).name
      : own === undefined
        ? undefined
        : parseName(own.dn, schema)
  return (name?.rdns ?? []).flat().some((ava) => {
    const type = schema.attribute(ava.type)
    if (type === undefined || !isMeant(type)) return false
    const normal = schema.matching(type.name, rule)?.equality
    const wanted = schema.parse(type.name, value, 'equality', rule)
    const given: Scalar = typeof ava.value === 'string' ? ava.value : ava.value.toString('utf8')
    return normal !== undefined && wanted !== undefined && normal(given) === normal(wanted)
  })
}

/** How the DNs that an attribute holds, or refers to, stand to the asserted one. */
function related(rule: DnRelation, type: AttributeType, dn: string, subject: Subject): Filter {
  const { namespace, view } = subject
  const attr = type.name
  const asserted = parseName(dn, namespace.schema)
  const plain: Filter = { op: 'eq', attr, value: dn, rule }
  if (view === undefined) return plain
  if (attr === 'entryDN') {
    const { all, one } = relatedIn(rule, asserted, view.name, subject)
    return all ? TRUE : one === undefined ? FALSE : filterOfName(one.names, view, namespace.schema)
  }
  const { refers = [], mixed } = view.attributes.get(attr) ?? {}
  if (refers.length === 0) return plain
  const named = refers.map((target): Filter => {
    const { all, one } = relatedIn(rule, asserted, target, subject)
    if (all) return { op: 'element', attr, of: { op: 'eq', attr: 'view', value: target } }
    return one === undefined ? FALSE : { op: 'eq', attr, value: one }
  })
  return { op: 'or', of: mixed === true ? [...named, plain] : named }
}

interface Related {
  /** The rule holds for every entry of the view. */
  readonly all: boolean
  /** The entry for which alone it holds. */
  readonly one?: Ref
}

function relatedIn(rule: DnRelation, asserted: Name, view: string, { namespace }: Subject): Related {
  const above = namespace.parentOf(view).name.forms
  const depth = above.length + 1
  const excess = asserted.forms.length - depth
  if (excess < 0) return { all: areRelated(rule, ['', ...above], asserted.forms) }
  const candidate = { rdns: asserted.rdns.slice(excess), forms: asserted.forms.slice(excess) }
  if (!areRelated(rule, candidate.forms, asserted.forms)) return { all: false }
  const one = namespace.refAt(candidate, [view])
  return { all: false, ...(one && { one }) }
}
