/** Random canonical filters about entries that are there: what they hold, nearly hold, and do not hold. */
import fc from 'fast-check'
import type { Entry } from '../../src/model/entry.js'
import { type Filter, UNDEFINED } from '../../src/model/filter.js'
import { Ref, type Scalar, scalarOf } from '../../src/model/value.js'
import type { View } from '../../src/model/view.js'
import type { Schema } from '../../src/schema/schema.js'
import { anyText } from './pushdown-world.js'

/** A filter before it is known what the entries hold: numbers choose among what there is. */
export type Intent =
  | { readonly op: 'and' | 'or'; readonly of: readonly Intent[] }
  | { readonly op: 'not'; readonly of: Intent }
  | { readonly op: 'const'; readonly value: boolean | undefined }
  | ({ readonly op: 'leaf' } & Leaf)

interface Leaf {
  readonly kind: 'present' | 'eq' | 'substring' | 'ge' | 'le' | 'gt' | 'lt' | 'approx' | 'inChain'
  readonly attr: number
  readonly entry: number
  readonly value: number
  /** Stands in for a value, where it is one of text. */
  readonly text: string | undefined
  readonly twist:
    | 'none'
    | 'upper'
    | 'lower'
    | 'spaces'
    | 'trim'
    | 'decomposed'
    | 'longer'
    | 'shorter'
    | 'near'
  readonly cuts: readonly [number, number, number]
  readonly pieces: 'initial' | 'any' | 'final' | 'both' | 'all'
  readonly named: boolean
}

const leaf: fc.Arbitrary<Intent> = fc.record({
  op: fc.constant('leaf' as const),
  kind: fc.constantFrom(
    'eq',
    'eq',
    'eq',
    'substring',
    'substring',
    'present',
    'ge',
    'le',
    'gt',
    'lt',
    'approx',
    'inChain',
  ),
  attr: fc.nat(30),
  entry: fc.nat(10),
  value: fc.nat(3),
  text: fc.option(anyText, { nil: undefined, freq: 1 }),
  twist: fc.constantFrom(
    'none',
    'none',
    'upper',
    'lower',
    'spaces',
    'trim',
    'decomposed',
    'longer',
    'shorter',
    'near',
  ),
  cuts: fc.tuple(fc.nat(8), fc.nat(8), fc.nat(8)),
  pieces: fc.constantFrom('initial', 'any', 'final', 'both', 'all'),
  named: fc.boolean(),
})

export const intents: fc.Arbitrary<Intent> = fc.letrec<{ filter: Intent; inner: Intent }>((tie) => ({
  inner: fc.oneof(
    fc.record({
      op: fc.constantFrom('and' as const, 'or' as const),
      of: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ op: fc.constant('not' as const), of: tie('filter') }),
    fc.record({ op: fc.constant('const' as const), value: fc.constantFrom(true, false, undefined) }),
  ),
  filter: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 5, arbitrary: leaf },
    { weight: 3, arbitrary: tie('inner') },
  ),
})).filter

/** @param entries of all views, to take values from */
export function filterOf(intent: Intent, view: View, entries: readonly Entry[], schema: Schema): Filter {
  switch (intent.op) {
    case 'and':
    case 'or':
      return { op: intent.op, of: intent.of.map((f) => filterOf(f, view, entries, schema)) }
    case 'not':
      return { op: 'not', of: filterOf(intent.of, view, entries, schema) }
    case 'const':
      return { op: 'const', value: intent.value }
    case 'leaf':
      return assertion(intent, view, entries, schema)
  }
}

const at = <T>(items: readonly T[], n: number): T | undefined => items[n % items.length]

function assertion(leafOf: Leaf, view: View, entries: readonly Entry[], schema: Schema): Filter {
  const attribute = at([...view.attributes.values()], leafOf.attr)
  if (attribute === undefined) return UNDEFINED
  const attr = attribute.name
  if (leafOf.kind === 'present') return { op: 'present', attr }
  const own = entries.filter((e) => e.view === view.name && e.attributes.has(attr))
  const scalars = (at(own, leafOf.entry)?.attributes.get(attr) ?? []).flatMap((v) => scalarOf(v) ?? [])
  const held = at(scalars, leafOf.value)
  if (attribute.refers.length > 0) return reference(leafOf, attr, attribute.refers, held, entries)
  const value = twisted(leafOf, attribute.kind, held)
  if (value === undefined) return UNDEFINED
  if (leafOf.kind === 'substring') return substring(leafOf, attr, value, schema)
  const use =
    leafOf.kind === 'eq' || leafOf.kind === 'approx' || leafOf.kind === 'inChain' ? 'equality' : 'ordering'
  const type = schema.attribute(attr)
  const bytes = type?.syntax.render(value)
  const parsed = bytes === undefined ? undefined : schema.parse(attr, Buffer.from(bytes), use)
  if (parsed === undefined) return UNDEFINED
  return { op: leafOf.kind === 'inChain' ? 'eq' : leafOf.kind, attr, value: parsed }
}

function reference(
  { kind, entry, twist, named }: Leaf,
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
  const value = new Ref(
    found.view,
    spelled,
    named || String(spelled) !== String(found.names) ? undefined : found.id,
  )
  return { op: 'eq', attr, value, ...(kind === 'inChain' && { rule: 'inChain' }) }
}

function twisted({ twist, text, cuts }: Leaf, kind: string, held: Scalar | undefined): Scalar | undefined {
  const near = BigInt(cuts[0] - 4)
  if (kind === 'integer') {
    const n = typeof held === 'number' || typeof held === 'bigint' ? BigInt(held) : 42n
    if (twist === 'longer') return 2n ** 63n + near
    if (twist === 'shorter') return -(2n ** 63n) + near
    return twist === 'near' ? n + near : n
  }
  if (kind === 'boolean') return twist === 'near' ? held !== true : held === true
  if (kind === 'time') {
    const time = held instanceof Date ? held.getTime() : Date.UTC(2025, 0, 2)
    const steps: Partial<Record<Leaf['twist'], number>> = {
      near: Number(near),
      longer: 86_400_000,
      shorter: -1000,
    }
    return new Date(time + (steps[twist] ?? 0))
  }
  if (kind === 'binary') {
    const bytes = held instanceof Uint8Array ? held : Buffer.from('foo')
    return twist === 'near' ? Buffer.concat([bytes, Buffer.from([0])]) : bytes
  }
  const plain = text ?? (held === undefined ? 'foo' : String(held))
  switch (twist) {
    case 'upper':
      return plain.toUpperCase()
    case 'lower':
      return plain.toLowerCase()
    case 'spaces':
      return `  ${plain.replaceAll(' ', '   ')} `
    case 'trim':
      return plain.replace(/ {2,}/g, ' ').trim()
    case 'decomposed':
      return plain.normalize(cuts[0] % 2 === 0 ? 'NFD' : 'NFC')
    case 'longer':
      return `${plain}${cuts[0] % 2 === 0 ? 'a' : '%'}`
    case 'shorter':
      return [...plain].slice(0, -1).join('')
    default:
      return plain
  }
}

function substring({ cuts, pieces }: Leaf, attr: string, value: Scalar, schema: Schema): Filter {
  const text = [...String(value)]
  const [a = 0, b = 0, c = 0] = cuts.map((n) => n % (text.length + 1)).sort((x, y) => x - y)
  const part = (from: number, to?: number) => {
    const piece = text.slice(from, to).join('')
    const parsed = piece === '' ? undefined : schema.parse(attr, Buffer.from(piece), 'substring')
    return typeof parsed === 'string' ? parsed : undefined
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
