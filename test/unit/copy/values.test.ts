import { describe, expect, it } from 'vitest'
import type { SourceEntry } from '../../../src/copy/cycle/plan.js'
import { differing, refKey, ValueTally } from '../../../src/copy/cycle/values.js'
import { Ref, type Value } from '../../../src/model/value.js'

const entry = (attributes: Record<string, readonly Value[]>) => ({
  view: 'people',
  id: '1',
  attributes: new Map(Object.entries(attributes)),
})

const given = (
  attributes: Record<string, readonly Value[]>,
  more: Partial<SourceEntry> = {},
): SourceEntry => ({
  entry: entry(attributes),
  enabled: true,
  ...more,
})

describe('what differs', () => {
  it('is named, whatever the order of values', () => {
    expect(differing(given({ cn: ['a', 'b'], sn: ['x'] }), given({ cn: ['b', 'a'], sn: ['X'] }))).toEqual([
      'sn',
    ])
    expect(differing(given({ cn: ['a'] }), given({ mail: ['a'] }))).toEqual(['cn', 'mail'])
    expect(differing(given({ n: [1] }), given({ n: ['1'] }))).toEqual(['n'])
  })

  it('are passwords and states too', () => {
    const before = given({}, { secrets: new Map([['userPassword#2', 'old']]) })
    const after = given({}, { secrets: new Map([['userPassword#2', 'new']]), enabled: false })
    expect(differing(before, after)).toEqual(['enabled', 'userPassword'])
  })
})

describe('values that go', () => {
  it('are those that nothing takes the place of, but for what is kept', () => {
    const tally = new ValueTally()
    for (const mail of [['a'], ['b', 'c']]) tally.count(entry({ mail }))
    tally.changes(entry({ mail: ['a', 'x', 'y'] }), entry({ mail: ['a'] }))
    tally.changes(entry({ mail: ['x'], cn: ['x'] }), entry({ mail: ['b', 'c'] }), ['cn'])
    expect(tally.losses(undefined, new Set())).toEqual([{ attr: 'mail', lost: 2, had: 5 }])
    expect(tally.losses({ mail: 4 }, new Set())).toEqual([{ attr: 'mail', lost: 2, had: 4 }])
  })

  it('are not references to who is removed', () => {
    const tally = new ValueTally()
    const refs = (...ids: string[]) => entry({ member: ids.map((id) => new Ref('people', [], id)) })
    tally.changes(refs('1', '2', '3', '4'), refs('1'))
    tally.changes(refs('2', '3'), refs('3'))
    const removed = new Set([refKey('people', '2'), refKey('groups', '3')])
    expect(tally.losses({ member: 6 }, removed)).toEqual([{ attr: 'member', lost: 2, had: 6 }])
  })

  it('are known by the sums where nobody knows what was there, without those of who is gone', () => {
    const tally = new ValueTally()
    tally.count(entry({ mail: ['a', 'b'] }))
    expect(tally.lossesSince({ mail: 10, cn: 4 }, 0.5)).toEqual([
      { attr: 'mail', lost: 3, had: 10 },
      { attr: 'cn', lost: 2, had: 4 },
    ])
    expect(tally.lossesSince({ mail: 2 }, 0)).toEqual([])
  })
})
