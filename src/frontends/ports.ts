/** The ports of a frontend, which come and go with the configuration while those that stay are not touched. */
import type { Address, Addresses, Replacement } from './frontend.js'

/** A port that is open. */
export interface Port {
  readonly address: Address
  /** Accepts no more; what has been accepted goes on. */
  close(): Promise<void>
}

type Protocol = keyof Addresses

/** Where a port is wanted. */
type Wanted = { readonly [protocol in Protocol]?: Address }

export class Ports {
  readonly #open: (protocol: Protocol, address: Address) => Promise<Port>
  #ports: ReadonlyMap<Protocol, { readonly wanted: Address; readonly port: Port }> = new Map()

  /** @param open rejects where the address is not to be had */
  constructor(open: (protocol: Protocol, address: Address) => Promise<Port>) {
    this.#open = open
  }

  get addresses(): Addresses {
    return Object.fromEntries([...this.#ports].map(([protocol, { port }]) => [protocol, port.address]))
  }

  /** Opens those that are wanted and not open; the others are closed with the commit. */
  async change(wanted: Wanted): Promise<Replacement> {
    const before = this.#ports
    const after = new Map(before)
    const opened: Port[] = []
    const cancel = async () => {
      await Promise.all(opened.map((port) => port.close()))
    }
    for (const protocol of before.keys()) if (wanted[protocol] === undefined) after.delete(protocol)
    try {
      for (const [protocol, address] of Object.entries(wanted) as [Protocol, Address][]) {
        const known = before.get(protocol)?.wanted
        if (known?.host === address.host && known.port === address.port) continue
        const port = await this.#open(protocol, address)
        opened.push(port)
        after.set(protocol, { wanted: address, port })
      }
    } catch (error) {
      await cancel()
      throw error
    }
    const commit = async () => {
      this.#ports = after
      const closed = [...before].filter(([protocol, { port }]) => after.get(protocol)?.port !== port)
      await Promise.all(closed.map(([, { port }]) => port.close()))
    }
    return { commit, cancel }
  }
}
