/** Digests computed at once. */
import { hash } from 'node:crypto'

/** As text on its way: for octets Node.js makes a buffer outside of its pool, which takes longer than the digest. */
export function digest(algorithm: string, bytes: Uint8Array): Buffer {
  return Buffer.from(hash(algorithm, bytes, 'binary'), 'latin1')
}
