/** What tracing costs operations that nobody keeps: nothing but being looked at. */
import { expect, it } from 'vitest'
import type { Span, Tracing } from '../../../src/model/trace.js'
import type { Source } from '../../../src/sources/source.js'
import type { Driver } from '../../../src/sources/sql/driver.js'
import { tracedDriver } from '../../../src/sources/sql/traced.js'
import { tracedSource } from '../../../src/sources/traced.js'

const begun: string[] = []
const span: Span = { traceId: '', isKept: true, run: (work) => work(), end: () => {} }

const tracing = (isKept: boolean): Tracing => ({
  operation: () => span,
  part: (name) => {
    begun.push(name)
    return span
  },
  isKept: () => isKept,
  remember: () => (work) => work(),
  traceparent: () => undefined,
})

const found = (async function* () {})()
const source = { search: () => found } as unknown as Source
const rows = Promise.resolve([])
const driver = { query: () => rows } as unknown as Driver
const statement = { sql: 'SELECT 1 FROM people', bindings: [] } as never

it('of what is not kept, searches and statements are the source’s own', () => {
  const traced = tracedSource(source, tracing(false), { name: 'hr', elsewhere: false, attributes: {} })
  expect(traced.search({ table: { name: 'people' } } as never, {} as never)).toBe(found)
  const options = { url: 'mysql://localhost/hr', traceComments: true }
  expect(tracedDriver(driver, tracing(false), options).query(statement)).toBe(rows)
  expect(begun).toEqual([])
})

it('what is kept has spans for both', async () => {
  const traced = tracedSource(source, tracing(true), { name: 'hr', elsewhere: false, attributes: {} })
  for await (const _ of traced.search({ table: { name: 'people' } } as never, {} as never));
  const options = { url: 'mysql://localhost/hr', traceComments: false }
  await tracedDriver(driver, tracing(true), options).query(statement)
  expect(begun).toEqual(['search hr people', 'SELECT people'])
})
