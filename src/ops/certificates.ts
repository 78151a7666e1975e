/**
 * The gateway's certificate while it runs: read at the start, and again when one of its files has changed, so that a
 * renewed one is shown without a restart. A new one that is of no use is told in the log, and the old one stays.
 */
import { stat } from 'node:fs/promises'
import type { TlsConfig } from '../config/schema-tls.js'
import { filesOf, readTls, type TlsFault, type TlsMaterial, validityWarning } from '../config/tls-material.js'
import type { Log } from '../model/log.js'

/** How often the files are looked at, in milliseconds. They have to have been left alone for as long. */
const INTERVAL = 1000

export class Certificates {
  readonly #tls: TlsConfig
  readonly #log: Log
  readonly #listeners: ((material: TlsMaterial) => void)[] = []
  #current: TlsMaterial
  #timer: NodeJS.Timeout | undefined
  /** What the files looked like when they were read last, and when they were looked at last. */
  #read: string
  #seen: string

  private constructor(tls: TlsConfig, log: Log, material: TlsMaterial, state: string) {
    this.#tls = tls
    this.#log = log
    this.#current = material
    this.#read = this.#seen = state
  }

  /** The faults where the certificate cannot be used. */
  static async load(tls: TlsConfig, log: Log): Promise<Certificates | readonly TlsFault[]> {
    const state = await stateOf(tls)
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
    if (filesOf(this.#tls).length === 0) return
    this.#timer ??= setInterval(() => void this.#look(), INTERVAL).unref()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  /** Several files are replaced one after the other: they are read when nothing has changed since the last look. */
  async #look(): Promise<void> {
    const state = await stateOf(this.#tls)
    const isSettled = state === this.#seen
    this.#seen = state
    if (isSettled && state !== this.#read) await this.#reload(state)
  }

  async #reload(state: string): Promise<void> {
    this.#read = state
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

/** Different whenever one of the files is. Symbolic links are followed, as secrets of Kubernetes are made of them. */
async function stateOf(tls: TlsConfig): Promise<string> {
  const states = filesOf(tls).map((file) =>
    stat(file).then(
      ({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`,
      () => 'absent',
    ),
  )
  return (await Promise.all(states)).join('\n')
}
