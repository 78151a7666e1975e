/**
 * Cookies of paged results (RFC 2696): where the next page starts, signed, for this very search and asker only.
 * Nothing is kept here, so any replica with the same secret continues them.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { VitrineError } from '../../model/errors.js'
import type { NormalForm } from '../../model/match.js'
import type { EntryId } from '../../model/value.js'
import type { Forms } from './sort.js'

export interface Position {
  /** Which of the places that the search covers, in its order. */
  readonly stage: number
  /** The entry of it that was sent last. */
  readonly after?: EntryId
  /** Entries sent on the pages before. */
  readonly sent: number
  /** Of a sorted search: by what that entry is ordered, and where its list may be kept. */
  readonly sorted?: { readonly forms: Forms; readonly list: string }
}

type WrittenForm = string | number | boolean | null | { readonly n: string }
type Written =
  | readonly [stage: number, sent: number, after: string | null]
  | readonly [stage: number, sent: number, after: string | null, list: string, forms: readonly WrittenForm[]]

const MAC_BYTES = 16

export class Cookies {
  readonly #secret: string | Uint8Array

  constructor(secret: string | Uint8Array) {
    this.#secret = secret
  }

  /** @param search everything that must be the same on the next page */
  write(position: Position, search: string): Buffer {
    const { stage, sent, after = null, sorted } = position
    const written: Written =
      sorted === undefined
        ? [stage, sent, after]
        : [stage, sent, after, sorted.list, sorted.forms.map(writtenForm)]
    const body = Buffer.from(JSON.stringify(written), 'utf8')
    return Buffer.concat([this.#mac(body, search), body])
  }

  /** @throws VitrineError unwillingToPerform, as servers answer to a cookie that is not theirs */
  read(cookie: Uint8Array, search: string): Position {
    const body = Buffer.from(cookie.subarray(MAC_BYTES))
    const mac = this.#mac(body, search)
    if (cookie.length <= MAC_BYTES || !timingSafeEqual(mac, cookie.subarray(0, MAC_BYTES))) {
      throw new VitrineError('unwillingToPerform', { message: 'paged results cookie is invalid or old' })
    }
    const [stage, sent, after, list, forms = []] = JSON.parse(body.toString('utf8')) as Written
    return {
      stage,
      sent,
      ...(after !== null && { after }),
      ...(list !== undefined && { sorted: { list, forms: forms.map(readForm) } }),
    }
  }

  #mac(body: Uint8Array, search: string): Buffer {
    const digest = createHash('sha256').update(search).digest()
    return createHmac('sha256', this.#secret).update(digest).update(body).digest().subarray(0, MAC_BYTES)
  }
}

/** JSON has no integers of any length, and nothing for what is absent. */
function writtenForm(form: NormalForm | undefined): WrittenForm {
  return form === undefined ? null : typeof form === 'bigint' ? { n: String(form) } : form
}

function readForm(form: WrittenForm): NormalForm | undefined {
  return form === null ? undefined : typeof form === 'object' ? BigInt(form.n) : form
}
