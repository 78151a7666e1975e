/** Lookups that wait for a slow database: they end with their requests, and not too many wait. */
import { getEventListeners } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { beforeEach, expect, it } from 'vitest'
import type { LookupQueue } from '../../../../src/sources/lookup-queue.js'
import type { Cell } from '../../../../src/sources/source.js'
import type { SqlColumn } from '../../../../src/sources/sql/dialect.js'
import { mariadb } from '../../../../src/sources/sql/dialects/mariadb.js'
import type { Driver } from '../../../../src/sources/sql/driver.js'
import { sqlLookups } from '../../../../src/sources/sql/lookup.js'

const column = { name: 'id', kind: 'integer', type: 'int', nullable: false, unique: true } as SqlColumn
const table = { name: 'people', columns: new Map([['id', column]]), keys: [['id']] }

let answers: ((rows: readonly (readonly unknown[])[]) => void)[]
let sent: number[]
let queue: LookupQueue<readonly Cell[]>

beforeEach(() => {
  answers = []
  sent = []
  const driver: Pick<Driver, 'dialect' | 'query'> = {
    dialect: mariadb,
    query: ({ bindings }) => {
      sent.push(bindings.length)
      return new Promise((resolve) => answers.push(resolve))
    },
  }
  const shape = { table, where: [], columns: [column], column, rule: undefined }
  queue = sqlLookups(driver as Driver, shape as never, (raw) => raw as never)
})

const find = (id: number, signal = new AbortController().signal) =>
  queue.find({ form: String(id), value: id }, { signal })

/** Two statements on their way, which is as many as there may be. */
async function occupied() {
  const first = find(1)
  await turn()
  const second = find(2)
  await turn()
  expect(answers).toHaveLength(2)
  return { first, second }
}

it('a lookup that waits ends with its request', async () => {
  const { first, second } = await occupied()
  const gone = new AbortController()
  const waiting = find(3, gone.signal)
  const others = find(4)
  gone.abort(new Error('gone'))
  await expect(waiting).rejects.toThrow('gone')
  answers[0]?.([[1]])
  answers[1]?.([[2]])
  expect(await first).toEqual([[1]])
  expect(await second).toEqual([[2]])
  await turn()
  expect(sent).toEqual([1, 1, 1])
  answers[2]?.([[4]])
  expect(await others).toEqual([[4]])
})

it('one whose request has ended already does not wait', async () => {
  await occupied()
  await expect(find(3, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone')
})

it('nobody listens for the end of a request whose lookup is on its way', async () => {
  const at = new AbortController()
  const found = find(1, at.signal)
  expect(getEventListeners(at.signal, 'abort')).toEqual([])
  await turn()
  await turn()
  const later = new AbortController()
  void find(2)
  await turn()
  const waiting = find(3, later.signal)
  expect(getEventListeners(later.signal, 'abort')).toHaveLength(1)
  answers[0]?.([[1]])
  await found
  await turn()
  expect(getEventListeners(later.signal, 'abort')).toEqual([])
  answers[2]?.([[3]])
  expect(await waiting).toEqual([[3]])
})

it('a request that can tell its end without a signal needs none', async () => {
  await occupied()
  const listeners = new Set<(reason: unknown) => void>()
  const waiting = queue.find(
    { form: '3', value: 3 },
    {
      get signal(): AbortSignal {
        throw new Error('nobody needs it')
      },
      whenAborted: (listener) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
  )
  for (const listener of listeners) listener(new Error('gone'))
  await expect(waiting).rejects.toThrow('gone')
  expect(listeners.size).toBe(0)
})

it('more than 10,000 do not wait', async () => {
  await occupied()
  const gone = new AbortController()
  const waiting = Array.from({ length: 10_000 }, (_, i) => find(i + 3, gone.signal))
  await expect(find(0)).rejects.toMatchObject({ code: 'busy' })
  gone.abort(new Error('gone'))
  for (const outcome of await Promise.allSettled(waiting)) expect(outcome.status).toBe('rejected')
  const next = find(5)
  answers[0]?.([[1]])
  await turn()
  await turn()
  answers[2]?.([[5]])
  expect(await next).toEqual([[5]])
})
