/** A client's operation of one response, and what all operations share: time limit, caller's signal, errors. */
import { setMaxListeners } from 'node:events'
import type { ClientConnection, PendingOperation, RequestBody } from './client-connection.js'
import { LdapError } from './errors.js'
import type { LdapResponse, ResultMessage } from './message.js'
import { resultCode } from './result-code.js'

/** Calls `expire` with the error when the time is over or the signal aborted; `stop` ends the watch. */
export class Watch {
  private readonly signal: AbortSignal | undefined
  private readonly timer: NodeJS.Timeout | undefined
  private overdue: NodeJS.Immediate | undefined = undefined
  private readonly expire: (error: LdapError) => void

  constructor(timeoutMs: number, signal: AbortSignal | undefined, expire: (error: LdapError) => void) {
    this.expire = expire
    this.signal = signal
    this.timer =
      timeoutMs > 0
        ? setTimeout(() => {
            // An answer that came while the process was held up is read first.
            this.overdue = setImmediate(() =>
              expire(new LdapError(resultCode.timeout, `no answer within ${timeoutMs} ms`)),
            )
          }, timeoutMs)
        : undefined
    if (signal === undefined) return
    // That of many operations at a time is none that leaks.
    setMaxListeners(0, signal)
    signal.addEventListener('abort', this.aborted)
  }

  /** The time starts again. */
  refresh(): void {
    clearImmediate(this.overdue)
    this.timer?.refresh()
  }

  stop(): void {
    clearTimeout(this.timer)
    clearImmediate(this.overdue)
    this.signal?.removeEventListener('abort', this.aborted)
  }

  private readonly aborted = (): void => this.expire(canceled(this.signal))
}

export function canceled(signal: AbortSignal | undefined): LdapError {
  return new LdapError(resultCode.userCanceled, 'the operation was canceled', { cause: signal?.reason })
}

export function errorOf(result: ResultMessage): LdapError {
  const { code, message, matchedDN, referrals } = result
  return new LdapError(code, message, { matchedDN, ...(referrals === undefined ? undefined : { referrals }) })
}

export function unexpected(response: LdapResponse): LdapError {
  return new LdapError(resultCode.decodingError, `unexpected ${response.op}`)
}

/**
 * Sends a request and resolves with its response, whatever its result code. Rejects with `LdapError` where there
 * is none.
 */
export function request<Op extends LdapResponse['op']>(
  connection: ClientConnection,
  body: RequestBody,
  answer: Op,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Extract<LdapResponse, { op: Op }>> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) throw canceled(signal)
    let watch: Watch | undefined
    const operation: PendingOperation = {
      isFull: () => false,
      receive(response) {
        if (response.op === 'intermediateResponse') {
          watch?.refresh()
          return false
        }
        if (response.op !== answer) throw unexpected(response)
        watch?.stop()
        resolve(response as Extract<LdapResponse, { op: Op }>)
        return true
      },
      fail(error) {
        watch?.stop()
        reject(error)
      },
    }
    const id = connection.send(body, operation)
    if (timeoutMs > 0 || signal !== undefined) {
      watch = new Watch(timeoutMs, signal, (error) => {
        operation.fail(error)
        connection.abandon(id)
      })
    }
  })
}
