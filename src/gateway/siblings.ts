/** Siblings as one assembly knows them: it may tell them things at once, and hears of them from when it is used. */
import type { Siblings } from '../model/siblings.js'

export class LateSiblings implements Siblings {
  readonly #siblings: Siblings
  #isUsed = false
  readonly #listeners: [topic: string, listener: (message: string) => void][] = []

  constructor(siblings: Siblings) {
    this.#siblings = siblings
  }

  tell(topic: string, message: string): void {
    this.#siblings.tell(topic, message)
  }

  hear(topic: string, listener: (message: string) => void): void {
    if (this.#isUsed) this.#siblings.hear(topic, listener)
    else this.#listeners.push([topic, listener])
  }

  ask(): Promise<readonly string[]> {
    return this.#siblings.ask()
  }

  answer(say: () => Promise<string>): void {
    this.#siblings.answer(say)
  }

  /** From now on it hears what others before it have heard. */
  begin(): void {
    this.#isUsed = true
    for (const [topic, listener] of this.#listeners) this.#siblings.hear(topic, listener)
  }
}
