/** A gateway that runs: built from a configuration, its ports opened and closed. */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { ConfigError } from '../config/config-error.js'
import type { GatewayConfig } from '../config/gateway-config.js'
import type { GatewayInput } from '../config/schema.js'
import type { Directory } from '../directory/directory.js'
import type { Addresses, Frontend } from '../frontends/frontend.js'
import { createLdapFrontend, type LdapFace } from '../frontends/registry.js'
import type { ScimOptions } from '../frontends/scim/service.js'
import { ALONE, type Siblings } from '../model/siblings.js'
import { FileWatch, stateOf } from '../ops/file-watch.js'
import { createHttpFrontend, type HttpFace } from '../ops/http-server.js'
import type { Metrics } from '../ops/metrics.js'
import { isTracingRegistered } from '../ops/tracing-registered.js'
import { assemble } from './assembly.js'
import { compileAll } from './compiling.js'
import { defineCopies } from './copies.js'
import type { GatewayOptions, GatewayParts, Kept } from './parts.js'
import { readConfig } from './reading.js'
import { LateSiblings } from './siblings.js'
import { packageVersion } from './version.js'

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
  /**
   * Takes another configuration in place of the one it has: the same file anew, unless one is given. What has begun ends
   * with the old one, connections stay, and what begins later has the new one, everywhere at once. Rejects where the new one
   * cannot be used, and everything is as it was. Resolves when it is in use.
   * @throws ConfigError with every problem found
   */
  reload(config?: string | GatewayInput): Promise<void>
  /** Ends operations in progress, closes ports and databases. */
  close(): Promise<void>
}

export type { Addresses } from '../frontends/frontend.js'
export type { GatewayOptions } from './parts.js'

/**
 * Builds a gateway from a configuration file or object. A source that cannot be reached yet is logged and asked
 * again later; a mapping that does not fit its source is an error at once.
 * @throws ConfigError with every problem found
 */
export async function createGateway(
  config: string | GatewayInput,
  options: GatewayOptions = {},
): Promise<Gateway> {
  const gateway = new RunningGateway(config, options)
  await gateway.begin()
  return gateway
}

/** What the SCIM face of this gateway is registered with, in somebody else's server. */
export function scimOptionsOf(gateway: Gateway): ScimOptions {
  if (!(gateway instanceof RunningGateway)) throw new TypeError('no gateway that createGateway made')
  return gateway.embedded()
}

/** A configuration put together, proved against its sources, and not yet in use. */
interface Ready {
  readonly parts: GatewayParts
  readonly siblings: LateSiblings
}

/** What is served, and on what. */
interface Used {
  readonly parts: GatewayParts
  readonly ldap: Frontend<LdapFace>
  readonly http: Frontend<HttpFace>
  /** Closed last: it says how it goes until the end. */
  readonly ops: Frontend<HttpFace>
}

class RunningGateway implements Gateway {
  readonly #options: GatewayOptions
  readonly #kept: Kept
  readonly #siblings: Siblings
  #given: string | GatewayInput
  #used: Used | undefined
  #metrics: Metrics | undefined
  #isListening = false
  #isEmbedded = false
  #watch: FileWatch | undefined
  #reloading: Promise<unknown> = Promise.resolve()
  /** What has been replaced, and is not closed yet. */
  readonly #former = new Set<Promise<void>>()
  #closing: Promise<void> | undefined

  constructor(config: string | GatewayInput, options: GatewayOptions) {
    this.#given = config
    this.#options = options
    this.#siblings = options.siblings ?? ALONE
    this.#kept = {
      secret: options.cookieSecret ?? randomBytes(32),
      isClosing: () => this.#closing !== undefined,
      metrics: async () => {
        const { Metrics } = await import('../ops/metrics.js')
        this.#metrics ??= new Metrics()
        return this.#metrics
      },
      tracing: async () => {
        if (!isTracingRegistered()) return undefined
        const { tracingOf } = await import('../ops/tracing.js')
        return tracingOf(packageVersion())
      },
    }
  }

  /** To be awaited before anything else. */
  async begin(): Promise<void> {
    const { parts, siblings } = await this.#ready(this.#given)
    this.#used = {
      parts,
      ldap: createLdapFrontend(parts.faces.ldap),
      http: createHttpFrontend(parts.faces.http),
      ops: createHttpFrontend(parts.faces.ops),
    }
    this.#count()
    siblings.begin()
    parts.changes?.start()
    parts.synchronizations?.start()
    await this.#watchFiles(parts.config)
  }

  get config(): GatewayConfig {
    return this.#now.parts.config
  }

  get directory(): Directory {
    return this.#now.parts.whole
  }

  embedded(): ScimOptions {
    this.#isEmbedded = true
    return this.#now.parts.scim
  }

  async listen(): Promise<Addresses> {
    const { parts, ldap, http, ops } = this.#now
    const addresses = { ...(await ldap.listen()), ...(await http.listen()), ...(await ops.listen()) }
    this.#isListening = true
    parts.certificates?.watch()
    return addresses
  }

  async refresh(views?: readonly string[], { approve }: { readonly approve?: true } = {}): Promise<void> {
    await this.#now.parts.synchronizations?.refresh(views, approve)
  }

  reload(config: string | GatewayInput = this.#given): Promise<void> {
    const reloaded = this.#reloading.then(() => this.#reload(config))
    this.#reloading = reloaded.catch(() => undefined)
    return reloaded
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  get #now() {
    if (this.#used === undefined) throw new TypeError('the gateway has not begun')
    return this.#used
  }

  async #ready(config: string | GatewayInput): Promise<Ready> {
    const options = this.#options
    const siblings = new LateSiblings(this.#siblings)
    const parts = await assemble(await readConfig(config, options), { ...options, siblings }, this.#kept)
    try {
      await compileAll(parts)
      if (parts.copies !== undefined) await defineCopies(parts.copies, parts.config)
    } catch (error) {
      await parts.close()
      throw error
    }
    return { parts, siblings }
  }

  async #reload(config: string | GatewayInput): Promise<void> {
    const { log } = this.#now.parts
    if (this.#closing !== undefined) throw new Error('the gateway is closing')
    if (this.#isEmbedded)
      throw new Error('what is served by a server of somebody else cannot be reloaded: make another gateway')
    try {
      const ready = await this.#ready(config)
      await this.#replace(ready)
      this.#given = config
      await this.#watchFiles(ready.parts.config)
      log.info({}, 'the configuration has been reloaded')
    } catch (error) {
      const reasons = error instanceof ConfigError ? error.message.split('\n') : [(error as Error).message]
      for (const reason of reasons) log.error({ reason }, `the configuration is not reloaded: ${reason}`)
      throw error
    }
  }

  /** What is counted is that of the parts that are used. */
  #count(): void {
    const { parts, ldap, http } = this.#now
    const { metrics, sources, cache } = parts
    if (metrics === undefined) return
    const connections = () => ({ ldap: ldap.connections, http: http.connections })
    metrics.follow({ sources, connections, ...(cache && { caches: () => cache.states }) })
    this.#siblings.answer(() => metrics.numbers())
  }

  async #replace({ parts, siblings }: Ready): Promise<void> {
    const { parts: old, ldap, http, ops } = this.#now
    const changes = []
    try {
      changes.push(await ldap.prepare(parts.faces.ldap))
      changes.push(await http.prepare(parts.faces.http))
      changes.push(await ops.prepare(parts.faces.ops))
    } catch (error) {
      await Promise.all(changes.map((change) => change.cancel()))
      await parts.close()
      throw error
    }
    const ended = Promise.all(changes.map((change) => change.commit()))
    this.#used = { parts, ldap, http, ops }
    this.#count()
    siblings.begin()
    parts.changes?.start()
    if (this.#isListening) parts.certificates?.watch()
    const closed = (async () => {
      // Two of the same would be in each other's way.
      await old.synchronizations?.close()
      if (this.#used?.parts === parts) parts.synchronizations?.start()
      await ended
      await old.close()
    })().catch((error: unknown) => parts.log.error({ err: error }, 'what was replaced could not be closed'))
    this.#former.add(closed)
    void closed.then(() => this.#former.delete(closed))
  }

  async #watchFiles({ watch, files }: GatewayConfig): Promise<void> {
    this.#watch?.close()
    if (!watch || this.#closing !== undefined) return
    const changed = () => this.reload().catch(() => undefined)
    this.#watch = new FileWatch(files, await stateOf(files), changed)
    this.#watch.start()
  }

  async #close(): Promise<void> {
    await this.#reloading
    this.#watch?.close()
    const { parts, ldap, http, ops } = this.#now
    const { delay, grace } = parts.config.shutdown
    if (this.#isListening && delay > 0) await sleep(delay)
    await Promise.all([ldap.close(grace), http.close(grace)])
    await ops.close(grace)
    await Promise.all(this.#former)
    await parts.close()
  }
}
