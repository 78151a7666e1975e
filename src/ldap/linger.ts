/** The end of a connection over which something may still have to be sent. */
import type { Socket } from 'node:net'
import type { Outbox } from './outbox.js'

/** Milliseconds without progress that a client is given to read what is left and to close. */
const LINGER_MS = 1000

/** Sends what has been written, and closes once the client has taken it or no longer takes anything. */
export function closeGently(socket: Socket, outbox: Outbox): void {
  outbox.flush()
  outbox.close()
  // What still comes in is read and dropped: closing on unread octets would cost the client our last message.
  socket.end()
  socket.resume()
  const linger = setInterval(() => {
    if (Date.now() - outbox.progressAt >= LINGER_MS) socket.destroy()
  }, LINGER_MS)
  socket.once('close', () => clearInterval(linger))
}
