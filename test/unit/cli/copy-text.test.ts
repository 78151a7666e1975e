/** Synchronizations as people and scripts read them. */
import { describe, expect, it } from 'vitest'
import {
  exitCodeOf,
  jobsText,
  jobText,
  planText,
  problemsText,
  snapshotsText,
  tallyText,
  totalOf,
} from '../../../src/cli/copy-text.js'
import { shown, table } from '../../../src/cli/table.js'
import type { Tally } from '../../../src/copy/cycle/plan.js'
import type { Job } from '../../../src/copy/jobs/jobs.js'

const none: Tally = { add: 0, update: 0, remove: 0, unchanged: 0, adopt: 0, keep: 0, problems: 0 }
const job: Job = {
  id: 'j1',
  type: 'sync',
  status: 'completed',
  trigger: 'demand',
  target: 'store',
  dryRun: false,
  incremental: false,
  created: '2030-01-01T00:00:00.000Z',
  started: '2030-01-01T00:00:01.000Z',
  completed: '2030-01-01T00:00:02.000Z',
  actions: { done: 2, total: 2 },
  views: { people: { ...none, add: 2, unchanged: 5 }, groups: { ...none, update: 1, remove: 1 } },
  violations: [],
  snapshot: 7,
  by: 'host 1',
}
const violation = {
  code: 'tooManyRemovals',
  view: 'people',
  message: '9 entries of people would be removed',
  approvable: true,
  count: 9,
} as const

describe('a table', () => {
  it('is as wide as what stands in it, numbers at the right', () => {
    expect(
      table(
        ['Name', 'N'],
        [
          ['Zoë', 1],
          ['日本', 200],
        ],
        ['N'],
      ),
    ).toEqual(['Name    N', '----  ---', 'Zoë     1', '日本  200'])
  })

  it('holds nothing that a terminal would obey', () => {
    expect(shown('a\u001b[31mb\nc\u202ed')).toBe('a�[31mb�c�d')
    expect(shown('x'.repeat(100))).toHaveLength(72)
  })
})

describe('the exit code', () => {
  it.each<[string, Partial<Job>, number]>([
    ['done', {}, 0],
    ['failed', { status: 'failed' }, 1],
    ['held', { status: 'held' }, 3],
    ['a dry run of what would be held', { dryRun: true, violations: [violation] }, 3],
    ['approved', { violations: [violation] }, 0],
    ['skipped', { status: 'skipped' }, 5],
    ['done with problems', { views: { people: { ...none, problems: 1 } } }, 4],
  ])('of a job that was %s', (_, more, code) => {
    expect(exitCodeOf([{ ...job, ...more }])).toBe(code)
  })

  it('of several is that of the worst', () => {
    const problems = { ...job, views: { people: { ...none, problems: 1 } } }
    expect(exitCodeOf([problems, { ...job, status: 'held' }, job])).toBe(3)
    expect(exitCodeOf([])).toBe(0)
  })
})

it('views are added up', () => {
  expect(totalOf(job.views)).toEqual({ ...none, add: 2, update: 1, remove: 1, unchanged: 5 })
})

it('a plan names entries, and how many more there are', () => {
  const line = { view: 'people', action: 'add', key: '7', name: 'ada', why: 'new' } as const
  expect(planText([line], 3)).toEqual([
    'Action  View    Key  Name  Why',
    '------  ------  ---  ----  ---',
    'add     people  7    ada   new',
    '… and 3 more',
  ])
})

it('what the guard held says what to do', () => {
  const text = tallyText({ ...job, status: 'held', violations: [violation] })
  expect(text.at(-1)).toBe(
    'held: 9 entries of people would be removed; vitrine sync --approve lets it be done',
  )
  expect(tallyText({ ...job, violations: [{ ...violation, approvable: false }] }).at(-1)).not.toContain(
    '--approve',
  )
})

it('a job tells all that is known of it', () => {
  const failed = { ...job, status: 'failed', error: { code: 'unavailable', message: 'away\u0007' } } as const
  const text = jobText(failed).join('\n')
  expect(text).toMatch(/^Job {8}j1\nType {7}sync\nStatus {5}failed\n/)
  expect(text).toContain('Actions    2 of 2\nSnapshot   7\nError      unavailable: away�\n')
  expect(jobsText([failed])[2]).toMatch(/^j1 {3}failed {2}store .* away�$/)
})

it('snapshots are told from the newest on', () => {
  const counts = {
    people: { added: 1, changed: 2, removed: 3, total: 40 },
    groups: { added: 0, changed: 0, removed: 0, total: 2 },
  }
  const at = new Date('2030-01-01T00:00:00Z')
  const text = snapshotsText([
    { number: 12, at, counts, note: 'by hand' },
    { number: 9, at, counts },
  ])
  expect(text[2]).toMatch(/^ {6}12 {2}2030-01-01T00:00:00\.000Z .* 42 {2}current, by hand$/)
  expect(text[3]).toMatch(/^ {7}9 .* 42$/)
})

it('problems say why, since when and when they are tried again', () => {
  const [, , line] = problemsText([
    {
      target: 'store',
      view: 'people',
      key: '5',
      reason: { code: 'missing', message: 'has no sn' },
      firstSeen: '2030-01-01T00:00:00.000Z',
      lastSeen: '2030-01-02T00:00:00.000Z',
      attempts: 3,
      nextAttempt: '2030-01-03T00:00:00.000Z',
    },
  ])
  expect(line).toMatch(/^people {2}5 .* missing +3 {2}2030-01-01T00:00:00 .* has no sn$/)
})
