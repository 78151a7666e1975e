/**
 * Computes in short slices on the event loop, for the round functions that no thread pool offers. All work of
 * the process takes turns, one slice in each turn of the loop, so that input and timers wait for one at most.
 */

/** Milliseconds after which work gives way. */
const sliceTime = 1

/** Work still to be done; calling it does a slice and tells whether more is left. */
type Job = () => boolean
const jobs: Job[] = []

/**
 * Runs a generator to its end and resolves to what it returns, or rejects with what it throws. It has to
 * yield every few hundred microseconds.
 */
export function inSlices<T>(work: Generator<void, T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const job: Job = () => {
      try {
        const until = performance.now() + sliceTime
        do {
          const step = work.next()
          if (step.done === true) {
            resolve(step.value)
            return false
          }
        } while (performance.now() < until)
        return true
      } catch (error) {
        reject(error)
        return false
      }
    }
    jobs.push(job)
    if (jobs.length === 1) setImmediate(turn)
  })
}

function turn(): void {
  const job = jobs[0]
  if (job === undefined) return
  const unfinished = job()
  jobs.shift()
  if (unfinished) jobs.push(job)
  if (jobs.length > 0) setImmediate(turn)
}
