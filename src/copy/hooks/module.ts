/** The user's module in a thread of its own: calls of its functions, each of which has so much time. */
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { workerSource } from './worker-source.js'

export type CallResult = { readonly value: unknown } | { readonly error: string }

interface Message {
  readonly id?: number
  readonly results?: readonly CallResult[]
  readonly ready?: readonly string[]
  readonly failed?: string
}

interface Running {
  readonly worker: Worker
  readonly at: Int32Array
  readonly functions: Promise<ReadonlySet<string>>
}

type Answer = { readonly results: readonly CallResult[] } | { readonly stuck: number; readonly why: string }

export class HookModule {
  readonly #path: string
  readonly #timeout: number
  #running: Running | undefined
  #turn: Promise<unknown> = Promise.resolve()
  #next = 1

  /** @param timeout how long one call may take, in milliseconds */
  constructor(path: string, timeout: number) {
    this.#path = path
    this.#timeout = timeout
  }

  /** The names of its functions. Rejects where it cannot be loaded. */
  functions(): Promise<ReadonlySet<string>> {
    return this.#start().functions
  }

  /**
   * Calls a function with each of these arguments, one after the other. What throws, or takes too long, is an error of that
   * call alone.
   */
  call(name: string, calls: readonly (readonly unknown[])[]): Promise<readonly CallResult[]> {
    const done = this.#turn.then(() => this.#call(name, calls))
    this.#turn = done.catch(() => {})
    return done
  }

  async close(): Promise<void> {
    const running = this.#running
    this.#running = undefined
    await running?.worker.terminate()
  }

  async #call(name: string, calls: readonly (readonly unknown[])[]): Promise<readonly CallResult[]> {
    const results = new Map<number, CallResult>()
    while (results.size < calls.length) {
      const left = calls.map((_, i) => i).filter((i) => !results.has(i))
      const answer = await this.#attempt(
        name,
        left.map((i) => calls[i] ?? []),
      )
      if ('stuck' in answer) results.set(left[answer.stuck] ?? 0, { error: answer.why })
      else for (const [i, result] of answer.results.entries()) results.set(left[i] ?? 0, result)
    }
    return calls.map((_, i) => results.get(i) ?? { error: 'it was not called' })
  }

  /** All results, or which of the calls has ended the thread. */
  async #attempt(name: string, calls: readonly (readonly unknown[])[]): Promise<Answer> {
    const { worker, at, functions } = this.#start()
    await functions
    const id = this.#next++
    Atomics.store(at, 0, 0)
    const stopped = new AbortController()
    const answer = await new Promise<Answer>((resolve) => {
      const end = (why: string) => resolve({ stuck: Math.max(0, Atomics.load(at, 0)), why })
      this.#watch(at, stopped.signal, () => end(`it took longer than ${this.#timeout} ms`))
      const heard = (message: Message) => {
        if (message.id === id && message.results !== undefined) resolve({ results: message.results })
      }
      const ended = () => end('it has ended the thread that it runs in')
      const failed = (error: Error) => end(error.message)
      worker.on('message', heard).once('exit', ended).once('error', failed)
      stopped.signal.addEventListener('abort', () => {
        worker.off('message', heard).off('exit', ended).off('error', failed)
      })
      worker.postMessage({ id, name, calls })
    })
    stopped.abort()
    if ('stuck' in answer) await this.close()
    return answer
  }

  /** Tells where a call has been going on for too long. */
  #watch(at: Int32Array, signal: AbortSignal, late: () => void): void {
    let last = -1
    let since = performance.now()
    const timer = setInterval(
      () => {
        const now = Atomics.load(at, 0)
        if (now !== last) {
          last = now
          since = performance.now()
        } else if (performance.now() - since >= this.#timeout) late()
      },
      Math.max(5, this.#timeout / 10),
    )
    timer.unref()
    signal.addEventListener('abort', () => clearInterval(timer))
  }

  #start(): Running {
    if (this.#running !== undefined) return this.#running
    const shared = new SharedArrayBuffer(4)
    const worker = new Worker(workerSource, {
      eval: true,
      workerData: { module: pathToFileURL(this.#path).href, at: shared },
    })
    worker.unref()
    const functions = new Promise<ReadonlySet<string>>((resolve, reject) => {
      worker.once('message', ({ ready, failed }: Message) => {
        if (ready !== undefined) resolve(new Set(ready))
        else reject(new Error(failed ?? 'it said nothing'))
      })
      worker.once('error', reject)
      worker.once('exit', () => reject(new Error('it has ended the thread that it runs in')))
    })
    functions.catch(() => {
      if (this.#running?.worker === worker) this.#running = undefined
    })
    // Nobody may be listening when it fails later.
    worker.on('error', () => {})
    this.#running = { worker, at: new Int32Array(shared), functions }
    return this.#running
  }
}
