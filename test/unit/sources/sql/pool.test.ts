/** Statements that are given up: they end, at the second asking too, and their connection is lent again or ended. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Pool } from '../../../../src/sources/sql/drivers/pool.js'

interface Connection {
  readonly id: number
}

const connection: Connection = { id: 7 }
let said: string[]
/** After how many cancellations the statement ends. */
let stubborn: number
let end: (error: Error) => void
let pool: Pool<Connection>

beforeEach(() => {
  vi.useFakeTimers()
  said = []
  stubborn = 1
  const connections = {
    acquire: () => ({ promise: Promise.resolve(connection), abort() {} }),
    release: () => void said.push('released'),
    discard: () => undefined,
    close: async () => undefined,
    busy: 0,
    idle: 1,
    waiting: 0,
  }
  const handling = {
    run: () =>
      new Promise<never>((_resolve, reject) => {
        end = reject
      }),
    begin: async () => undefined,
    beginSnapshot: async () => undefined,
    commit: async () => undefined,
    rollback: async () => undefined,
    cancel: async () => {
      said.push('cancelled')
      if (said.filter((what) => what === 'cancelled').length >= stubborn) end(new Error('interrupted'))
    },
    terminate: async () => void said.push('terminated'),
    destroy: () => void said.push('destroyed'),
  }
  pool = new Pool(connections, handling, 60_000, 'db.example.com')
})

afterEach(() => {
  vi.useRealTimers()
})

/** @param turns how many promises settle between the statement's request and its end */
async function giveUp(turns = 20): Promise<void> {
  const controller = new AbortController()
  const statement = pool.query({ sql: 'select 1', bindings: [] }, controller.signal)
  for (let turn = 0; turn < turns; turn++) await Promise.resolve()
  controller.abort(new Error('gone'))
  await expect(statement).rejects.toThrow('gone')
  await vi.advanceTimersByTimeAsync(3000)
}

it('a statement that ends when it is cancelled gives its connection back', async () => {
  await giveUp()
  expect(said).toEqual(['cancelled', 'released'])
})

it('one that had not begun when it was cancelled is cancelled again', async () => {
  stubborn = 3
  await giveUp()
  expect(said).toEqual(['cancelled', 'cancelled', 'cancelled', 'released'])
})

it('one that does not end is ended with its connection, and not cancelled any more', async () => {
  stubborn = Number.POSITIVE_INFINITY
  await giveUp()
  expect(said.slice(0, 2)).toEqual(['cancelled', 'cancelled'])
  expect(said.filter((what) => what !== 'cancelled')).toEqual(['destroyed', 'terminated', 'released'])
  expect(said.at(-1)).toBe('released')
})

it('a statement ends at whatever moment it is given up', async () => {
  for (let turns = 0; turns < 12; turns++) await giveUp(turns)
  expect(said.filter((what) => what === 'released')).not.toEqual([])
  expect(said).not.toContain('destroyed')
})
