/** What an answer hangs on, for whoever keeps what was made of it. What is kept, and where, is somebody else's affair. */

/** A stretch of time in which, as far as anybody has heard, nothing changed that a view shows. */
export interface Epoch {
  readonly over: boolean
  /** Told where an answer of this time is given once more. */
  again(): void
}

/** Collected while one answer is made. */
export class Provenance {
  readonly epochs = new Set<Epoch>()
  /** Milliseconds, as `performance.now` counts them: the answer is good until then at most. */
  until = Number.POSITIVE_INFINITY
  #isLive = false

  /** Is there anything in it that has to be asked anew each time? */
  get isLive(): boolean {
    return this.#isLive
  }

  hangsOn(epoch: Epoch, until: number): void {
    this.epochs.add(epoch)
    this.until = Math.min(this.until, until)
  }

  /** There is something in the answer that is not to be given again. */
  live(): void {
    this.#isLive = true
  }
}
