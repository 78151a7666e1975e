/** Lists in an order: long ones too, where to go on in them, and how long they are kept. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { KeptLists, OrderedList, type Placed } from '../../../../src/frontends/ldap/ordered-list.js'
import { SortOrder, sortOrderOf } from '../../../../src/frontends/ldap/sort.js'
import { sortRequestControl } from '../../../../src/ldap/index.js'
import { standardSchema } from '../../../../src/schema/schema.js'

function orderBy(...keys: readonly string[]): SortOrder {
  const asked = keys.map((key) => ({ attribute: key.replace('-', ''), reverse: key.startsWith('-') }))
  const order = sortOrderOf(sortRequestControl(asked), standardSchema())
  if (order instanceof SortOrder) return order
  throw new Error(`no order: ${order.code}`)
}
const { signal } = new AbortController()
const numbered = (count: number): Placed[] =>
  Array.from({ length: count }, (_, i) => ({ forms: [(i * 7919) % 1009], stage: i % 3, id: String(i) }))

describe('a list', () => {
  it.each([0, 1, 9_999, 10_000, 45_001])(
    'of %i is in order, equal entries by place and key',
    async (count) => {
      const { entries } = await OrderedList.of(orderBy('uidNumber'), numbered(count), signal)
      const expected = numbered(count).sort(
        (a, b) => Number(a.forms[0]) - Number(b.forms[0]) || a.stage - b.stage || Number(a.id) - Number(b.id),
      )
      expect(entries).toEqual(expected)
    },
  )

  it('goes on behind any place, whether it is there or not', async () => {
    const list = await OrderedList.of(orderBy('-uidNumber'), numbered(2000), signal)
    for (const [i, place] of list.entries.entries()) expect(list.behind(place)).toBe(i + 1)
    expect(list.behind({ forms: [undefined], stage: 0 })).toBe(0)
    expect(list.behind({ forms: [-1], stage: 0 })).toBe(2000)
    expect(list.entries[list.from(500)]?.forms[0]).toBeLessThanOrEqual(500)
    expect(list.entries[list.from(500) - 1]?.forms[0]).toBeGreaterThan(500)
  })

  it('is not made to the end for nobody', async () => {
    const gone = AbortSignal.abort(new Error('gone'))
    await expect(OrderedList.of(orderBy('uidNumber'), numbered(20_000), gone)).rejects.toThrow('gone')
  })
})

describe('kept lists', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('are found for a while, by whom they were made for', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const lists = new KeptLists()
    const list = await OrderedList.of(orderBy('uidNumber'), numbered(10), signal)
    const token = lists.keep('mine', list)
    expect(lists.find(token, 'mine')).toBe(list)
    expect(lists.find(token, 'yours')).toBeUndefined()
    expect(lists.find('other', 'mine')).toBeUndefined()
    vi.advanceTimersByTime(61_000)
    expect(lists.find(token, 'mine')).toBeUndefined()
  })

  it('make room for each other', async () => {
    const lists = new KeptLists()
    const tokens: string[] = []
    for (let i = 0; i < 10; i++)
      tokens.push(lists.keep('mine', await OrderedList.of(orderBy('uidNumber'), numbered(40_000), signal)))
    expect(tokens.filter((token) => lists.find(token, 'mine') !== undefined)).toEqual(tokens.slice(-7))
  })
})
