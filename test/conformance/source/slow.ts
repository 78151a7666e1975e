/** The part of the suite about statements that take long: they end with their request, or when it is time. */
import { expect, it } from 'vitest'
import { VitrineError } from '../../../src/model/errors.js'
import type { Source, SourceQuery } from '../../../src/sources/source.js'
import { asking } from './asking.js'
import type { Asking, OpenOptions, Store } from './suite.js'

export function slowTests(
  slowTable: string,
  store: () => Store,
  { query, ask }: Pick<Asking, 'query' | 'ask'>,
): void {
  const slowly = async (options: OpenOptions, work: (other: Source, slow: SourceQuery) => Promise<void>) => {
    const other = store().open(options)
    try {
      const found = await other.describe(slowTable)
      const key = found?.columns.get('id')
      if (found === undefined || key === undefined) throw new Error('there is no slow table')
      await work(other, {
        ...query('things'),
        table: found,
        key,
        fields: [{ kind: 'column', column: key }],
      })
    } finally {
      await other.close()
    }
  }

  it('ends a statement with its request, at once, and goes on afterwards', () =>
    slowly({ atOnce: 1 }, async (other, slow) => {
      const reason = new VitrineError('canceled')
      const ending = new AbortController()
      setTimeout(() => ending.abort(reason), 200)
      const began = Date.now()
      const first = other.search(slow, asking(ending.signal))[Symbol.asyncIterator]().next()
      await expect(first).rejects.toBe(reason)
      // Whole, it would take a second for each of its rows.
      expect(Date.now() - began).toBeLessThan(3000)
      expect(await ask(query('things', { limit: 1 }), other)).toHaveLength(1)
    }))

  it('is busy while all its connections are', () =>
    slowly({ atOnce: 1, patience: 300 }, async (other, slow) => {
      const ending = new AbortController()
      const first = other.search(slow, asking(ending.signal))[Symbol.asyncIterator]().next()
      const outcome = first.catch((error: unknown) => error)
      await new Promise((resolve) => setTimeout(resolve, 100))
      await expect(ask(query('things'), other)).rejects.toMatchObject({ code: 'busy' })
      ending.abort(new VitrineError('canceled'))
      expect(await outcome).toMatchObject({ code: 'canceled' })
    }))

  it('ends a statement that takes too long', () =>
    slowly({ statementTimeout: 500 }, async (other, slow) => {
      await expect(ask(slow, other)).rejects.toMatchObject({ code: 'timeLimitExceeded' })
      expect(await ask(query('things', { limit: 1 }), other)).toHaveLength(1)
    }))
}
