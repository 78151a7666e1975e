/** Entries are put in order by one value each, whatever order their values come in. */
import { expect, it } from 'vitest'
import { inOrder } from '../../../src/directory/ordered.js'
import type { Entry } from '../../../src/model/entry.js'
import type { Value } from '../../../src/model/value.js'
import { standardSchema } from '../../../src/schema/schema.js'

const matching = standardSchema().matching('cn')

async function ordered(descending: boolean, entries: Readonly<Record<string, readonly Value[]>>) {
  async function* batches(): AsyncIterable<readonly Entry[]> {
    yield Object.entries(entries).map(([id, values]) => ({
      view: 'people',
      id,
      attributes: new Map(values.length === 0 ? [] : [['cn', values]]),
    }))
  }
  return (await inOrder(batches(), { attr: 'cn', descending }, matching)).join(' ')
}

it('takes the least of several values, in whatever order they come', async () => {
  expect(await ordered(false, { x: ['b'], y: ['c', 'A'] })).toBe('y x')
  expect(await ordered(false, { x: ['b'], y: ['A', 'c'] })).toBe('y x')
  expect(await ordered(true, { x: ['b'], y: ['c', 'A'] })).toBe('x y')
})

it('takes the primary one, where there is one', async () => {
  const values = [{ value: 'a' }, { value: 'd', primary: true }, { value: 'c', primary: true }]
  expect(await ordered(false, { x: values, y: ['b'] })).toBe('y x')
  expect(await ordered(false, { x: values, y: ['cc'] })).toBe('x y')
})

it('puts what has no value last, descending first, and equal ones as they come', async () => {
  const entries = { x: [], y: ['B'], z: ['b'], w: ['a'] }
  expect(await ordered(false, entries)).toBe('w y z x')
  expect(await ordered(true, entries)).toBe('x y z w')
})
