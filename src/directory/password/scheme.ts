/**
 * What every password hash family offers: a stored text becomes a derivation, or the reason why it cannot.
 * Families read and compute; comparing, queueing and reporting belong to the verifier.
 */

interface DerivationOf<Slow extends boolean, Result> {
  /** Slow ones take milliseconds of CPU by design and wait for a place; the others are computed at once. */
  readonly slow: Slow
  /** What `derive` gives for the right password; never empty. */
  readonly expected: Uint8Array
  /** Knows salt and cost but not `expected`. The bytes are not changed or kept. */
  readonly derive: (password: Uint8Array) => Result
}

type FastDerivation = DerivationOf<false, Uint8Array>
export type SlowDerivation = DerivationOf<true, Promise<Uint8Array>>
export type Derivation = FastDerivation | SlowDerivation

/** Why a stored value cannot be verified against. `cost` is one beyond the family's documented bounds. */
export type Unreadable = 'malformed' | 'cost'

export interface Scheme {
  /**
   * How its values begin: `{NAME}` (RFC 2307 5.3; upper case here, any case in data), `$id$` (modular
   * crypt format) or `id$` (Django).
   */
  readonly tag: string
  /** Reads what follows the tag. Never throws. */
  readonly read: (rest: string) => Derivation | Unreadable
}

/** What `derive` gives for a password that the scheme cannot hold: equal to no expected value. */
export const noMatch: Uint8Array = new Uint8Array(0)

export function fast(expected: Uint8Array, derive: FastDerivation['derive']): FastDerivation {
  return { slow: false, expected, derive }
}

export function slow(expected: Uint8Array, derive: SlowDerivation['derive']): SlowDerivation {
  return { slow: true, expected, derive }
}

/** The same derivation, of what `prepare` makes of the password first. */
export function prehashed(
  inner: Derivation | Unreadable,
  prepare: (password: Uint8Array) => Uint8Array,
): Derivation | Unreadable {
  if (typeof inner === 'string') return inner
  const { expected } = inner
  return inner.slow
    ? slow(expected, (password) => inner.derive(prepare(password)))
    : fast(expected, (password) => inner.derive(prepare(password)))
}
