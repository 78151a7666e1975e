/** Random filters before it is known what there is to ask about, and the values near to held ones that they ask for. */
import fc from 'fast-check'
import type { Scalar } from '../../src/model/value.js'
import { anyText } from './pushdown-columns.js'

/** A filter before it is known what the entries hold: numbers choose among what there is. */
export type Intent =
  | { readonly op: 'and' | 'or'; readonly of: readonly Intent[] }
  | { readonly op: 'not'; readonly of: Intent }
  | { readonly op: 'const'; readonly value: boolean | undefined }
  /** Its leaves ask about parts. */
  | { readonly op: 'element'; readonly attr: number; readonly of: Intent }
  | ({ readonly op: 'leaf' } & Leaf)

/** A question to one attribute or part. */
export interface Leaf {
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
  /** How a reference tells what it refers to. */
  readonly by: 'names' | 'id' | 'both'
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
  by: fc.constantFrom('names', 'id', 'both'),
})

export const intents: fc.Arbitrary<Intent> = fc.letrec<{
  filter: Intent
  inner: Intent
  parts: Intent
  innerParts: Intent
}>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 5, arbitrary: leaf },
    { weight: 3, arbitrary: tie('inner') },
    {
      weight: 3,
      arbitrary: fc.record({ op: fc.constant('element' as const), attr: fc.nat(30), of: tie('parts') }),
    },
  ),
  inner: combined(tie('filter')),
  parts: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 2, arbitrary: leaf },
    { weight: 3, arbitrary: tie('innerParts') },
  ),
  innerParts: combined(tie('parts')),
})).filter

function combined(of: fc.Arbitrary<Intent>): fc.Arbitrary<Intent> {
  return fc.oneof(
    fc.record({
      op: fc.constantFrom('and' as const, 'or' as const),
      of: fc.array(of, { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ op: fc.constant('not' as const), of }),
    fc.record({ op: fc.constant('const' as const), value: fc.constantFrom(true, false, undefined) }),
  )
}

/** What is asked for instead of a value that is held, or where there is none. */
export function twisted(
  { twist, text, cuts }: Leaf,
  kind: string,
  held: Scalar | undefined,
): Scalar | undefined {
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
