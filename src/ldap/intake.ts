/** What a client has sent, message by message: framed and decoded within the limits. What messages ask for is not looked at. */
import { BerReader } from './ber-reader.js'
import type { ConnectionSettings } from './connection-settings.js'
import { readMessage } from './decode.js'
import type { FilterLimits } from './filter.js'
import { Framer } from './framing.js'
import type { LdapMessage } from './message.js'
import { type EncodedSearch, encodedSearch } from './recall.js'

type Limits = Pick<ConnectionSettings<unknown>, 'maxPduBytesBeforeBind' | 'filterLimits'>

export class Intake {
  /** Has anything been received? */
  heard = false
  /** When the message began of which a part is missing, in milliseconds since the epoch; 0: none is. */
  incompleteSince = 0

  private readonly framer: Framer
  private readonly reader = new BerReader(Buffer.alloc(0))
  private readonly filterLimits: FilterLimits

  constructor({ maxPduBytesBeforeBind, filterLimits }: Limits) {
    this.framer = new Framer(maxPduBytesBeforeBind)
    this.filterLimits = filterLimits
  }

  /** Octets that wait to be taken. */
  get queued(): number {
    return this.framer.queued
  }

  set maxPduBytes(most: number) {
    this.framer.maxPduBytes = most
  }

  push(chunk: Buffer): void {
    this.heard = true
    this.framer.push(chunk)
  }

  /** Notes whether the last message is whole; after what could be taken has been. */
  settle(): void {
    if (!this.framer.incomplete) this.incompleteSince = 0
    else if (this.incompleteSince === 0) this.incompleteSince = Date.now()
  }

  /**
   * Goes on to the next message that is whole; false where there is none.
   * @throws BerError
   */
  next(): boolean {
    return this.framer.next()
  }

  /** It, where it is a search, without having been decoded. */
  search(): EncodedSearch | undefined {
    const { buffer, start, end } = this.framer
    return encodedSearch(buffer, start, end)
  }

  /** @throws BerError, MessageError */
  message(): LdapMessage {
    const { framer } = this
    return readMessage(this.reader.reset(framer.buffer, framer.start, framer.end), this.filterLimits)
  }

  /** Forgets what has not been taken. */
  clear(): void {
    this.framer.clear()
  }
}
