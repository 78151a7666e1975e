/** The synchronization of one target, when it is due: one of all processes that have the same schedule is enough. */
import type { Log } from '../../model/log.js'
import type { Engine } from '../cycle/engine.js'
import type { Trigger } from '../cycle/plan.js'
import { type Schedule, Scheduler } from './scheduler.js'

/** Of an interval: whoever finds that another process has begun a cycle within this part of it leaves it at that. */
const RECENTLY = 0.9
/** What counts as an interval where there are times only, in milliseconds. */
const SOON = 60_000

export class Scheduled {
  readonly #engine: Engine
  readonly #interval: number
  readonly #scheduler: Scheduler

  constructor(engine: Engine, schedule: Schedule, log: Log) {
    this.#engine = engine
    this.#interval = schedule.interval ?? SOON
    this.#scheduler = new Scheduler(schedule, (trigger) => this.#run(trigger), log)
  }

  /** Runs the first cycle at once. */
  start(): void {
    this.#scheduler.start()
  }

  /** Ends the cycle that is running. */
  async close(): Promise<void> {
    await this.#engine.close()
    await this.#scheduler.stop()
  }

  async #run(trigger: Trigger): Promise<'again' | undefined> {
    if (trigger !== 'start' && (await this.#isDone())) return undefined
    const { status, violations } = await this.#engine.run({ trigger })
    const isAway = violations.some(({ code }) => code === 'incomplete')
    return status === 'failed' || (status === 'held' && isAway) ? 'again' : undefined
  }

  async #isDone(): Promise<boolean> {
    const jobs = await this.#engine.jobs({ limit: 20 })
    const last = jobs.find(
      ({ target, dryRun, status }) =>
        target === this.#engine.target && !dryRun && (status === 'completed' || status === 'running'),
    )
    return last !== undefined && Date.now() - Date.parse(last.created) < this.#interval * RECENTLY
  }
}
