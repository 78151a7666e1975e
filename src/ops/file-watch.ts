/**
 * Files that are looked at for changes, again and again: unlike notifications of the system, that works for files that
 * others replace, for symbolic links as secrets of Kubernetes are made of them, and over networks.
 */
import { stat } from 'node:fs/promises'

/** How often they are looked at, in milliseconds. They have to have been left alone for as long. */
const INTERVAL = 1000

export class FileWatch {
  readonly #files: readonly string[]
  readonly #changed: () => Promise<void>
  #timer: NodeJS.Timeout | undefined
  /** What the files looked like when they were read last, and when they were looked at last. */
  #read: string
  #seen: string

  /**
   * @param state what the files looked like before they were read
   * @param changed never rejects
   */
  constructor(files: readonly string[], state: string, changed: () => Promise<void>) {
    this.#files = files
    this.#changed = changed
    this.#read = this.#seen = state
  }

  start(): void {
    if (this.#files.length === 0) return
    this.#timer ??= setInterval(() => void this.#look(), INTERVAL).unref()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  /** Several files are replaced one after the other: they are read when nothing has changed since the last look. */
  async #look(): Promise<void> {
    const state = await stateOf(this.#files)
    const isSettled = state === this.#seen
    this.#seen = state
    if (!isSettled || state === this.#read) return
    this.#read = state
    await this.#changed()
  }
}

/** Different whenever one of the files is. */
export async function stateOf(files: readonly string[]): Promise<string> {
  const states = files.map((file) =>
    stat(file).then(
      ({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`,
      () => 'absent',
    ),
  )
  return (await Promise.all(states)).join('\n')
}
