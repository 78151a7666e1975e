/** Runs of synchronizations: what became of them, and what holds one. */
import { h } from './dom.js'
import { badge, button, table } from './parts.js'
import { count, duration, moment } from './text.js'

/** @import { Job, JobStatus } from '../../../copy/jobs/jobs.js' */

/** @type {Readonly<Record<JobStatus, 'good' | 'bad' | 'odd' | 'plain'>>} */
const KINDS = { completed: 'good', held: 'odd', failed: 'bad', running: 'plain', skipped: 'plain' }

/**
 * @param {Job} job
 * @param {{ readonly rehearse: (target: string) => void, readonly approve: (job: Job) => void }} acts
 */
export function heldNotice(job, { rehearse, approve }) {
  const isApprovable = job.violations.every(({ approvable }) => approvable)
  return h(
    'section',
    { class: 'panel held', 'aria-label': `The synchronization of ${job.target} is held` },
    h('h2', {}, `The synchronization of ${job.target} is held`),
    h(
      'p',
      {},
      'It looks like an accident of the source. Nothing was done, and the copy goes on serving what it had.',
    ),
    h('ul', {}, ...job.violations.map(({ message }) => h('li', {}, message))),
    h(
      'div',
      { class: 'actions' },
      button('What would change?', () => rehearse(job.target)),
      isApprovable && button('Approve …', () => approve(job), 'main'),
    ),
  )
}

/** @param {readonly Job[]} jobs */
export function jobTable(jobs) {
  const columns = /** @type {const} */ ([
    { title: 'Began' },
    { title: 'Target' },
    { title: 'Status' },
    { title: 'Added', number: true },
    { title: 'Changed', number: true },
    { title: 'Removed', number: true },
    { title: 'Problems', number: true },
    { title: 'Took', number: true },
    { title: 'Note' },
  ])
  return table('Runs, the newest first', columns, jobs.map(rowOf))
}

/** @param {Job} job */
function rowOf({
  created,
  started,
  completed,
  target,
  status,
  views,
  violations,
  error,
  trigger,
  dryRun,
  incremental,
  snapshot,
  actions,
}) {
  const sum = (/** @type {'add' | 'update' | 'remove' | 'problems'} */ name) =>
    count(Object.values(views).reduce((all, tally) => all + tally[name], 0))
  const notes = [
    dryRun && 'dry run',
    incremental && 'only what had changed',
    status === 'running' && `${count(actions.done)} of ${count(actions.total)} done`,
    snapshot !== undefined && !dryRun && status === 'completed' && `snapshot ${snapshot}`,
    error?.message,
    ...violations.map(({ message }) => message),
  ].filter(Boolean)
  return [
    h('span', {}, moment(created), h('small', {}, ` by ${trigger}`)),
    target,
    badge(KINDS[status], status),
    sum('add'),
    sum('update'),
    sum('remove'),
    sum('problems'),
    started !== undefined && completed !== undefined
      ? duration(Date.parse(completed) - Date.parse(started))
      : '–',
    notes.join('; '),
  ]
}
