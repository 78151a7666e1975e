/**
 * The gateway's certificate while it runs: read at the start, and again when one of its files has changed, so that a
 * renewed one is shown without a restart. A new one that is of no use is told in the log, and the old one stays.
 */
import type { TlsConfig } from '../config/schema-tls.js'
import { filesOf, readTls, type TlsFault, type TlsMaterial, validityWarning } from '../config/tls-material.js'
import type { Log } from '../model/log.js'
import { FileWatch, stateOf } from './file-watch.js'

export class Certificates {
  readonly #tls: TlsConfig
  readonly #log: Log
  readonly #listeners: ((material: TlsMaterial) => void)[] = []
  #current: TlsMaterial
  readonly #watch: FileWatch

  private constructor(tls: TlsConfig, log: Log, material: TlsMaterial, state: string) {
    this.#tls = tls
    this.#log = log
    this.#current = material
    this.#watch = new FileWatch(filesOf(tls), state, () => this.#reload())
  }

  /** The faults where the certificate cannot be used. */
  static async load(tls: TlsConfig, log: Log): Promise<Certificates | readonly TlsFault[]> {
    const state = await stateOf(filesOf(tls))
    const read = await readTls(tls)
    if (read.material === undefined) return read.faults
    const warning = validityWarning(read, Date.now())
    if (warning !== undefined) log.warn({}, warning)
    return new Certificates(tls, log, read.material, state)
  }

  get current(): TlsMaterial {
    return this.#current
  }

  /** `listener` hears of every new certificate; what it throws keeps the old one. */
  onChange(listener: (material: TlsMaterial) => void): void {
    this.#listeners.push(listener)
  }

  watch(): void {
    this.#watch.start()
  }

  close(): void {
    this.#watch.close()
  }

  async #reload(): Promise<void> {
    const read = await readTls(this.#tls)
    try {
      if (read.material === undefined) {
        const reason = read.faults.map(({ key, message }) => `tls.${key} ${message}`).join('; ')
        this.#log.error({ reason }, `the new certificate is of no use, the old one is kept: ${reason}`)
        return
      }
      for (const listener of this.#listeners) listener(read.material)
      this.#current = read.material
      this.#log.info({ validUntil: read.validity?.to }, 'a new certificate is in use')
      const warning = validityWarning(read, Date.now())
      if (warning !== undefined) this.#log.warn({}, warning)
    } catch (error) {
      this.#log.error({ err: error }, 'the new certificate is of no use, the old one is kept')
    }
  }
}
