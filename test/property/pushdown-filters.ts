/** Filters about entries that are there: what they hold, nearly hold, and do not hold. */
import type { Entry } from '../../src/model/entry.js'
import { type Filter, UNDEFINED } from '../../src/model/filter.js'
import { isComplex, Ref, type Scalar, scalarOf, type Value } from '../../src/model/value.js'
import type { View, ViewAttribute, ViewPart } from '../../src/model/view.js'
import type { Schema } from '../../src/schema/schema.js'
import { type Intent, type Leaf, twisted } from './pushdown-intents.js'

/** @param entries of all views, to take values from; references among them with what their targets are called */
export function filterOf(intent: Intent, view: View, entries: readonly Entry[], schema: Schema): Filter {
  if (intent.op === 'element') return element(intent, view, entries, schema)
  if (intent.op === 'leaf') {
    const attribute = at([...view.attributes.values()], intent.attr)
    return attribute === undefined ? UNDEFINED : assertion(intent, attribute, view, entries, schema)
  }
  return combination(intent, (of) => filterOf(of, view, entries, schema))
}

function combination(
  intent: Exclude<Intent, { op: 'leaf' | 'element' }>,
  inner: (of: Intent) => Filter,
): Filter {
  switch (intent.op) {
    case 'and':
    case 'or':
      return { op: intent.op, of: intent.of.map(inner) }
    case 'not':
      return { op: 'not', of: inner(intent.of) }
    case 'const':
      return { op: 'const', value: intent.value }
  }
}

const at = <T>(items: readonly T[], n: number): T | undefined => items[n % items.length]

/** What entries of a view have of an attribute. */
const valuesOf = (attr: string, view: View, entries: readonly Entry[]): readonly Value[] =>
  entries.flatMap((e) => (e.view === view.name ? (e.attributes.get(attr) ?? []) : []))

function assertion(
  leafOf: Leaf,
  attribute: ViewAttribute,
  view: View,
  entries: readonly Entry[],
  schema: Schema,
): Filter {
  const attr = attribute.name
  if (leafOf.kind === 'present') return { op: 'present', attr }
  const own = entries.filter((e) => e.view === view.name && e.attributes.has(attr))
  const scalars = (at(own, leafOf.entry)?.attributes.get(attr) ?? []).flatMap((v) => scalarOf(v) ?? [])
  const held = at(scalars, leafOf.value)
  if (attribute.refers.length > 0) return reference(leafOf, attr, attribute.refers, held, entries)
  const value = twisted(leafOf, attribute.kind, held)
  if (value === undefined) return UNDEFINED
  if (leafOf.kind === 'substring') {
    return substring(leafOf, attr, value, (piece) => {
      const parsed = schema.parse(attr, Buffer.from(piece), 'substring')
      return typeof parsed === 'string' ? parsed : undefined
    })
  }
  const use =
    leafOf.kind === 'eq' || leafOf.kind === 'approx' || leafOf.kind === 'inChain' ? 'equality' : 'ordering'
  const type = schema.attribute(attr)
  const bytes = type?.syntax.render(value)
  // Text that has no order of its own can be asked for by that of its letters.
  const rule =
    use === 'ordering' && attribute.kind === 'text' && type?.ordering === undefined
      ? leafOf.by === 'names'
        ? 'caseExactOrderingMatch'
        : 'caseIgnoreOrderingMatch'
      : leafOf.kind === 'inChain' && attribute.kind === 'integer' && leafOf.by !== 'both'
        ? leafOf.by === 'names'
          ? 'bitAnd'
          : 'bitOr'
        : use === 'equality' && leafOf.by === 'names' && schema.ruleFor(attr, 'caseExactMatch') !== undefined
          ? 'caseExactMatch'
          : undefined
  const parsed = bytes === undefined ? undefined : schema.parse(attr, Buffer.from(bytes), use, rule)
  if (parsed === undefined) return UNDEFINED
  const op = leafOf.kind === 'inChain' ? 'eq' : leafOf.kind
  return { op, attr, value: parsed, ...(rule !== undefined && { rule }) }
}

/** One element satisfies all; of attributes that have parts more often than of those that have none. */
function element(
  { attr, of }: Extract<Intent, { op: 'element' }>,
  view: View,
  entries: readonly Entry[],
  schema: Schema,
): Filter {
  const all = [...view.attributes.values()]
  const complex = all.filter((a) => a.parts.length > 0 || a.refers.length > 0)
  const attribute = at([...complex, ...complex, ...complex, ...all], attr)
  if (attribute === undefined) return UNDEFINED
  const { name, kind, refers, parts } = attribute
  const known =
    refers.length > 0
      ? [...referenceParts, ...referenceParts, ...referenceParts]
      : parts.length > 0
        ? [...parts, ...parts, ...parts]
        : [{ name: 'value', kind }]
  const choices = [...known, { name: 'unknown', kind: 'text' as const }]
  const inner = (intent: Intent): Filter => {
    if (intent.op === 'element') throw new Error('elements have no elements')
    if (intent.op !== 'leaf') return combination(intent, inner)
    const part = at(choices, intent.attr)
    if (part === undefined) return UNDEFINED
    if (part.name !== 'value' || !isOfOwnKind(attribute))
      return partAssertion(intent, part, attribute, view, entries)
    // A part of that name is compared as the attribute itself.
    const leafOf = intent.kind === 'inChain' ? { ...intent, kind: 'eq' as const } : intent
    const asked = assertion(leafOf, attribute, view, entries, schema)
    return 'attr' in asked ? { ...asked, attr: 'value' } : asked
  }
  return { op: 'element', attr: name, of: inner(of) }
}

const referenceParts = [
  { name: 'value', kind: 'text' },
  { name: 'display', kind: 'text' },
  { name: 'type', kind: 'text' },
  { name: 'view', kind: 'text' },
] as const

const isOfOwnKind = ({ parts, kind }: ViewAttribute) =>
  parts.every((p) => p.name !== 'value' || p.kind === kind)

function partAssertion(
  leafOf: Leaf,
  { name, kind }: ViewPart,
  attribute: ViewAttribute,
  view: View,
  entries: readonly Entry[],
): Filter {
  if (leafOf.kind === 'present') return { op: 'present', attr: name }
  const held = valuesOf(attribute.name, view, entries).flatMap((value) =>
    value instanceof Ref
      ? ((name === 'display' || name === 'type' || name === 'view' ? value[name] : undefined) ?? [])
      : isComplex(value)
        ? (value[name] ?? [])
        : [],
  )
  const value = twisted(leafOf, kind, at(held, leafOf.entry + leafOf.value))
  if (value === undefined || (typeof value === 'string' && !/[^ ]/.test(value))) return UNDEFINED
  switch (leafOf.kind) {
    case 'substring':
      return kind === 'text' ? substring(leafOf, name, value, (piece) => piece) : UNDEFINED
    case 'inChain':
    case 'approx':
      return { op: 'eq', attr: name, value }
    case 'eq':
      return { op: 'eq', attr: name, value }
    default:
      return kind === 'boolean' ? UNDEFINED : { op: leafOf.kind, attr: name, value }
  }
}

function reference(
  { kind, entry, twist, by }: Leaf,
  attr: string,
  refers: readonly string[],
  held: Scalar | undefined,
  entries: readonly Entry[],
): Filter {
  const other = at(entries, entry)
  const names = other?.attributes.get(other.view === 'grps' ? 'cn' : 'uid')
  const found =
    held instanceof Ref && twist !== 'near'
      ? held
      : other === undefined
        ? new Ref(refers[0] ?? '', ['nobody'])
        : new Ref(other.view, (names ?? []).map(String).slice(0, 1), other.id)
  const spelled = found.names.map((n) =>
    twist === 'upper' ? n.toUpperCase() : twist === 'spaces' ? ` ${n} ` : n,
  )
  const isSpelledSo = String(spelled) === String(found.names)
  const value = new Ref(
    found.view,
    by === 'id' && found.id !== undefined ? [] : spelled,
    by === 'id' || (by === 'both' && isSpelledSo) ? found.id : undefined,
  )
  // A walk through entries cannot pass those that are shown nowhere.
  if (kind === 'inChain' && entries.some((e) => !e.attributes.has(e.view === 'grps' ? 'cn' : 'uid')))
    return { op: 'eq', attr, value }
  return { op: 'eq', attr, value, ...(kind === 'inChain' && { rule: 'inChain' }) }
}

function substring(
  { cuts, pieces }: Leaf,
  attr: string,
  value: Scalar,
  asPiece: (text: string) => string | undefined,
): Filter {
  const text = [...String(value)]
  const [a = 0, b = 0, c = 0] = cuts.map((n) => n % (text.length + 1)).sort((x, y) => x - y)
  const part = (from: number, to?: number) => {
    const piece = text.slice(from, to).join('')
    return piece === '' ? undefined : asPiece(piece)
  }
  const [initial, middle, final] = [
    part(0, Math.max(a, 1)),
    part(a, Math.max(b, a + 1)),
    part(Math.max(c, b, 1)),
  ]
  const any = middle === undefined ? [] : [middle]
  const shape: Filter = {
    op: 'substring',
    attr,
    any: pieces === 'any' || pieces === 'all' ? any : [],
    ...(initial !== undefined &&
      (pieces === 'initial' || pieces === 'both' || pieces === 'all') && { initial }),
    ...(final !== undefined && (pieces === 'final' || pieces === 'both' || pieces === 'all') && { final }),
  }
  const empty = shape.initial === undefined && shape.final === undefined && shape.any.length === 0
  return empty ? { op: 'present', attr } : shape
}
