/** Listening to the signal of a request, which may be that of many requests and statements at a time. */
import { setMaxListeners } from 'node:events'

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
