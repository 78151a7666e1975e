/** Sockets whose octets reach those who listen for them without the queue of a stream between. */
import type { Readable } from 'node:stream'

/**
 * What comes in while the socket flows, and nothing waits before it, is given to its `data` listeners at once. As a
 * stream does it, each chunk takes a turn of its own on `process.nextTick` to look whether there is more to ask for, which
 * a socket that flows is not asked for anyway. A socket that is paused queues, and holds its peer back, as ever.
 */
export function flowDirectly(socket: Readable): void {
  const { push } = socket
  socket.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
    if (chunk === null || socket.readableFlowing !== true || socket.readableLength > 0)
      return push.call(socket, chunk, encoding)
    socket.emit('data', chunk)
    return true
  }
}
