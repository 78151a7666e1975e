/**
 * Verifies passwords against what user tables hold. Decides what may run when, what is comparable in time, and
 * what the log is told; the schemes compute. Whether an entry may bind at all is decided elsewhere.
 */
import { timingSafeEqual } from 'node:crypto'
import { VitrineError } from '../../model/errors.js'
import { digest } from './digest.js'
import { Gate } from './gate.js'
import type { SlowDerivation, Unreadable } from './scheme.js'
import { readStored } from './schemes.js'

/** A stored value that no password can match. Holds nothing of the value itself. */
export interface RefusedHash {
  /** How values of its scheme begin, e.g. `$6$` or `{SSHA}`, where that is known. */
  readonly scheme: string | undefined
  /** `cost`: beyond the scheme's documented bounds. `cleartext`: not a hash, and cleartext is not allowed. */
  readonly reason: Unreadable | 'unknown' | 'cleartext'
}

export interface PasswordVerifierOptions {
  /** Slow checks that run at the same time; default 2, half of libuv's thread pool. */
  readonly concurrency?: number
  /** Slow checks that may wait for their turn; default 256. Beyond it checks reject with `busy`. */
  readonly queue?: number
  /** `false` forbids cleartext everywhere, whatever the single check says. */
  readonly allowCleartext?: false
  /** Told of every stored value that cannot be verified against. Must not throw. */
  readonly onUnknownScheme?: (refused: RefusedHash) => void
}

interface WaitOptions {
  /** Aborted: a check that waits for its turn gives up and rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

interface VerifyOptions extends WaitOptions {
  /** Accept a stored value that is no hash, or follows `{CLEARTEXT}`, as the password itself. */
  readonly cleartext?: boolean
}

export interface PasswordVerifier {
  /**
   * Is this the password? At once where no slow scheme is in use. False for any stored value that cannot be read. The bytes are
   * compared as they are and must not change until a promise settles. Where slow schemes are in use, rejects with VitrineError `busy`
   * when too many checks wait, `unavailable` after `close`, `internalError` when the computation itself fails
   * (memory), and with the signal's reason.
   */
  verify(
    stored: string | Uint8Array,
    password: Uint8Array,
    options?: VerifyOptions,
  ): boolean | Promise<boolean>
  /**
   * Takes as long as a wrong password would, and is as false: for a user who does not exist. Repeats the last slow derivation
   * seen, with its scheme, cost and salt; before one was seen it takes no time. Rejects as `verify` does.
   */
  waste(password: Uint8Array, options?: WaitOptions): false | Promise<false>
  /** Rejects what waits and what comes; resolves when the checks that run have ended. */
  close(): Promise<void>
}

/** Longer passwords match nothing, before any work is done: hashing time grows with the length. */
const longestPassword = 4096
const cleartextTag = /^\{cleartext\}/i
const cleartextTagLength = '{CLEARTEXT}'.length

export function createPasswordVerifier(options: PasswordVerifierOptions = {}): PasswordVerifier {
  return new Verifier(options)
}

class Verifier implements PasswordVerifier {
  readonly #gate: Gate
  readonly #cleartext: boolean
  readonly #report: (refused: RefusedHash) => void
  #lastSlow: SlowDerivation['derive'] | undefined

  constructor({ concurrency = 2, queue = 256, allowCleartext, onUnknownScheme }: PasswordVerifierOptions) {
    this.#gate = new Gate(concurrency, queue)
    this.#cleartext = allowCleartext !== false
    this.#report = onUnknownScheme ?? (() => undefined)
  }

  verify(
    stored: string | Uint8Array,
    password: Uint8Array,
    options: VerifyOptions = {},
  ): boolean | Promise<boolean> {
    if (password.length > longestPassword) return false
    const text = typeof stored === 'string' ? stored : Buffer.from(stored).toString()
    if (text.charAt(cleartextTagLength - 1) === '}' && cleartextTag.test(text))
      return this.#compareCleartext(Buffer.from(stored).subarray(cleartextTagLength), password, options)
    const { scheme, hash } = readStored(text)
    if (hash === undefined) return this.#compareCleartext(Buffer.from(stored), password, options)
    if (typeof hash === 'string') return this.#refuse({ scheme, reason: hash }, password, options)
    if (!hash.slow) return this.#decideFast(equal(hash.expected, hash.derive(password)), password, options)
    this.#lastSlow = hash.derive
    return this.#derive(hash.derive, password, options).then((derived) => equal(hash.expected, derived))
  }

  waste(password: Uint8Array, options: WaitOptions = {}): false | Promise<false> {
    if (this.#lastSlow === undefined || password.length > longestPassword) return false
    return this.#derive(this.#lastSlow, password, options).then(() => false)
  }

  close(): Promise<void> {
    return this.#gate.close()
  }

  async #derive(
    derive: SlowDerivation['derive'],
    password: Uint8Array,
    options: WaitOptions,
  ): Promise<Uint8Array> {
    return this.#gate.run(async () => {
      try {
        return await derive(password)
      } catch (error) {
        throw VitrineError.from(error)
      }
    }, options.signal)
  }

  #compareCleartext(
    stored: Uint8Array,
    password: Uint8Array,
    options: VerifyOptions,
  ): boolean | Promise<boolean> {
    const allowed = this.#cleartext && options.cleartext === true && stored.length > 0
    if (!allowed) return this.#refuse({ scheme: undefined, reason: 'cleartext' }, password, options)
    return this.#decideFast(equal(digest('sha256', stored), digest('sha256', password)), password, options)
  }

  /** Where slow schemes are in use too, a wrong password takes their time, as an unknown user does. */
  #decideFast(matches: boolean, password: Uint8Array, options: WaitOptions): boolean | Promise<boolean> {
    return matches || this.waste(password, options)
  }

  /** Reports it and takes the time of a wrong password, so that a locked account looks like any other. */
  #refuse(refused: RefusedHash, password: Uint8Array, options: WaitOptions): false | Promise<false> {
    this.#report(refused)
    return this.waste(password, options)
  }
}

function equal(expected: Uint8Array, actual: Uint8Array): boolean {
  return expected.length > 0 && expected.length === actual.length && timingSafeEqual(expected, actual)
}
