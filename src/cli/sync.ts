/** `vitrine sync`: makes copies what their sources are, or says what would be done. */

import type { PlanLine } from '../copy/cycle/plan.js'
import type { Job } from '../copy/jobs/jobs.js'
import type { Operations, RunRequest } from '../copy/jobs/operations.js'
import { exitCodeOf, planText, tallyText, totalOf } from './copy-text.js'
import { type Output, Progress } from './progress.js'
import { plain } from './table.js'

export interface SyncOptions {
  readonly target?: string
  readonly view?: readonly string[]
  readonly dryRun?: boolean
  readonly json?: boolean
  readonly full?: boolean
  readonly retry?: boolean
  /** Whatever may be approved, or what a job was held for. */
  readonly approve?: true | string
  /** Lines of a dry run that are printed. */
  readonly limit: number
}

export interface Streams {
  readonly out: Output
  /** Progress goes there. */
  readonly err: Output
}

/** Prints what was done, or would be; the exit code says how that went. */
export async function sync(
  operations: Operations,
  options: SyncOptions,
  { out, err }: Streams,
  signal: AbortSignal,
): Promise<number> {
  const { dryRun = false, json = false, limit, target } = options
  const jobs: Job[] = []
  const lines: PlanLine[] = []
  let more = 0
  const progress = new Progress(err)
  for (const name of target === undefined ? concerned(operations, options) : [target]) {
    if (signal.aborted) break
    const job = await operations
      .run(name, requestOf(options, target === undefined ? operations.viewsOf(name) : undefined), {
        signal,
        onProgress: (now) => {
          if (!json || err.isTTY === true) progress.report(now)
        },
        ...(dryRun && {
          onLine: (line) => {
            if (lines.length < limit) lines.push(line)
            else more++
          },
        }),
      })
      .finally(() => progress.end())
    jobs.push(job)
    if (!json && !dryRun) print(out, [...resultText(job), ''])
  }
  if (json) out.write(`${JSON.stringify(resultOf(jobs, dryRun ? { changes: lines, more } : {}))}\n`)
  else if (dryRun) print(out, [...planText(lines, more), '', ...jobs.flatMap(resultText)])
  return exitCodeOf(jobs)
}

/** Targets that have one of the views; all of them where there is none that has, which each of them will say. */
function concerned(operations: Operations, { view = [] }: SyncOptions): readonly string[] {
  const { targets } = operations
  const found = targets.filter((name) => view.some((one) => operations.viewsOf(name).includes(one)))
  return found.length > 0 ? found : targets
}

/** @param own the views of a target that was not asked for by its name: others are none of its business */
function requestOf(
  { view = [], dryRun, full, retry, approve }: SyncOptions,
  own: readonly string[] | undefined,
): RunRequest {
  const views = view.filter((name) => own === undefined || own.includes(name))
  const asked = views.length > 0 ? views : view
  return {
    ...(asked.length > 0 && { views: asked }),
    ...(dryRun === true && { dryRun }),
    ...(full === true && { full }),
    ...(retry === true && { retry }),
    ...(approve !== undefined && { approve }),
  }
}

function resultText(job: Job): readonly string[] {
  const { status, dryRun, id, target, error, snapshot } = job
  const end = {
    running: 'has not ended',
    completed: dryRun ? 'nothing was done: this was a dry run' : 'done',
    held: 'held by the guard: nothing was done with what it concerns',
    failed: 'failed',
    skipped: 'not begun',
  }[status]
  const where = snapshot === undefined ? '' : `, snapshot ${snapshot}`
  return [
    ...tallyText(job),
    `${target}: ${end}${error === undefined ? '' : `: ${plain(error.message)}`} (job ${id}${where})`,
  ]
}

/** What scripts read: all views together, then each job. */
function resultOf(jobs: readonly Job[], more: object): object {
  const total = totalOf(Object.fromEntries(jobs.flatMap(({ target, views }) => entriesOf(target, views))))
  const violations = jobs.flatMap((job) => job.violations)
  const status = jobs.find((job) => job.status !== 'completed')?.status ?? 'completed'
  return { ...total, status, violations, jobs, ...more }
}

const entriesOf = (target: string, views: Job['views']) =>
  Object.entries(views).map(([view, tally]) => [`${target} ${view}`, tally] as const)

function print(out: Output, lines: readonly string[]): void {
  out.write(`${lines.join('\n')}\n`)
}
