/** A gateway that runs: built from a configuration, its ports opened and closed. */
import type { GatewayConfig } from '../config/gateway-config.js'
import type { GatewayInput } from '../config/schema.js'
import type { Directory } from '../directory/directory.js'
import type { Addresses } from '../frontends/frontend.js'
import type { ScimOptions } from '../frontends/scim/service.js'
import { assemble, compileAll, type GatewayOptions, type GatewayParts, readConfig } from './assembly.js'
import { defineCopies } from './copies.js'

/** How long operations in progress may take to end when the gateway closes, in milliseconds. */
const GRACE = 5000

export interface Gateway {
  readonly config: GatewayConfig
  /** What is served, without access rules: for programs that embed the gateway and answer for their own callers. */
  readonly directory: Directory
  /** Opens the configured ports; resolves with the addresses that clients can now reach. */
  listen(): Promise<Addresses>
  /**
   * Makes the copies of these views, or of all that are copied, what their sources are by now. Rejects where one of
   * them could not be read to its end, or where it would lose more than the guard lets, unless `approve` says to do it
   * anyway; all copies then stay as they were.
   */
  refresh(views?: readonly string[], options?: { readonly approve?: true }): Promise<void>
  /** Ends operations in progress, closes ports and databases. */
  close(): Promise<void>
}

export type { Addresses } from '../frontends/frontend.js'
export type { GatewayOptions } from './assembly.js'

/**
 * Builds a gateway from a configuration file or object. A source that cannot be reached yet is logged and asked
 * again later; a mapping that does not fit its source is an error at once.
 * @throws ConfigError with every problem found
 */
export async function createGateway(
  config: string | GatewayInput,
  options: GatewayOptions = {},
): Promise<Gateway> {
  const parts = await assemble(await readConfig(config, options), options)
  try {
    await compileAll(parts)
    if (parts.copies !== undefined) await defineCopies(parts.copies, parts.config)
  } catch (error) {
    await parts.close()
    throw error
  }
  return new RunningGateway(parts)
}

const scimOf = new WeakMap<Gateway, ScimOptions>()

/** What the SCIM face of this gateway is registered with. */
export function scimOptionsOf(gateway: Gateway): ScimOptions {
  const options = scimOf.get(gateway)
  if (options === undefined) throw new TypeError('no gateway that createGateway made')
  return options
}

class RunningGateway implements Gateway {
  readonly config: GatewayConfig
  readonly directory: Directory
  readonly #parts: GatewayParts
  #closing: Promise<void> | undefined

  constructor(parts: GatewayParts) {
    this.config = parts.config
    this.directory = parts.whole
    this.#parts = parts
    scimOf.set(this, parts.scim)
    parts.synchronizations?.start()
  }

  async listen(): Promise<Addresses> {
    let addresses: Addresses = {}
    for (const frontend of this.#parts.frontends.values())
      addresses = { ...addresses, ...(await frontend.listen()) }
    this.#parts.certificates?.watch()
    return addresses
  }

  async refresh(views?: readonly string[], { approve }: { readonly approve?: true } = {}): Promise<void> {
    await this.#parts.synchronizations?.refresh(views, approve)
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      await Promise.all([...this.#parts.frontends.values()].map((frontend) => frontend.close(GRACE)))
      await this.#parts.close()
    })()
    return this.#closing
  }
}
