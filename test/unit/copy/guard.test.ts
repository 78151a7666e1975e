import { describe, expect, it } from 'vitest'
import { type Finding, lossesTold, violationsOf } from '../../../src/copy/cycle/guard.js'
import type { Tally } from '../../../src/copy/cycle/plan.js'

const none: Tally = { add: 0, update: 0, remove: 0, unchanged: 0, adopt: 0, keep: 0, problems: 0 }
const limits = { maxRemove: 10, maxRemoveShare: 0.05, maxLossShare: 0.3 }

function finding(more: Partial<Omit<Finding, 'tally'>> & { tally?: Partial<Tally> } = {}): Finding {
  const { tally, ...rest } = more
  return {
    view: 'people',
    before: 100,
    read: 100,
    renamed: 0,
    duplicates: [],
    duplicateCount: 0,
    ...rest,
    tally: { ...none, ...tally },
  }
}

const codes = (given: Finding, own = limits) => violationsOf(given, own).map(({ code }) => code)

describe('the guard', () => {
  it('lets through what removes no more than allowed', () => {
    expect(codes(finding({ tally: { remove: 5 }, read: 95 }))).toEqual([])
    expect(codes(finding({ tally: { add: 5000, update: 100 }, read: 5100 }))).toEqual([])
  })

  it('holds what removes more than the percentage', () => {
    expect(codes(finding({ tally: { remove: 6 }, read: 94 }))).toEqual(['tooManyRemovals'])
  })

  it('holds what removes more than the count, however small a part of all that is', () => {
    expect(codes(finding({ before: 100_000, tally: { remove: 11 }, read: 99_989 }))).toEqual([
      'tooManyRemovals',
    ])
  })

  it('lets a small copy lose one', () => {
    expect(codes(finding({ before: 3, tally: { remove: 1 }, read: 2 }))).toEqual([])
    expect(codes(finding({ before: 3, tally: { remove: 2 }, read: 1 }))).toEqual(['tooManyRemovals'])
  })

  it('lets nobody go where none may', () => {
    expect(
      codes(finding({ tally: { remove: 1 }, read: 99 }), { ...limits, maxRemove: 0, maxRemoveShare: 1 }),
    ).toEqual(['tooManyRemovals'])
  })

  it('takes a source without anything for an accident, and not for a first copy', () => {
    expect(codes(finding({ before: 1, read: 0, tally: { remove: 1 } }))).toEqual(['empty'])
    expect(codes(finding({ before: 0, read: 0 }))).toEqual([])
  })

  it('holds what takes many values of an attribute from entries that stay', () => {
    const lost = (count: number, had: number, maxLossShare = 0.3) =>
      lossesTold('groups', [{ attr: 'member', lost: count, had }], { ...limits, maxLossShare })
    expect(lost(31, 100)).toMatchObject([{ code: 'tooManyLosses', attribute: 'member', approvable: true }])
    expect(lost(30, 100)).toEqual([])
    // Of few, all may go.
    expect(lost(20, 20)).toEqual([])
    expect(lost(100, 100, 1)).toEqual([])
  })

  it('counts entries that lose their names like those that are removed', () => {
    expect(codes(finding({ renamed: 6, tally: { update: 6 } }))).toEqual(['tooManyRenames'])
    expect(codes(finding({ renamed: 5, tally: { update: 5 } }))).toEqual([])
  })

  it('lets nobody approve a read that failed, or keys that are not unique', () => {
    const [failed] = violationsOf(finding({ failure: 'connection lost', read: 40 }), limits)
    expect(failed).toMatchObject({ code: 'incomplete', approvable: false, count: 40 })
    expect(failed?.message).toContain('connection lost')
    const [twice] = violationsOf(finding({ duplicates: ['7'], duplicateCount: 1 }), limits)
    expect(twice).toMatchObject({ code: 'duplicateKey', approvable: false })
    expect(twice?.message).toContain('(7)')
  })

  it('says what is allowed', () => {
    const [found] = violationsOf(finding({ tally: { remove: 50 }, read: 50 }), limits)
    expect(found?.message).toBe('50 entries of people would be removed; allowed are 10, and 5 % of 100')
    expect(found?.approvable).toBe(true)
  })
})
