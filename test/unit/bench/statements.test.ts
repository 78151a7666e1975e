/** Counting statements of a database that answers others besides. */
import { expect, it } from 'vitest'
import { usualCount } from '../../../bench/scim/statements.js'

/** A server of which each request takes so many statements; the descriptions of its tables come in between. */
function counting(each: number, described: ReadonlyMap<number, number>) {
  let total = 1000
  const request = async (n: number) => {
    total += each + (described.get(n) ?? 0)
  }
  return usualCount(request, async () => total)
}

it('what the gateway looks up of its tables meanwhile is no request’s', async () => {
  expect(await counting(2, new Map())).toBe(2)
  expect(await counting(2, new Map([[0, 6]]))).toBe(2)
  expect(
    await counting(
      2,
      new Map([
        [3, 4],
        [4, 2],
      ]),
    ),
  ).toBe(2)
  expect(await counting(3, new Map())).toBe(3)
})
