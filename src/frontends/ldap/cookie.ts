/**
 * Cookies of paged results (RFC 2696): where the next page starts, signed, for this very search and asker only.
 * Nothing is kept here, so any replica with the same secret continues them.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { VitrineError } from '../../model/errors.js'
import type { EntryId } from '../../model/value.js'

export interface Position {
  /** Which of the places that the search covers, in its order. */
  readonly stage: number
  /** The entry of it that was sent last. */
  readonly after?: EntryId
  /** Entries sent on the pages before. */
  readonly sent: number
}

const MAC_BYTES = 16

export class Cookies {
  readonly #secret: string | Uint8Array

  constructor(secret: string | Uint8Array) {
    this.#secret = secret
  }

  /** @param search everything that must be the same on the next page */
  write(position: Position, search: string): Buffer {
    const body = Buffer.from(JSON.stringify([position.stage, position.sent, position.after ?? null]), 'utf8')
    return Buffer.concat([this.#mac(body, search), body])
  }

  /** @throws VitrineError unwillingToPerform, as servers answer to a cookie that is not theirs */
  read(cookie: Uint8Array, search: string): Position {
    const body = Buffer.from(cookie.subarray(MAC_BYTES))
    const mac = this.#mac(body, search)
    if (cookie.length <= MAC_BYTES || !timingSafeEqual(mac, cookie.subarray(0, MAC_BYTES))) {
      throw new VitrineError('unwillingToPerform', { message: 'paged results cookie is invalid or old' })
    }
    const [stage, sent, after] = JSON.parse(body.toString('utf8')) as [number, number, string | null]
    return { stage, sent, ...(after !== null && { after }) }
  }

  #mac(body: Uint8Array, search: string): Buffer {
    const digest = createHash('sha256').update(search).digest()
    return createHmac('sha256', this.#secret).update(digest).update(body).digest().subarray(0, MAC_BYTES)
  }
}
