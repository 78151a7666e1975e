/**
 * One client of a server: takes requests in the order and number that RFC 4511 and the limits allow, answers
 * them, and ends the session. What operations mean is left to the handlers.
 */
import type { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import type { Arrival, ConnectionSettings } from './connection-settings.js'
import {
  type AnsweredRequest,
  callHandler,
  isAnswered,
  isPromise,
  refusedControl,
  respond,
  resultOfError,
} from './dispatch.js'
import { writeResult } from './encode-response.js'
import { type AbortReason, BerError, MessageError } from './errors.js'
import { flowDirectly } from './flow-directly.js'
import { Intake } from './intake.js'
import { closeGently } from './linger.js'
import type { BindRequest, ExtendedRequest, LdapMessage, LdapResult } from './message.js'
import { ActiveOperation, type OperationHost } from './operation.js'
import { Outbox } from './outbox.js'
import { Outstanding } from './outstanding.js'
import { type EncodedSearch, sendEntries } from './recall.js'
import { resultCode } from './result-code.js'
import type { ServerTls } from './server-tls.js'
import {
  CANCELED,
  cancel,
  confidentialityRequired,
  isCancel,
  isCancelable,
  isDone,
  isOpenToAll,
  refusedTls,
  STARTING_TLS,
  sessionOperation,
} from './session-operations.js'
import { EXTENDED_RESPONSE } from './tags.js'
import { upgraded } from './tls-upgrade.js'

const NOTICE_OF_DISCONNECTION = '1.3.6.1.4.1.1466.20036'
/** Octets, roughly, that are read ahead of requests that have to wait. */
const READ_AHEAD = 64 * 1024

export class ServerConnection<State> implements OperationHost<State> {
  readonly id: number
  readonly remoteAddress: string
  readonly remotePort: number
  secure: boolean
  certificate: X509Certificate | undefined
  state: State | undefined = undefined

  readonly outbox: Outbox
  readonly highWater: number
  readonly lagging = new Set<ActiveOperation<State>>()

  /** Milliseconds since the epoch when the connection was made or its last operation ended. */
  activeAt = Date.now()

  private socket: Socket
  private readonly requireTls: boolean
  private readonly settings: ConnectionSettings<State>
  private readonly intake: Intake
  /** By message id, those that may still be answered. */
  private readonly live = new Outstanding<ActiveOperation<State>>()
  /** Handlers that have not returned, those of abandoned operations too. */
  private running = 0
  private binding = false
  private held: AnsweredRequest | undefined = undefined
  private pumping = false
  private paused = false
  private phase: 'open' | 'encrypting' | 'draining' | 'closed' = 'open'

  constructor(id: number, arrival: Arrival, settings: ConnectionSettings<State>) {
    const { socket } = arrival
    this.id = id
    this.remoteAddress = arrival.remoteAddress
    this.remotePort = arrival.remotePort
    this.secure = arrival.secure
    this.certificate = arrival.certificate
    this.requireTls = arrival.requireTls
    this.socket = socket
    this.settings = settings
    this.highWater = settings.highWaterMark
    this.intake = new Intake(settings)
    this.outbox = new Outbox(socket, this.highWater, () => this.roomAgain())
    this.listenTo(socket)
  }

  /** Is a handler at work? */
  get busy(): boolean {
    return this.running > 0
  }

  /** As of `Intake`. */
  get heard(): boolean {
    return this.intake.heard
  }

  get incompleteSince(): number {
    return this.intake.incompleteSince
  }

  /** Takes no more requests; ends the session as soon as those in progress are answered. */
  drain(): void {
    if (this.phase === 'encrypting') this.destroy()
    if (this.phase !== 'open') return
    this.phase = 'draining'
    this.held = undefined
    this.intake.clear()
    if (this.live.size === 0) this.disconnect(resultCode.unavailable, 'the server is shutting down')
  }

  /** Notice of Disconnection (RFC 4511 4.4.1), then the end of the session. */
  disconnect(code: number, message: string, reason: AbortReason = 'disconnect'): void {
    if (this.phase === 'closed') return
    if (this.phase === 'encrypting') {
      this.destroy()
      return
    }
    writeResult(this.outbox.begin(), 0, EXTENDED_RESPONSE, { code, message, name: NOTICE_OF_DISCONNECTION })
    this.end(reason)
  }

  /** Ends the session at once, whatever waits to be sent. */
  destroy(): void {
    this.end('disconnect')
    this.socket.destroy()
  }

  private listenTo(socket: Socket): void {
    flowDirectly(socket)
    socket.on('data', this.received)
    socket.on('end', this.ended)
    socket.on('error', this.ended)
    socket.on('close', this.ended)
  }

  private readonly ended = (): void => this.end('disconnect')

  private readonly received = (chunk: Buffer): void => {
    if (this.phase !== 'open') return
    this.intake.push(chunk)
    this.pump()
    this.intake.settle()
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
    if (request.op === 'bindRequest' && this.live.size > 0) return true
    return this.running >= this.settings.maxInFlight && !isCancel(request)
  }

  private steerReading(): void {
    const full = (this.held !== undefined || this.binding) && this.intake.queued >= READ_AHEAD
    if (full === this.paused) return
    this.paused = full
    if (full) this.socket.pause()
    else this.socket.resume()
  }

  /** The next request that is to be answered; those that are not are done with here. */
  private next(): AnsweredRequest | undefined {
    while (this.phase === 'open') {
      try {
        if (!this.intake.next()) return undefined
        const search = this.settings.handlers.recall && this.intake.search()
        if (search !== undefined && this.recalled(search)) continue
        const message = this.intake.message()
        if (search !== undefined && message.op === 'searchRequest')
          Object.assign(message, { encoded: search.encoded })
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

  /** Is this search answered as it was before? Not where it would have to wait, or to be refused. */
  private recalled({ messageId, encoded }: EncodedSearch): boolean {
    const { handlers, onError } = this.settings
    if (this.requireTls && !this.secure) return false
    if (this.outbox.size > this.highWater || this.live.has(messageId)) return false
    const answer = handlers.recall?.(encoded, this, messageId)
    if (answer === undefined) return false
    sendEntries(this.outbox, messageId, answer.entries)
    respond(this.outbox, messageId, 'searchRequest', answer.result, onError)
    this.activeAt = Date.now()
    return true
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
    const op = new ActiveOperation<State>(this, request.messageId, request.controls, isCancelable(request))
    this.live.add(request.messageId, op)
    this.running++
    if (request.op === 'bindRequest') this.binding = true
    let result: LdapResult | Promise<LdapResult>
    try {
      const refusal =
        refusedControl(supportedControls, request) ??
        (this.requireTls && !this.secure && !isOpenToAll(request) ? confidentialityRequired : undefined)
      if (refusal === undefined && request.op === 'extendedRequest' && this.performs(request, op)) return
      result = refusal ?? callHandler(handlers, request, op)
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
      const isEcho = op.ended !== undefined || op.onCanceled !== undefined
      result = resultOfError(error, isEcho ? ignore : this.settings.onError)
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
      const isCanceled = op.onCanceled !== undefined && !isDone(result)
      const answer = isCanceled ? CANCELED : result
      const code = respond(this.outbox, op.messageId, request.op, answer, this.settings.onError)
      op.onCanceled?.(isCanceled)
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
    this.intake.maxPduBytes = known ? maxPduBytes : maxPduBytesBeforeBind
    if (code !== resultCode.success && code !== resultCode.saslBindInProgress) this.state = undefined
  }

  private abandon(messageId: number): void {
    const op = this.live.get(messageId)
    if (op === undefined) return
    this.live.delete(messageId)
    op.abort('abandon')
    op.onCanceled?.(true)
  }

  /** Does the server perform this operation itself? Then it has begun to. */
  private performs(request: ExtendedRequest, op: ActiveOperation<State>): boolean {
    const { tls } = this.settings
    const answer = (result: LdapResult) => this.finish(request, op, result)
    if (request.name === sessionOperation.cancel) cancel(request, this.live, answer)
    else if (request.name === sessionOperation.startTls && tls !== undefined) {
      const refusal = refusedTls(request, this.secure, this.live.size - 1)
      answer(refusal ?? STARTING_TLS)
      if (refusal === undefined && this.phase === 'open') void this.encrypt(tls)
    } else return false
    return true
  }

  /** Nothing that was said in clear behind the request counts, nor who the client was before it. */
  private async encrypt(tls: ServerTls): Promise<void> {
    const { socket, intake, outbox, settings } = this
    this.phase = 'encrypting'
    this.state = undefined
    intake.clear()
    intake.maxPduBytes = settings.maxPduBytesBeforeBind
    socket.off('data', this.received)
    socket.off('end', this.ended)
    this.paused = false
    try {
      const isWanted = () => this.phase === 'encrypting'
      const secured = await upgraded(socket, outbox, tls, settings.handshakeTimeoutMs, isWanted)
      if (secured === undefined) return
      this.socket = secured.socket
      this.certificate = secured.certificate
      this.secure = true
      outbox.redirect(this.socket)
      this.listenTo(this.socket)
      this.activeAt = Date.now()
      this.phase = 'open'
    } catch (error) {
      settings.onClientError(error as Error, this)
      this.destroy()
    }
  }

  /** Ends the session; what has been written is still sent. */
  private end(reason: AbortReason): void {
    if (this.phase === 'closed') return
    this.phase = 'closed'
    for (const op of this.live.clear()) op.abort(reason)
    this.held = undefined
    this.intake.clear()
    closeGently(this.socket, this.outbox)
  }
}

function isRequest(message: LdapMessage): message is AnsweredRequest {
  return isAnswered(message.op as AnsweredRequest['op'])
}

function ignore(): void {}
