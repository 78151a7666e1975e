/**
 * Answers to searches as they went over the wire, for those who ask the very same again with the same rights. How long they hold is
 * what the directory says of what they were made of.
 */
import { LRUCache } from 'lru-cache'
import {
  type Control,
  encodeEntry,
  type LdapResult,
  type OutgoingAttribute,
  type RecalledAnswer,
  type SearchRequest,
  type SearchWriter,
} from '../../ldap/index.js'
import type { Epoch, Provenance } from '../../model/provenance.js'
import type { Principal } from '../../model/request.js'
import type { Keeping } from '../frontend.js'

/** Octets of the entries of one answer: what is larger has to wait for those who read slowly. */
const LARGEST = 64 * 1024
/** Octets that an answer takes besides its entries and its search. */
const ANSWER = 1024

export interface Recollected extends RecalledAnswer {
  readonly request: SearchRequest
  readonly octets: number
  readonly epochs: readonly Epoch[]
  readonly until: number
}

export class Recollection {
  readonly #classOf: Keeping['classOf']
  readonly #answers: LRUCache<string, Recollected>

  constructor({ classOf, maxAnswers, maxBytes }: Keeping) {
    this.#classOf = classOf
    this.#answers = new LRUCache({
      max: maxAnswers,
      maxSize: maxBytes,
      sizeCalculation: ({ octets }, key) => ANSWER + octets + 2 * key.length,
    })
  }

  /** The answer to the search, if it still holds. */
  of(encoded: string, principal: Principal): Recollected | undefined {
    const key = this.#keyOf(encoded, principal)
    const known = this.#answers.get(key)
    if (known === undefined) return undefined
    if (performance.now() >= known.until || known.epochs.some(({ over }) => over)) {
      this.#answers.delete(key)
      return undefined
    }
    for (const epoch of known.epochs) epoch.again()
    return known
  }

  /** What writes down what a search is answered. */
  recorder(request: SearchRequest, principal: Principal, writer: SearchWriter, kept: Provenance): Recorder {
    const { encoded = '' } = request
    return new Recorder(writer, kept, (entries, octets, result) => {
      const { epochs, until } = kept
      this.#answers.set(this.#keyOf(encoded, principal), {
        ...{ entries, octets, result, request, until },
        epochs: [...epochs],
      })
    })
  }

  /** No text of a class holds a line break. */
  #keyOf(encoded: string, principal: Principal): string {
    return `${this.#classOf(principal)}\n${encoded}`
  }
}

class Recorder implements SearchWriter {
  readonly #writer: SearchWriter
  readonly #kept: Provenance
  readonly #keep: (entries: readonly Uint8Array[], octets: number, result: LdapResult) => void
  #entries: Uint8Array[] | undefined = []
  #octets = 0

  constructor(
    writer: SearchWriter,
    kept: Provenance,
    keep: (entries: readonly Uint8Array[], octets: number, result: LdapResult) => void,
  ) {
    this.#writer = writer
    this.#kept = kept
    this.#keep = keep
  }

  entry(
    dn: string,
    attributes: readonly OutgoingAttribute[],
    controls?: readonly Control[],
  ): undefined | Promise<void> {
    this.#note(dn, attributes, controls)
    return this.#writer.entry(dn, attributes, controls)
  }

  reference(uris: readonly string[], controls?: readonly Control[]): undefined | Promise<void> {
    this.#entries = undefined
    return this.#writer.reference(uris, controls)
  }

  intermediate(
    name: string | undefined,
    value?: Uint8Array,
    controls?: readonly Control[],
  ): undefined | Promise<void> {
    this.#entries = undefined
    return this.#writer.intermediate(name, value, controls)
  }

  /** All has been sent but the result. */
  end(result: LdapResult): LdapResult {
    const { isLive, epochs } = this.#kept
    const isPlain = result.code === 0 && result.controls === undefined && result.message === undefined
    if (this.#entries !== undefined && isPlain && !isLive && epochs.size > 0)
      this.#keep(this.#entries, this.#octets, result)
    return result
  }

  #note(
    dn: string,
    attributes: readonly OutgoingAttribute[],
    controls: readonly Control[] | undefined,
  ): void {
    if (this.#entries === undefined) return
    if (this.#kept.isLive || controls !== undefined || this.#octets > LARGEST) {
      this.#entries = undefined
      return
    }
    const encoded = encodeEntry(dn, attributes)
    this.#octets += encoded.length
    this.#entries.push(encoded)
  }
}
