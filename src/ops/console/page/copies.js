/** Copies: what synchronizations did or would do, what holds them, and going back. */
import { h, put, say } from './dom.js'
import { heldNotice, jobTable } from './jobs.js'
import { button, confirmed, failure, nothing, panel, table } from './parts.js'
import { snapshotTable } from './snapshots.js'
import { count, moment } from './text.js'

/** @import { PlanLine } from '../../../copy/cycle/plan.js' */
/** @import { Problem } from '../../../copy/cycle/problems.js' */
/** @import { Job } from '../../../copy/jobs/jobs.js' */
/** @import { Session } from '../terms.js' */
/** @import { Api } from './api.js' */
/** @import { KeptSnapshot } from './snapshots.js' */

/** Milliseconds between two looks, and while something runs. */
const EVERY = 4000
const SOON = 700

/**
 * @param {Api} api
 * @param {Session} session
 */
export function copies(api, { targets = [] }) {
  if (targets.length === 0) {
    const text = 'Nothing is copied: no view has refreshMethod: copy, and there are no targets.'
    return { element: panel('Copies', nothing(text)), close: () => {} }
  }
  const [notices, jobs, snapshots, problems, outcome] = [
    h('div'),
    h('div'),
    h('div'),
    h('div'),
    h('div', { class: 'outcome', tabindex: -1 }),
  ]
  let isOver = false
  let isActing = false
  let seen = ''
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer

  const look = async () => {
    clearTimeout(timer)
    let isRunning = false
    try {
      const [jobList, snapshotList, ...problemLists] = await Promise.all([
        api.get('copy/jobs?limit=20'),
        api.get('copy/snapshots'),
        ...targets.map((target) => api.get(`copy/problems?target=${encodeURIComponent(target)}`)),
      ])
      isRunning = jobList.jobs.some((/** @type {Job} */ { status }) => status === 'running')
      // What has not changed stays as it is, with whatever is open or has the focus.
      const now = JSON.stringify([jobList, snapshotList, problemLists])
      if (now !== seen && !isOver) {
        show(
          jobList.jobs,
          snapshotList.snapshots,
          problemLists.flatMap((one) => one.problems),
        )
        seen = now
      }
    } catch (error) {
      put(notices, failure(error))
      seen = ''
    }
    clearTimeout(timer)
    if (!isOver) timer = setTimeout(look, isRunning ? SOON : EVERY)
  }

  /**
   * @param {readonly Job[]} jobList
   * @param {readonly KeptSnapshot[]} snapshotList
   * @param {readonly Problem[]} problemList
   */
  const show = (jobList, snapshotList, problemList) => {
    const latest = targets.flatMap(
      (target) =>
        jobList.find((job) => job.target === target && !job.dryRun && job.status !== 'skipped') ?? [],
    )
    put(
      notices,
      ...latest
        .filter(({ status }) => status === 'held')
        .map((job) => heldNotice(job, { rehearse, approve })),
    )
    put(jobs, jobList.length === 0 ? nothing('Nothing has been synchronized yet.') : jobTable(jobList))
    put(
      snapshots,
      snapshotList.length === 0
        ? nothing('Nothing has been copied yet.')
        : snapshotTable(snapshotList, { compare, goBack }),
    )
    put(
      problems,
      problemList.length === 0 ? nothing('Every entry could be copied.') : problemTable(problemList),
    )
  }

  /**
   * @param {string} doing
   * @param {() => Promise<Node>} work
   */
  const act = async (doing, work) => {
    if (isActing) return
    isActing = true
    put(outcome, h('p', { class: 'note' }, `${doing} …`))
    say(`${doing} …`)
    try {
      put(outcome, await work())
    } catch (error) {
      put(outcome, failure(error))
    }
    isActing = false
    // What was pressed may be gone.
    outcome.focus()
    await look()
  }

  const run = (/** @type {string} */ target) =>
    act(`Synchronizing ${target}`, async () => {
      await api.post('copy/jobs', { target })
      say('The synchronization has begun')
      return begun()
    })
  const rehearse = (/** @type {string} */ target) =>
    act(`Looking what a synchronization of ${target} would do`, async () => {
      const found = await api.post('copy/jobs', { target, dryRun: true })
      const shown = /** @type {readonly PlanLine[]} */ (found.changes)
      const title = `What would change in ${target}`
      if (found.job.error !== undefined) return panel(title, failure(found.job.error.message))
      say(`${count(shown.length)} entries would change`)
      return panel(
        title,
        shown.length === 0 ? nothing('Nothing: it is what its sources are.') : planTable(shown),
        found.more && nothing('… and more.'),
      )
    })
  const approve = async (/** @type {Job} */ job) => {
    const text = job.violations.map(({ message }) => message)
    const question = {
      title: 'Do it anyway?',
      text: [...text, 'What this job was held for is done, and no more of it.'],
      yes: 'Approve',
    }
    if (!(await confirmed(question))) return
    await act('Synchronizing', async () => {
      await api.post('copy/jobs', { target: job.target, approve: job.id })
      say('Approved: the synchronization has begun')
      return begun()
    })
  }
  const compare = (/** @type {number} */ from, /** @type {number} */ to) =>
    act('Comparing', async () => {
      const { changes, more } = await api.get(`copy/snapshots/${from}/diff/${to}?limit=500`)
      const title = `From snapshot ${from} to ${to}`
      say(`${title}: ${count(changes.length)} entries differ`)
      return panel(
        title,
        changes.length === 0 ? nothing('They are the same.') : differenceTable(changes),
        more && nothing('… and more.'),
      )
    })
  const goBack = async (/** @type {number} */ number) => {
    const text = ['What it holds is served at once. Nothing is copied then until somebody synchronizes.']
    if (!(await confirmed({ title: `Go back to snapshot ${number}?`, text, yes: 'Go back' }))) return
    await act('Going back', async () => {
      const made = await api.post(`copy/snapshots/${number}/rollback`)
      return h(
        'p',
        { class: 'done', role: 'status' },
        `Snapshot ${made.number} is current, with the content of ${number}. Nothing is copied until somebody synchronizes.`,
      )
    })
  }

  void look()
  const buttons = targets.map((target) =>
    h(
      'div',
      { class: 'actions' },
      targets.length > 1 && h('b', {}, target),
      button('Synchronize now', () => run(target), 'main'),
      button('What would change?', () => rehearse(target)),
    ),
  )
  return {
    element: h(
      'div',
      {},
      notices,
      h('div', { class: 'panel' }, ...buttons),
      outcome,
      panel('Jobs', jobs),
      panel('Snapshots', snapshots),
      panel('Problems', problems),
    ),
    close: () => {
      isOver = true
      clearTimeout(timer)
    },
  }
}

const begun = () => h('p', { class: 'note' }, 'The synchronization has begun: it is the first of the jobs.')

/** @param {readonly PlanLine[]} lines */
function planTable(lines) {
  const columns = [{ title: 'Entry' }, { title: 'View' }, { title: 'What' }, { title: 'Why' }]
  return table(
    'Entries that would change',
    columns,
    lines.map(({ view, action, key, name, why, attributes = [] }) => [
      h('code', {}, name ?? key),
      view,
      action,
      attributes.length === 0 ? why : `${why}: ${attributes.join(', ')}`,
    ]),
    'compact',
  )
}

/** @param {readonly { readonly view: string, readonly key: string, readonly change: string, readonly columns: readonly string[] }[]} changes */
function differenceTable(changes) {
  const columns = [{ title: 'Key' }, { title: 'View' }, { title: 'What' }, { title: 'Attributes' }]
  return table(
    'Entries that differ',
    columns,
    changes.map(({ view, key, change, columns: names }) => [
      h('code', {}, key),
      view,
      change,
      change === 'changed' ? names.join(', ') : '',
    ]),
    'compact',
  )
}

/** @param {readonly Problem[]} list */
function problemTable(list) {
  const columns = /** @type {const} */ ([
    { title: 'Entry' },
    { title: 'View' },
    { title: 'Why' },
    { title: 'Attempts', number: true },
    { title: 'Next attempt' },
  ])
  return table(
    'Entries that could not be copied',
    columns,
    list.map(({ view, key, name, reason, attempts, nextAttempt }) => [
      h('code', {}, name ?? key),
      view,
      reason.message,
      count(attempts),
      moment(nextAttempt),
    ]),
  )
}
