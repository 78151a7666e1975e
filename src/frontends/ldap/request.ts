/** What one LDAP operation runs with: who asks, until when, and how its failures are told. */
import {
  BerError,
  controlType,
  findControl,
  type LdapResult,
  MessageError,
  type Operation,
  OperationAborted,
} from '../../ldap/index.js'
import { errorKinds, VitrineError } from '../../model/errors.js'
import type { Log } from '../../model/log.js'
import type { Tally } from '../../model/observe.js'
import type { Provenance } from '../../model/provenance.js'
import { ANONYMOUS, type Context, type Principal } from '../../model/request.js'

/** What a connection remembers. */
export interface Session {
  readonly principal: Principal
  /** The DN it bound with, as WhoAmI tells it; empty for anonymous. */
  readonly dn: string
  /** The accounts among which it was found: where others have taken their place, it is looked for again. */
  readonly among?: object
}

export type LdapOperation = Operation<Session>

/** A context that knows under which name somebody asks. */
export interface LdapContext extends Context {
  /** As WhoAmI tells it. */
  readonly dn: string
  /** The same for somebody else. */
  as(session: Session): LdapContext
  /** The same for writes that are undone. */
  rehearsing(): LdapContext
}

/** Milliseconds that a timer can wait at most: 24 days. */
const LONGEST = 2 ** 31 - 1

/** What an operation takes that nothing is changed by. */
export interface Reading {
  /** Takes what the answer is without, where that will do. */
  readonly missing: Set<string>
  /** Where answers that were kept will do. */
  readonly kept?: Provenance
}

/** The signal is made only if somebody looks at it. */
class OperationContext implements LdapContext {
  readonly principal: Principal
  readonly dn: string
  readonly address: string
  readonly secure: boolean
  readonly missing?: Set<string>
  readonly rehearses?: true
  readonly uncopied?: true
  readonly kept?: Provenance
  readonly tally?: Tally
  readonly #op: LdapOperation
  readonly #reading: Reading | undefined

  constructor(
    op: LdapOperation,
    reading: Reading | undefined,
    session: Session | undefined,
    tally: Tally | undefined,
    rehearses = false,
  ) {
    if (tally !== undefined) this.tally = tally
    if (rehearses) this.rehearses = true
    if (findControl(op.controls, controlType.dontUseCopy) !== undefined) this.uncopied = true
    if (reading !== undefined) this.missing = reading.missing
    if (reading?.kept !== undefined) this.kept = reading.kept
    this.#reading = reading
    this.principal = session?.principal ?? ANONYMOUS
    this.dn = session?.dn ?? ''
    this.address = op.connection.remoteAddress
    this.secure = op.connection.secure
    this.#op = op
  }

  get signal(): AbortSignal {
    return this.#op.signal
  }

  whenAborted(listener: (reason: unknown) => void): () => void {
    return this.#op.whenAborted(listener)
  }

  as(session: Session): LdapContext {
    return new OperationContext(this.#op, this.#reading, session, this.tally)
  }

  rehearsing(): LdapContext {
    const { principal, dn } = this
    return new OperationContext(this.#op, this.#reading, { principal, dn }, this.tally, true)
  }
}

/**
 * Runs `work` with a context that ends when the client abandons, disconnects, or `limit` milliseconds have
 * passed; 0 is no limit.
 * @param tally takes what it comes to, where somebody wants to know
 */
export function withContext<T>(
  op: LdapOperation,
  limit: number,
  work: (ctx: LdapContext) => Promise<T>,
  reading?: Reading,
  tally?: Tally,
): Promise<T> {
  const ctx = new OperationContext(op, reading, op.connection.state, tally)
  if (limit === 0) return work(ctx)
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => {
        const exceeded = new VitrineError('timeLimitExceeded')
        op.cancel(exceeded)
        reject(exceeded)
      },
      Math.min(limit, LONGEST),
    )
    const settle =
      <A>(act: (value: A) => void) =>
      (value: A) => {
        clearTimeout(timer)
        act(value)
      }
    work(ctx).then(settle(resolve), settle(reject))
  })
}

/** There is no such entry; its name leads as far as the matched DN. */
export class NoSuchObject extends VitrineError {
  readonly matchedDN: string

  constructor(matchedDN = '') {
    super('noSuchObject')
    this.matchedDN = matchedDN
  }
}

/** A failure as a result; what is not made for clients is logged with its detail and told only by its kind. */
export function resultOf(thrown: unknown, op: LdapOperation, log: Log): LdapResult {
  if (thrown instanceof OperationAborted) throw thrown
  // A part of the request that is decoded late, such as a control's value.
  if (thrown instanceof BerError || thrown instanceof MessageError) {
    return { code: thrown.resultCode, message: thrown.safeMessage }
  }
  const error = VitrineError.from(thrown)
  const kind = errorKinds[error.code]
  const detail = { code: error.code, connection: op.connection.id, message: op.messageId, err: error }
  if (error.code === 'internalError') log.error(detail, 'an operation failed')
  else if (error.code === 'unavailable' || error.code === 'busy')
    log.warn(detail, 'an operation could not be done now')
  else log.debug(detail, 'an operation was refused')
  const matched = error instanceof NoSuchObject && error.matchedDN !== '' && { matchedDN: error.matchedDN }
  return { code: kind.ldap, message: error.safeMessage, ...matched }
}
