/** What one process asks of all others: the first one hands the question on, and gathers what they answer. */
import type { Worker } from 'node:cluster'
import type { FromWorker, ToWorker } from './messages.js'

/** Milliseconds that answers are waited for. */
const PATIENCE = 1000

interface Question {
  readonly answers: string[]
  missing: number
  readonly done: () => void
}

export class Inquiries {
  readonly #say: (worker: Worker, message: ToWorker) => void
  readonly #open = new Map<number, Question>()
  #last = 0

  constructor(say: (worker: Worker, message: ToWorker) => void) {
    this.#say = say
  }

  /** @param id by which the asker knows its question */
  ask(asker: Worker, id: number, others: readonly Worker[]): void {
    const own = ++this.#last
    const answers: string[] = []
    const done = () => {
      clearTimeout(timer)
      if (this.#open.delete(own)) this.#say(asker, { kind: 'answers', id, answers })
    }
    const timer = setTimeout(done, PATIENCE)
    this.#open.set(own, { answers, missing: others.length, done })
    if (others.length === 0) done()
    for (const other of others) this.#say(other, { kind: 'asked', id: own })
  }

  answered({ id, answer }: Extract<FromWorker, { kind: 'answer' }>): void {
    const question = this.#open.get(id)
    if (question === undefined) return
    if (answer !== '') question.answers.push(answer)
    if (--question.missing === 0) question.done()
  }
}
