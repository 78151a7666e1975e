/** How far a run has come: one line that changes on a terminal, a line from time to time elsewhere. */
import type { Job } from '../copy/jobs/jobs.js'
import { shown } from './table.js'

/** What is written to; `process.stderr` is one. */
export interface Output {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** At most so often is a line of a terminal written anew, and at least so often a line elsewhere, in milliseconds. */
const QUICK = 100
const SLOW = 10_000

export class Progress {
  readonly #output: Output
  readonly #now: () => number
  #last = Number.NEGATIVE_INFINITY
  #isOpen = false

  constructor(output: Output, now: () => number = () => performance.now()) {
    this.#output = output
    this.#now = now
  }

  report(job: Job): void {
    if (job.status !== 'running') return
    const now = this.#now()
    if (now - this.#last < (this.#output.isTTY === true ? QUICK : SLOW)) return
    this.#last = now
    const { done, total } = job.actions
    const far = total > 0 ? `${done} of ${total} actions (${Math.floor((done / total) * 100)} %)` : 'reading'
    const text = shown(`${job.target}: ${done > 0 && total === 0 ? `${done} entries` : far}`)
    if (this.#output.isTTY === true) {
      this.#output.write(
        `\r\u001b[2K${[...text].slice(0, Math.max(10, (this.#output.columns ?? 80) - 1)).join('')}`,
      )
      this.#isOpen = true
    } else this.#output.write(`${text}\n`)
  }

  /** Nothing of it stays on a terminal. */
  end(): void {
    if (this.#isOpen) this.#output.write('\r\u001b[2K')
    this.#isOpen = false
  }
}
