/** A connection in use that goes over to TLS (RFC 4511 4.14): what was said in clear behind the request does not count. */
import type { Socket } from 'node:net'
import type { Outbox } from './outbox.js'
import type { SecuredSocket, ServerTls } from './server-tls.js'

/**
 * The encrypted connection, once all that was written in clear is sent; undefined where it is no longer wanted.
 * @throws what the handshake failed with
 */
export async function upgraded(
  socket: Socket,
  outbox: Outbox,
  tls: ServerTls,
  timeoutMs: number,
  isWanted: () => boolean,
): Promise<SecuredSocket | undefined> {
  socket.pause()
  while (socket.read() !== null);
  await outbox.emptied()
  if (!isWanted()) return undefined
  const secured = await tls.handshake(socket, timeoutMs)
  if (isWanted()) return secured
  secured.socket.destroy()
  return undefined
}
