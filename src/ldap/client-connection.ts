/**
 * The socket of a client: gives messages their ids, brings responses to the operations they belong to, holds
 * reading back while nobody takes what comes, and fails all that is pending when the connection ends.
 */
import type { Socket } from 'node:net'
import { BerReader } from './ber-reader.js'
import { readMessage } from './decode.js'
import { writeMessage } from './encode.js'
import { LdapError } from './errors.js'
import { DEFAULT_FILTER_LIMITS } from './filter.js'
import { flowDirectly } from './flow-directly.js'
import { Framer } from './framing.js'
import type { ExtendedResponse, LdapMessage, LdapRequest, LdapResponse } from './message.js'
import { Outbox } from './outbox.js'
import { Outstanding } from './outstanding.js'
import { resultCode } from './result-code.js'

const NOTICE_OF_DISCONNECTION = '1.3.6.1.4.1.1466.20036'
const LARGEST_ID = 0x7fffffff
const HIGH_WATER = 256 * 1024
/** Milliseconds that the server is given to close after an unbind. */
const LINGER_MS = 1000

/** An operation that waits for responses. */
export interface PendingOperation {
  /** True when it was the last one. Throws `LdapError` for a response that does not belong here. */
  receive(response: LdapResponse): boolean
  fail(error: LdapError): void
  /** Has it more than it wants for now? */
  isFull(): boolean
}

type WithoutId<T> = T extends unknown ? Omit<T, 'messageId'> : never
export type RequestBody = WithoutId<LdapRequest>

export class ClientConnection {
  private readonly socket: Socket
  private readonly framer: Framer
  private readonly reader = new BerReader(Buffer.alloc(0))
  private readonly outbox: Outbox
  private readonly pending = new Outstanding<PendingOperation>()
  private readonly onClose: (error: LdapError | undefined) => void
  private lastId = 0
  private paused = false
  private end: LdapError | undefined = undefined

  /** The socket is connected. `onClose` hears once why the connection ended; nothing if it was closed here. */
  constructor(socket: Socket, maxPduBytes: number, onClose: (error: LdapError | undefined) => void) {
    this.socket = socket
    this.framer = new Framer(maxPduBytes)
    this.outbox = new Outbox(socket, HIGH_WATER, ignore)
    this.onClose = onClose
    flowDirectly(socket)
    socket.on('data', (chunk: Buffer) => this.received(chunk))
    socket.on('error', (cause) => this.fail(serverDown(cause)))
    socket.on('end', () => this.fail(serverDown()))
    socket.on('close', () => this.fail(serverDown()))
  }

  get closed(): boolean {
    return this.end !== undefined
  }

  /** Sends a request and returns its message id; throws `LdapError` serverDown on a closed connection. */
  send(body: RequestBody, operation: PendingOperation): number {
    if (this.end !== undefined) throw this.end
    const messageId = this.nextId()
    this.write({ ...body, messageId })
    this.pending.add(messageId, operation)
    this.steerReading()
    return messageId
  }

  /** Forgets an operation and asks the server to do the same (RFC 4511 4.11). */
  abandon(messageId: number): void {
    if (!this.pending.delete(messageId) || this.end !== undefined) return
    this.write({ op: 'abandonRequest', messageId: this.nextId(), target: messageId, controls: [] })
    this.steerReading()
  }

  /** To be called when an operation is no longer full. */
  steerReading(): void {
    const full = this.pending.size > 0 && this.pending.every(isFull)
    if (full === this.paused || this.end !== undefined) return
    this.paused = full
    if (full) this.socket.pause()
    else this.socket.resume()
  }

  /** Unbinds and closes; what is pending fails. */
  unbind(): void {
    if (this.end !== undefined) return
    this.write({ op: 'unbindRequest', messageId: this.nextId(), controls: [] })
    this.finish(new LdapError(resultCode.serverDown, 'the connection was closed by its user'), undefined)
  }

  private write(message: LdapMessage): void {
    const writer = this.outbox.begin()
    const before = writer.offset
    try {
      writeMessage(writer, message)
    } catch (error) {
      this.outbox.undo(before)
      throw error
    }
    this.outbox.commit()
  }

  private nextId(): number {
    do this.lastId = this.lastId === LARGEST_ID ? 1 : this.lastId + 1
    while (this.pending.has(this.lastId))
    return this.lastId
  }

  private received(chunk: Buffer): void {
    const { framer, reader } = this
    if (this.end !== undefined) return
    try {
      framer.push(chunk)
      while (this.end === undefined && framer.next()) {
        this.dispatch(
          readMessage(reader.reset(framer.buffer, framer.start, framer.end), DEFAULT_FILTER_LIMITS),
        )
      }
    } catch (cause) {
      const text = cause instanceof Error ? cause.message : String(cause)
      this.fail(cause instanceof LdapError ? cause : new LdapError(resultCode.decodingError, text, { cause }))
    }
    this.steerReading()
  }

  private dispatch(message: LdapMessage): void {
    if (message.messageId === 0) {
      const notice = message as ExtendedResponse
      if (notice.name !== NOTICE_OF_DISCONNECTION) return
      const cause = new LdapError(notice.code, notice.message, { matchedDN: notice.matchedDN })
      this.fail(new LdapError(resultCode.serverDown, `the server disconnected: ${cause.message}`, { cause }))
      return
    }
    // A response to what was abandoned is dropped.
    const operation = this.pending.get(message.messageId)
    if (operation?.receive(message as LdapResponse) === true) this.pending.delete(message.messageId)
  }

  private fail(error: LdapError): void {
    if (this.end === undefined) this.finish(error, error)
  }

  private finish(end: LdapError, told: LdapError | undefined): void {
    this.end = end
    this.framer.clear()
    this.outbox.flush()
    this.outbox.close()
    this.socket.end()
    this.socket.resume()
    const linger = setTimeout(() => this.socket.destroy(), LINGER_MS)
    this.socket.once('close', () => clearTimeout(linger))
    for (const operation of this.pending.clear()) operation.fail(end)
    this.onClose(told)
  }
}

function serverDown(cause?: unknown): LdapError {
  const detail = cause instanceof Error ? `: ${cause.message}` : ''
  return new LdapError(resultCode.serverDown, `the connection to the server is lost${detail}`, { cause })
}

const isFull = (operation: PendingOperation) => operation.isFull()

function ignore(): void {}
