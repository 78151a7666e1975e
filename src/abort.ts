/** Listening to the signal of a request, which may be that of many requests and statements at a time. */
import { setMaxListeners } from 'node:events'

/** What ends with a signal, and may tell so itself, which costs less. */
export interface Endable {
  readonly signal: AbortSignal
  /** As `whenEnded` below. */
  whenAborted?(listener: (reason: unknown) => void): () => void
}

/** Calls `listener` with the reason when it has ended, at once if it has, unless told before that nobody listens any more. */
export function whenEnded(endable: Endable, listener: (reason: unknown) => void): () => void {
  if (endable.whenAborted !== undefined) return endable.whenAborted(listener)
  const { signal } = endable
  const leave = whenAborted(signal, () => listener(signal.reason))
  if (signal.aborted) listener(signal.reason)
  return leave
}

/**
 * Calls `listener` when the signal is aborted, unless it is told before that nobody listens any more. However many
 * listen, it is no leak for Node.js to warn of: all of them leave.
 */
export function whenAborted(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal === undefined) return () => undefined
  setMaxListeners(0, signal)
  signal.addEventListener('abort', listener, { once: true })
  return () => signal.removeEventListener('abort', listener)
}
