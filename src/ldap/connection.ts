/**
 * One client of a server: takes requests in the order and number that RFC 4511 and the limits allow, answers
 * them, and ends the session. What operations mean is left to the handlers.
 */
import type { Socket } from 'node:net'
import { BerReader } from './ber-reader.js'
import { readMessage } from './decode.js'
import {
  type AnsweredRequest,
  callHandler,
  isAnswered,
  isPromise,
  respond,
  resultOfError,
} from './dispatch.js'
import { writeResult } from './encode-response.js'
import { type AbortReason, BerError, MessageError } from './errors.js'
import type { FilterLimits } from './filter.js'
import { Framer } from './framing.js'
import type { LdapHandlers } from './handlers.js'
import type { BindRequest, LdapMessage, LdapResult } from './message.js'
import { ActiveOperation, type OperationHost } from './operation.js'
import { Outbox } from './outbox.js'
import { Outstanding } from './outstanding.js'
import { resultCode } from './result-code.js'
import { EXTENDED_RESPONSE } from './tags.js'

const NOTICE_OF_DISCONNECTION = '1.3.6.1.4.1.1466.20036'
/** Octets, roughly, that are read ahead of requests that have to wait. */
const READ_AHEAD = 64 * 1024
/** Milliseconds without progress that a client is given to read what is left and to close. */
const LINGER_MS = 1000

/** What all connections of a server share. */
export interface ConnectionSettings<State> {
  readonly handlers: LdapHandlers<State>
  readonly supportedControls: ReadonlySet<string>
  readonly filterLimits: FilterLimits
  readonly maxInFlight: number
  readonly maxPduBytes: number
  readonly maxPduBytesBeforeBind: number
  readonly highWaterMark: number
  readonly onError: (error: unknown) => void
}

export class ServerConnection<State> implements OperationHost<State> {
  readonly id: number
  readonly remoteAddress: string
  readonly remotePort: number
  readonly secure: boolean
  state: State | undefined = undefined

  readonly outbox: Outbox
  readonly highWater: number
  readonly lagging = new Set<ActiveOperation<State>>()

  /** Milliseconds since the epoch when the connection was made or its last operation ended. */
  activeAt = Date.now()

  private readonly socket: Socket
  private readonly settings: ConnectionSettings<State>
  private readonly framer: Framer
  private readonly reader = new BerReader(Buffer.alloc(0))
  /** By message id, those that may still be answered. */
  private readonly live = new Outstanding<ActiveOperation<State>>()
  /** Handlers that have not returned, those of abandoned operations too. */
  private running = 0
  private binding = false
  private held: AnsweredRequest | undefined = undefined
  private pumping = false
  private paused = false
  private phase: 'open' | 'draining' | 'closed' = 'open'

  constructor(id: number, socket: Socket, secure: boolean, settings: ConnectionSettings<State>) {
    this.id = id
    this.remoteAddress = socket.remoteAddress ?? ''
    this.remotePort = socket.remotePort ?? 0
    this.secure = secure
    this.socket = socket
    this.settings = settings
    this.highWater = settings.highWaterMark
    this.framer = new Framer(settings.maxPduBytesBeforeBind)
    this.outbox = new Outbox(socket, this.highWater, () => this.roomAgain())
    socket.on('data', (chunk: Buffer) => this.received(chunk))
    socket.on('end', () => this.end('disconnect'))
    socket.on('error', () => this.end('disconnect'))
    socket.on('close', () => this.end('disconnect'))
  }

  /** Is a handler at work? */
  get busy(): boolean {
    return this.running > 0
  }

  /** Takes no more requests; ends the session as soon as those in progress are answered. */
  drain(): void {
    if (this.phase !== 'open') return
    this.phase = 'draining'
    this.held = undefined
    this.framer.clear()
    if (this.live.size === 0) this.disconnect(resultCode.unavailable, 'the server is shutting down')
  }

  /** Notice of Disconnection (RFC 4511 4.4.1), then the end of the session. */
  disconnect(code: number, message: string, reason: AbortReason = 'disconnect'): void {
    if (this.phase === 'closed') return
    writeResult(this.outbox.begin(), 0, EXTENDED_RESPONSE, { code, message, name: NOTICE_OF_DISCONNECTION })
    this.end(reason)
  }

  /** Ends the session at once, whatever waits to be sent. */
  destroy(): void {
    this.end('disconnect')
    this.socket.destroy()
  }

  private received(chunk: Buffer): void {
    if (this.phase !== 'open') return
    this.framer.push(chunk)
    this.pump()
  }

  private roomAgain(): void {
    for (const op of this.lagging) op.proceed()
    this.pump()
  }

  /** Takes requests until there are none, or one has to wait. */
  private pump(): void {
    if (this.pumping) return
    this.pumping = true
    while (this.phase === 'open' && !this.binding) {
      const request = this.held ?? this.next()
      if (request === undefined) break
      if (this.mustWait(request)) {
        this.held = request
        break
      }
      this.held = undefined
      this.start(request)
    }
    this.pumping = false
    if (this.phase === 'open') this.steerReading()
  }

  private mustWait(request: AnsweredRequest): boolean {
    if (this.outbox.size > this.highWater) {
      this.outbox.askForRoom()
      return true
    }
    return this.running >= this.settings.maxInFlight || (request.op === 'bindRequest' && this.live.size > 0)
  }

  private steerReading(): void {
    const full = (this.held !== undefined || this.binding) && this.framer.queued >= READ_AHEAD
    if (full === this.paused) return
    this.paused = full
    if (full) this.socket.pause()
    else this.socket.resume()
  }

  /** The next request that is to be answered; those that are not are done with here. */
  private next(): AnsweredRequest | undefined {
    const { framer, reader, settings } = this
    while (this.phase === 'open') {
      try {
        if (!framer.next()) return undefined
        const message = readMessage(
          reader.reset(framer.buffer, framer.start, framer.end),
          settings.filterLimits,
        )
        if (message.op === 'abandonRequest') this.abandon(message.target)
        else if (message.op === 'unbindRequest') this.end('unbind')
        else if (isRequest(message)) {
          if (!this.live.has(message.messageId)) return message
          this.disconnect(resultCode.protocolError, `message id ${message.messageId} is in use`)
        } else this.disconnect(resultCode.protocolError, 'a response was sent as a request')
      } catch (error) {
        this.refuse(error)
      }
    }
    return undefined
  }

  private refuse(error: unknown): void {
    const { onError } = this.settings
    if (error instanceof MessageError && error.op !== undefined && isAnswered(error.op)) {
      respond(this.outbox, error.messageId, error.op, resultOfError(error, onError), onError)
      if (error.op === 'bindRequest') this.state = undefined
      return
    }
    if (!(error instanceof BerError || error instanceof MessageError)) onError(error)
    const result = resultOfError(error, ignore)
    this.disconnect(result.code, result.message ?? '')
  }

  private start(request: AnsweredRequest): void {
    const { handlers, supportedControls, onError } = this.settings
    const op = new ActiveOperation<State>(this, request.messageId, request.controls)
    this.live.add(request.messageId, op)
    this.running++
    if (request.op === 'bindRequest') this.binding = true
    let result: LdapResult | Promise<LdapResult>
    try {
      result = callHandler(handlers, supportedControls, request, op)
    } catch (error) {
      result = resultOfError(error, onError)
    }
    if (isPromise(result)) void this.finishLater(request, op, result)
    else this.finish(request, op, result)
  }

  private async finishLater(
    request: AnsweredRequest,
    op: ActiveOperation<State>,
    promised: Promise<LdapResult>,
  ): Promise<void> {
    let result: LdapResult
    try {
      result = await promised
    } catch (error) {
      // What an aborted operation throws is only the echo of its abortion.
      result = resultOfError(error, op.ended === undefined ? this.settings.onError : ignore)
    }
    this.finish(request, op, result)
    this.pump()
  }

  private finish(request: AnsweredRequest, op: ActiveOperation<State>, result: LdapResult): void {
    this.running--
    if (request.op === 'bindRequest') this.binding = false
    if (op.ended === undefined) {
      op.ended = 'finished'
      this.live.delete(op.messageId)
      const code = respond(this.outbox, op.messageId, request.op, result, this.settings.onError)
      if (request.op === 'bindRequest') this.bound(request, code)
    }
    if (this.running === 0) this.activeAt = Date.now()
    if (this.phase === 'draining' && this.live.size === 0) {
      this.disconnect(resultCode.unavailable, 'the server is shutting down', 'shutdown')
    }
  }

  /** A bind that fails leaves the session anonymous (RFC 4513 section 4). */
  private bound(request: BindRequest, code: number): void {
    const { maxPduBytes, maxPduBytesBeforeBind } = this.settings
    const named = request.name !== '' || request.authentication.mechanism === 'sasl'
    const known = named && code === resultCode.success
    this.framer.maxPduBytes = known ? maxPduBytes : maxPduBytesBeforeBind
    if (code !== resultCode.success && code !== resultCode.saslBindInProgress) this.state = undefined
  }

  private abandon(messageId: number): void {
    const op = this.live.get(messageId)
    if (op === undefined) return
    this.live.delete(messageId)
    op.abort('abandon')
  }

  /** Ends the session; what has been written is still sent. */
  private end(reason: AbortReason): void {
    if (this.phase === 'closed') return
    this.phase = 'closed'
    for (const op of this.live.clear()) op.abort(reason)
    this.held = undefined
    this.framer.clear()
    this.outbox.flush()
    this.outbox.close()
    // What still comes in is read and dropped: closing on unread octets would cost the client our last message.
    this.socket.end()
    this.socket.resume()
    const linger = setInterval(() => {
      if (Date.now() - this.outbox.progressAt >= LINGER_MS) this.socket.destroy()
    }, LINGER_MS)
    this.socket.once('close', () => clearInterval(linger))
  }
}

function isRequest(message: LdapMessage): message is AnsweredRequest {
  return isAnswered(message.op as AnsweredRequest['op'])
}

function ignore(): void {}
