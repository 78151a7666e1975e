/** One operation in progress on a server's connection: its signal, what it writes, and its end. */
import { setMaxListeners } from 'node:events'
import { writeEntry, writeIntermediate, writeReference } from './encode-response.js'
import { type AbortReason, OperationAborted } from './errors.js'
import type { Connection, Operation, SearchWriter } from './handlers.js'
import type { Control, OutgoingAttribute } from './message.js'
import type { Outbox } from './outbox.js'
import { isBeyondTurn } from './turn.js'

/** What an operation needs of its connection. */
export interface OperationHost<State> extends Connection<State> {
  readonly outbox: Outbox
  readonly highWater: number
  /** Operations that wait until the client has read on, and it is their turn. */
  readonly lagging: Set<ActiveOperation<State>>
}

export class ActiveOperation<State> implements Operation<State>, SearchWriter {
  readonly connection: OperationHost<State>
  readonly messageId: number
  readonly controls: readonly Control[]
  readonly cancelable: boolean
  /** Why nothing that it writes is sent any more. */
  ended: AbortReason | undefined = undefined
  /** Hears whether it was canceled, where the client has asked for that (RFC 3909). */
  onCanceled: ((canceled: boolean) => void) | undefined = undefined

  /** Written until now. */
  private octets = 0
  private controller: AbortController | undefined = undefined
  private canceled: Error | undefined = undefined
  private room: PromiseWithResolve | undefined = undefined
  private listeners: Set<(reason: Error) => void> | undefined = undefined

  constructor(
    connection: OperationHost<State>,
    messageId: number,
    controls: readonly Control[],
    cancelable: boolean,
  ) {
    this.connection = connection
    this.messageId = messageId
    this.controls = controls
    this.cancelable = cancelable
  }

  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController()
      // Every statement that the operation needs listens to it.
      setMaxListeners(0, this.controller.signal)
      const reason = this.reason()
      if (reason !== undefined) this.controller.abort(reason)
    }
    return this.controller.signal
  }

  whenAborted(listener: (reason: Error) => void): () => void {
    const reason = this.controller?.signal.reason ?? this.reason()
    if (reason !== undefined) {
      listener(reason)
      return ignore
    }
    this.listeners ??= new Set()
    this.listeners.add(listener)
    return () => this.listeners?.delete(listener)
  }

  entry(
    dn: string,
    attributes: readonly OutgoingAttribute[],
    controls?: readonly Control[],
  ): undefined | Promise<void> {
    const over = this.over()
    if (over !== undefined) return over
    const { outbox } = this.connection
    const writer = outbox.begin()
    const before = writer.offset
    try {
      writeEntry(writer, this.messageId, dn, attributes, controls)
    } catch (error) {
      outbox.undo(before)
      throw error
    }
    return this.written()
  }

  reference(uris: readonly string[], controls?: readonly Control[]): undefined | Promise<void> {
    const over = this.over()
    if (over !== undefined) return over
    writeReference(this.connection.outbox.begin(), this.messageId, uris, controls)
    return this.written()
  }

  intermediate(
    name: string | undefined,
    value?: Uint8Array,
    controls?: readonly Control[],
  ): undefined | Promise<void> {
    const over = this.over()
    if (over !== undefined) return over
    writeIntermediate(this.connection.outbox.begin(), this.messageId, name, value, controls)
    return this.written()
  }

  abort(reason: AbortReason): void {
    if (this.ended !== undefined) return
    this.ended = reason
    this.connection.lagging.delete(this)
    if (this.controller === undefined && this.room === undefined && this.listeners === undefined) return
    this.leave(new OperationAborted(reason))
  }

  cancel(reason: Error): void {
    this.canceled ??= reason
    this.connection.lagging.delete(this)
    this.leave(this.canceled)
  }

  /** The client has read on, and others have had their turn. */
  proceed(): void {
    this.connection.lagging.delete(this)
    this.room?.resolve()
    this.room = undefined
  }

  /** Everybody who waits for something is told that it is over. */
  private leave(reason: Error): void {
    this.room?.reject(reason)
    this.room = undefined
    this.controller?.abort(reason)
    const { listeners } = this
    this.listeners = undefined
    if (listeners !== undefined) for (const listener of listeners) listener(reason)
  }

  /** Why it is over before it was answered; undefined where it is not. */
  private reason(): Error | undefined {
    if (this.canceled !== undefined) return this.canceled
    return this.ended === undefined || this.ended === 'finished'
      ? undefined
      : new OperationAborted(this.ended)
  }

  /** A rejection where nothing is to be sent any more. */
  private over(): undefined | Promise<never> {
    if (this.ended !== undefined) return harmless(new OperationAborted(this.ended))
    return this.canceled === undefined ? undefined : harmless(this.canceled)
  }

  private written(): undefined | Promise<void> {
    const { outbox, highWater, lagging } = this.connection
    const octets = outbox.commit()
    this.octets += octets
    const isBeyond = isBeyondTurn(this.octets, octets)
    if (outbox.size <= highWater && !isBeyond) return undefined
    if (this.room === undefined) {
      this.room = promiseWithResolve()
      lagging.add(this)
      outbox.askForRoom()
    }
    return this.room.promise
  }
}

interface PromiseWithResolve {
  readonly promise: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

function promiseWithResolve(): PromiseWithResolve {
  let resolve: () => void = ignore
  let reject: (error: Error) => void = ignore
  const promise = new Promise<void>((yes, no) => {
    resolve = yes
    reject = no
  })
  promise.catch(ignore)
  return { promise, resolve, reject }
}

/** A rejection that does no harm if nobody looks at it. */
function harmless(error: Error): Promise<never> {
  const rejected = Promise.reject(error)
  rejected.catch(ignore)
  return rejected
}

function ignore(): void {}
