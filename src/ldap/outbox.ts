/**
 * What a connection has to send: encoded into pooled buffers, written once per turn of the event loop, with the
 * octets not yet taken by the peer counted. What is sent, and who waits for room, is left to the connection; whose turn
 * it is, to `turn.ts`.
 */
import type { Writable } from 'node:stream'
import { BerWriter } from './ber-writer.js'
import { atEndOfTurn, standInLine, type Turning } from './turn.js'

const POOLED_BYTES = 64 * 1024
const POOLED_BUFFERS = 64
/** Output is handed on before the end of the turn when it has grown to this. */
const FLUSH_BYTES = 56 * 1024
const NOTHING = Buffer.alloc(0)

const pool: Buffer[] = []

export class Outbox implements Turning {
  /** Milliseconds since the epoch when the peer last took something, or when there began to be something to take. */
  progressAt = 0

  private stream: Writable
  private readonly highWater: number
  private readonly onRoom: () => void
  private readonly writer = new BerWriter(NOTHING)
  /** Buffers and the octets in them that the stream has not reported as written. */
  private readonly handed: Buffer[] = []
  private readonly handedOctets: number[] = []
  private outstanding = 0
  /** Where the message that was begun last begins. */
  private begun = 0
  private scheduled = false
  private wantsRoom = false
  private closed = false
  private whenEmpty: (() => void) | undefined = undefined

  /**
   * `onRoom` follows `askForRoom` at the end of a turn, once `size` is at most half of `highWater`, and it is this
   * connection's turn.
   */
  constructor(stream: Writable, highWater: number, onRoom: () => void) {
    this.stream = stream
    this.highWater = highWater
    this.onRoom = onRoom
  }

  /** Octets that the peer has not taken yet. */
  get size(): number {
    return this.outstanding + this.writer.offset
  }

  /** Has the peer yet to take octets that were handed to the stream? */
  get waiting(): boolean {
    return this.outstanding > 0
  }

  /** Where to append one message; `commit` is to follow, or `undo` with the offset from before. */
  begin(): BerWriter {
    const { writer } = this
    if (writer.buffer.length === 0) writer.reset(pool.pop() ?? Buffer.allocUnsafeSlow(POOLED_BYTES))
    this.begun = writer.offset
    return writer
  }

  undo(offset: number): void {
    this.writer.offset = offset
  }

  /** Returns how many octets it has. */
  commit(): number {
    const octets = this.writer.offset - this.begun
    if (this.writer.offset >= FLUSH_BYTES) this.flush()
    if (!this.scheduled) this.schedule()
    return octets
  }

  askForRoom(): void {
    this.wantsRoom = true
    this.schedule()
  }

  /** Hands what there is to the stream. */
  flush(): void {
    const { writer } = this
    if (writer.offset === 0) return
    const { buffer } = writer
    const octets = writer.bytes()
    writer.reset(NOTHING)
    if (this.closed) return
    if (this.outstanding === 0) this.progressAt = Date.now()
    this.outstanding += octets.length
    this.handed.push(buffer)
    this.handedOctets.push(octets.length)
    this.stream.write(octets, this.written)
  }

  /** Hands over what there is; resolves once all of it is taken. Not at all where the stream ends before. */
  emptied(): Promise<void> {
    this.flush()
    if (this.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.whenEmpty = resolve
    })
  }

  /** Where everything goes from now on; nothing is on its way. */
  redirect(stream: Writable): void {
    this.stream = stream
  }

  /** Drops what there is and all that will come. */
  close(): void {
    this.closed = true
    this.writer.reset(NOTHING)
  }

  /** Small output waits while the peer is slow, so that it is never held in many buffers. */
  turnEnded(): void {
    this.scheduled = false
    if (this.outstanding === 0) this.flush()
    if (this.wantsRoom && this.hasRoom) standInLine(this)
  }

  goOn(): number {
    if (!this.hasRoom) return 0
    const room = this.highWater - this.size
    this.wantsRoom = false
    this.onRoom()
    return room
  }

  private get hasRoom(): boolean {
    return this.size <= this.highWater / 2
  }

  private schedule(): void {
    if (this.scheduled) return
    this.scheduled = true
    atEndOfTurn(this)
  }

  private readonly written = (error?: Error | null): void => {
    const buffer = this.handed.shift()
    this.outstanding -= this.handedOctets.shift() ?? 0
    if (error || buffer === undefined) return
    this.progressAt = Date.now()
    if (buffer.length === POOLED_BYTES && pool.length < POOLED_BUFFERS) pool.push(buffer)
    if (this.wantsRoom || this.writer.offset > 0) this.schedule()
    if (this.whenEmpty !== undefined && this.size === 0) {
      this.whenEmpty()
      this.whenEmpty = undefined
    }
  }
}
