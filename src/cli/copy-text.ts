/** Synchronizations in words and tables for people, and as JSON and exit codes for scripts. */

import type { PlanLine, Tally } from '../copy/cycle/plan.js'
import type { Problem } from '../copy/cycle/problems.js'
import type { Job } from '../copy/jobs/jobs.js'
import type { Snapshot } from '../copy/store/store.js'
import { plain, table } from './table.js'

const counted = ['add', 'update', 'remove', 'unchanged', 'adopt', 'keep', 'problems'] as const

/** All views together. */
export function totalOf(views: Readonly<Record<string, Tally>>): Tally {
  const sum = (name: keyof Tally) => Object.values(views).reduce((all, tally) => all + tally[name], 0)
  const [add, update, remove, unchanged, adopt, keep, problems] = counted.map(sum) as [
    ...[number, number, number, number, number, number, number],
  ]
  return { add, update, remove, unchanged, adopt, keep, problems }
}

/**
 * 0: done, or nothing to do. 1: failed. 3: held by the guard. 4: done, but some entries are problems. 5: somebody else was
 * at it, or a hook said not to begin.
 */
export function exitCodeOf(jobs: readonly Job[]): number {
  const codes = jobs.map(({ status, views, violations, dryRun }): number => {
    if (status === 'failed') return 1
    if (status === 'held' || (dryRun && violations.length > 0)) return 3
    if (status === 'skipped') return 5
    return totalOf(views).problems > 0 ? 4 : 0
  })
  return [1, 3, 5, 4].find((code) => codes.includes(code)) ?? 0
}

/** What would be done: a line for each entry. */
export function planText(lines: readonly PlanLine[], more: number): readonly string[] {
  const rows = lines.map(({ view, action, key, name, why, attributes = [] }) => {
    const what = attributes.length === 0 ? why : `${why}: ${attributes.join(', ')}`
    return [action, view, key, name ?? '', what]
  })
  return [
    ...table(['Action', 'View', 'Key', 'Name', 'Why'], rows),
    ...(more > 0 ? [`… and ${more} more`] : []),
  ]
}

/** What was done, or would be, view by view, and why not. */
export function tallyText(job: Job): readonly string[] {
  const rows = Object.entries(job.views).map(([view, tally]) => [view, ...counted.map((name) => tally[name])])
  const head = ['Add', 'Update', 'Remove', 'Unchanged', 'Adopted', 'Kept', 'Problems']
  return [...table(['View', ...head], rows, head), ...violationsText(job)]
}

function violationsText({ violations, status, dryRun }: Job): readonly string[] {
  return violations.map(({ message, approvable }) => {
    if (status === 'completed' && !dryRun) return `approved: ${plain(message)}`
    const remedy = approvable ? '; vitrine sync --approve lets it be done' : ''
    return `${dryRun ? 'would be held' : 'held'}: ${plain(message)}${remedy}`
  })
}

/** A job with all that is known of it. */
export function jobText(job: Job): readonly string[] {
  const { id, type, status, trigger, target, dryRun, incremental, created, started, completed } = job
  const { actions, error, snapshot, by } = job
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Job', id],
    ['Type', `${type}${dryRun ? ', dry run' : ''}${incremental ? ', of what has changed' : ''}`],
    ['Status', status],
    ['Began', `by ${trigger}, in ${by}`],
    ['Target', target],
    ['Created', created],
    ['Started', started],
    ['Completed', completed],
    ['Actions', `${actions.done} of ${actions.total}`],
    ['Snapshot', snapshot === undefined ? undefined : String(snapshot)],
    ['Error', error && `${error.code}: ${error.message}`],
  ]
  return [
    ...facts.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(10)} ${plain(value)}`])),
    ...tallyText(job),
  ]
}

export function jobsText(jobs: readonly Job[]): readonly string[] {
  const rows = jobs.map(({ id, status, target, trigger, created, dryRun, views, error, violations }) => {
    const { add, update, remove, problems } = totalOf(views)
    const why = error?.message ?? violations[0]?.message ?? (dryRun ? 'dry run' : '')
    return [id, status, target, trigger, created, add, update, remove, problems, why]
  })
  const numbers = ['Add', 'Update', 'Remove', 'Problems']
  return table(['Job', 'Status', 'Target', 'Began by', 'Created', ...numbers, 'Why'], rows, numbers)
}

export function snapshotsText(snapshots: readonly Snapshot[]): readonly string[] {
  const rows = snapshots.map(({ number, at, note, counts }, i) => {
    const all = Object.values(counts)
    const sum = (name: 'added' | 'changed' | 'removed' | 'total') =>
      all.reduce((total, one) => total + one[name], 0)
    const state = i === 0 ? 'current' : ''
    return [
      number,
      at.toISOString(),
      ...[sum('added'), sum('changed'), sum('removed'), sum('total')],
      [state, note ?? ''].filter((text) => text !== '').join(', '),
    ]
  })
  const numbers = ['Snapshot', 'Added', 'Changed', 'Removed', 'Entries']
  return table(['Snapshot', 'Committed', 'Added', 'Changed', 'Removed', 'Entries', 'Note'], rows, numbers)
}

export function problemsText(problems: readonly Problem[]): readonly string[] {
  const rows = problems.map(({ view, key, name, reason, firstSeen, lastSeen, attempts, nextAttempt }) => [
    view,
    key,
    name ?? '',
    reason.code,
    attempts,
    ...[firstSeen, lastSeen, nextAttempt].map((time) => time.slice(0, 19)),
    reason.message,
  ])
  const head = ['View', 'Key', 'Name', 'Reason', 'Attempts', 'First seen', 'Last seen', 'Next attempt', 'Why']
  return table(head, rows, ['Attempts'])
}
