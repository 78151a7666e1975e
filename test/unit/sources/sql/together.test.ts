/** Related rows of lookups that come together: fetched at once while they are few, each alone where they are many. */
import { expect, it } from 'vitest'
import type { Cell, Field } from '../../../../src/sources/source.js'
import type { Related } from '../../../../src/sources/sql/related.js'
import { RelatedTogether } from '../../../../src/sources/sql/together.js'

const field = { kind: 'set', columns: [] } as unknown as Extract<Field, { kind: 'set' }>

/** Keys of each statement; `many` is how many related rows each row has. */
function related(many: { each: number }) {
  const asked: { keys: readonly Cell[]; signal: AbortSignal | undefined }[] = []
  const together = new RelatedTogether(async (keys, signal): Promise<Related> => {
    signal?.throwIfAborted()
    asked.push({ keys, signal })
    const tuples = Array.from({ length: many.each }, (_, i) => [i])
    return new Map([[field, new Map(keys.map((key) => [String(key), tuples]))]])
  })
  return { together, asked }
}

const { signal } = new AbortController()

it('few are fetched by one statement for all that asked in one turn', async () => {
  const { together, asked } = related({ each: 3 })
  await together.of([1], { signal })
  const found = await Promise.all([2, 3, 3].map((key) => together.of([key], { signal })))
  expect(asked.map(({ keys }) => keys)).toEqual([[1], [2, 3]])
  expect(found.map((each, i) => each.get(field)?.get(String([2, 3, 3][i]))?.length)).toEqual([3, 3, 3])
  await together.of([4], { signal })
  expect(asked.at(-1)?.keys).toEqual([4])
})

it('nobody waits for the many of another, and who asked for many can give up', async () => {
  const many = { each: 50_000 }
  const { together, asked } = related(many)
  await Promise.all([1, 2].map((key) => together.of([key], { signal })))
  expect(asked).toEqual([
    { keys: [1], signal },
    { keys: [2], signal },
  ])
  await expect(together.of([3], { signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow('gone')
  many.each = 1
  for (let i = 0; i < 200; i++) await together.of([i], { signal })
  asked.length = 0
  await Promise.all([1, 2].map((key) => together.of([key], { signal })))
  expect(asked.map(({ keys }) => keys)).toEqual([[1, 2]])
})

it('a failure is told to all who wait', async () => {
  let fails = false
  const together = new RelatedTogether(async () => {
    if (fails) throw new Error('away')
    return new Map()
  })
  await together.of([1], { signal })
  fails = true
  const all = await Promise.allSettled([2, 3].map((key) => together.of([key], { signal })))
  expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  fails = false
  await expect(together.of([4], { signal })).resolves.toEqual(new Map())
})
