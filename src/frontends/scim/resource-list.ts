/** The resources of a list as JSON text, and the message around them (RFC 7644 3.4.2). */

import type { Entry } from '../../model/entry.js'
import { JsonWriter } from '../../scim/representation/json-writer.js'
import type { JsonText, Selection } from '../../scim/representation/representation.js'

export class ResourceList {
  readonly #out = new JsonWriter()
  #count = 0

  get count(): number {
    return this.#count
  }

  /** An entry that is no resource is passed over. */
  add({ write }: Selection, entry: Entry, base: string, version: string | undefined): void {
    const out = this.#out
    const { mark } = out
    if (this.#count > 0) out.raw(',')
    if (write(out, entry, base, version)) {
      this.#count++
      out.rest()
    } else out.takeBack(mark)
  }

  /**
   * The message with the resources at its end. Nothing can be added any more.
   * @param head the message's own members, as its text is before it is closed
   */
  in(head: string): JsonText {
    return this.#out.finish(`${head},"Resources":[`, ']}')
  }
}
