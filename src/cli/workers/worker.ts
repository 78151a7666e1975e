/** One of the processes that serve together: it is told by the first one when to begin and when to stop. */
import type { Addresses } from '../../frontends/frontend.js'
import type { Siblings } from '../../model/siblings.js'
import type { FromWorker, ToWorker } from './messages.js'

export interface Employment {
  readonly siblings: Siblings
  /** The same in all of them, for what one has made another has to know again. */
  readonly cookieSecret: string
  /** Resolves when it is time to stop. */
  readonly stopped: Promise<void>
  listening(addresses: Addresses): void
  /** `reload` is called when the configuration is to be read anew. */
  reloaded(reload: () => void): void
}

/** Resolves when there is something to do. */
export async function employed(): Promise<Employment> {
  // A terminal and a service manager send them to all processes, of which only the first one knows the order.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => undefined)
  const listeners = new Map<string, (message: string) => void>()
  const questions = new Questions()
  let stop = (): void => undefined
  let reload = (): void => undefined
  const stopped = new Promise<void>((resolve) => {
    stop = resolve
  })
  return new Promise((resolve) => {
    process.on('message', (message: ToWorker) => {
      if (message.kind === 'heard') listeners.get(message.topic)?.(message.message)
      else if (message.kind === 'stop') stop()
      else if (message.kind === 'reload') reload()
      else if (message.kind === 'asked') void questions.answer(message.id)
      else if (message.kind === 'answers') questions.answered(message.id, message.answers)
      else {
        const siblings: Siblings = {
          ask: () => questions.ask(),
          answer: (say) => questions.answerBy(say),
          tell: (topic, text) => send({ kind: 'tell', topic, message: text }),
          hear: (topic, listener) => void listeners.set(topic, listener),
        }
        const listening = (addresses: Addresses) => send({ kind: 'listening', addresses })
        const reloaded = (act: () => void) => {
          reload = act
        }
        resolve({ siblings, cookieSecret: message.cookieSecret, stopped, listening, reloaded })
      }
    })
    send({ kind: 'started' })
  })
}

function send(message: FromWorker): void {
  process.send?.(message)
}

/** What the processes ask each other, and what this one answers. */
class Questions {
  #say: () => Promise<string> = async () => ''
  readonly #waiting = new Map<number, (answers: readonly string[]) => void>()
  #last = 0

  answerBy(say: () => Promise<string>): void {
    this.#say = say
  }

  ask(): Promise<readonly string[]> {
    const id = ++this.#last
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      send({ kind: 'ask', id })
    })
  }

  async answer(id: number): Promise<void> {
    send({ kind: 'answer', id, answer: await this.#say().catch(() => '') })
  }

  answered(id: number, answers: readonly string[]): void {
    this.#waiting.get(id)?.(answers)
    this.#waiting.delete(id)
  }
}
