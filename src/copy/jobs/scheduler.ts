/** When cycles run: at an interval, by a cron expression, or when somebody asks. One at a time in this process. */
import { Cron } from 'croner'
import type { Log } from '../../model/log.js'
import type { Trigger } from '../cycle/plan.js'

export interface Schedule {
  /** Milliseconds between the beginnings of two cycles. */
  readonly interval?: number
  /** A cron expression; `zone` is a name such as Europe/Berlin, the machine's own zone unless told. */
  readonly cron?: { readonly expression: string; readonly zone?: string }
}

/** What is wrong with a cron expression or its time zone; undefined if nothing is. */
export function cronProblem(expression: string, zone?: string): string | undefined {
  try {
    const cron = new Cron(expression, { paused: true, ...(zone !== undefined && { timezone: zone }) })
    return cron.nextRun() === null ? 'it never comes to pass' : undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** The longest that a timer waits; who has to wait longer looks at the clock in between. */
const LONGEST = 2 ** 31 - 1
/** The first time that something is tried again, in milliseconds. */
const AGAIN = 10_000

export class Scheduler {
  readonly #schedule: Schedule
  readonly #run: (trigger: Trigger) => Promise<'again' | undefined>
  readonly #log: Log | undefined
  readonly #cron: Cron | undefined
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #stopped = true
  #failures = 0

  /** @param run is called for each cycle, and tells whether it is to be tried again soon; what it throws is logged */
  constructor(schedule: Schedule, run: (trigger: Trigger) => Promise<'again' | undefined>, log?: Log) {
    this.#schedule = schedule
    this.#run = run
    this.#log = log
    const { cron } = schedule
    if (cron !== undefined)
      this.#cron = new Cron(cron.expression, {
        paused: true,
        ...(cron.zone !== undefined && { timezone: cron.zone }),
      })
  }

  /** Runs the first cycle at once. */
  start(): void {
    this.#stopped = false
    this.#begin('start')
  }

  /** Resolves when the cycle that is running has ended. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#running
  }

  /** When the next cycle is due; undefined where only requests begin one. */
  next(now = new Date()): { readonly at: Date; readonly trigger: Trigger } | undefined {
    const { interval } = this.#schedule
    const byCron = this.#cron?.nextRun(now) ?? undefined
    const byInterval = interval === undefined ? undefined : new Date(now.getTime() + interval)
    if (byCron !== undefined && (byInterval === undefined || byCron <= byInterval))
      return { at: byCron, trigger: 'cron' }
    return byInterval && { at: byInterval, trigger: 'interval' }
  }

  #begin(trigger: Trigger): void {
    const began = new Date()
    this.#running = this.#run(trigger)
      .catch((error: unknown): 'again' => {
        this.#log?.error({ err: error }, 'a synchronization could not be run')
        return 'again'
      })
      .then((outcome) => {
        this.#running = undefined
        this.#failures = outcome === 'again' ? this.#failures + 1 : 0
        this.#wait(this.#sooner(this.next(began), trigger))
      })
  }

  /** What has failed is tried again after ten seconds, then twice as many, as long as that is not later than it is due. */
  #sooner(next: ReturnType<Scheduler['next']>, trigger: Trigger): ReturnType<Scheduler['next']> {
    if (this.#failures === 0) return next
    const at = new Date(Date.now() + Math.min(AGAIN * 2 ** (this.#failures - 1), LONGEST))
    return next === undefined || at < next.at ? { at, trigger } : next
  }

  /** A cycle that took longer than its interval is followed by the next at once; times of a cron that passed meanwhile are left out. */
  #wait(next: ReturnType<Scheduler['next']>): void {
    if (this.#stopped || next === undefined) return
    const due = next.trigger === 'cron' && next.at < new Date() ? this.next() : next
    if (due === undefined) return
    const left = due.at.getTime() - Date.now()
    this.#timer = setTimeout(
      () => {
        if (left > LONGEST) this.#wait(due)
        else this.#begin(due.trigger)
      },
      Math.max(0, Math.min(left, LONGEST)),
    )
    this.#timer.unref()
  }
}
