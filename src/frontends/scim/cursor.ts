/**
 * Cursors (RFC 9865): where the next page starts, signed, for this very query and asker only. Nothing is kept here,
 * so any replica with the same secret continues them, and they do not expire.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { VitrineError } from '../../model/errors.js'
import type { EntryId } from '../../model/value.js'

export interface Position {
  /** Which of the stages of the answer, e.g. which resource type. */
  readonly stage: number
  /** The entry of it that was sent last. */
  readonly after?: EntryId
  /** Entries of the stage that were sent, where it goes by number. */
  readonly skip?: number
  /** How many results there were in all when the first page was sent. */
  readonly total?: number
}

const MAC_BYTES = 16
/** A key may be long; what is longer is not ours. */
const LONGEST = 4096
/** Keeps what is signed here apart from what else is signed with the same secret. */
const PURPOSE = 'scim cursor'

export class Cursors {
  readonly #key: Buffer

  constructor(secret: string | Uint8Array) {
    this.#key = createHmac('sha256', secret).update(PURPOSE).digest()
  }

  /** @param query everything that must be the same on the next page */
  write({ stage, after, skip, total }: Position, query: string): string {
    const body = Buffer.from(JSON.stringify([stage, after ?? null, skip ?? null, total ?? null]), 'utf8')
    return Buffer.concat([this.#mac(body, query), body]).toString('base64url')
  }

  /** @throws VitrineError invalidCursor */
  read(cursor: string, query: string): Position {
    const bytes = Buffer.from(cursor.length > LONGEST ? '' : cursor, 'base64url')
    const body = bytes.subarray(MAC_BYTES)
    if (bytes.length <= MAC_BYTES || !timingSafeEqual(this.#mac(body, query), bytes.subarray(0, MAC_BYTES))) {
      throw new VitrineError('invalidCursor', {
        message: 'this cursor is not one of this query; begin again with an empty one',
      })
    }
    const [stage, after, skip, total] = JSON.parse(body.toString('utf8')) as [
      number,
      string | null,
      number | null,
      number | null,
    ]
    return {
      stage,
      ...(after !== null && { after }),
      ...(skip !== null && { skip }),
      ...(total !== null && { total }),
    }
  }

  #mac(body: Uint8Array, query: string): Buffer {
    const digest = createHash('sha256').update(query).digest()
    return createHmac('sha256', this.#key).update(digest).update(body).digest().subarray(0, MAC_BYTES)
  }
}
