/** What becomes of rows when elements with parts are written: nothing that was given is lost without a word. */
import { describe, expect, it } from 'vitest'
import type { WriteOptions } from '../../../src/mapping/row-draft.js'
import { insertion, modification } from '../../../src/mapping/write.js'
import { VitrineError } from '../../../src/model/errors.js'
import type { Change } from '../../../src/model/request.js'
import type { Value } from '../../../src/model/value.js'
import { standardSchema } from '../../../src/schema/schema.js'
import type { Cell } from '../../../src/sources/source.js'
import { compiled, tableOf } from './compiled.js'

const tables = [
  tableOf('users', { id: 'integer', login: 'text', phone: 'text' }),
  tableOf('phones', { user_id: 'integer', number: 'text', kind: 'text', main: 'boolean' }),
]
const elements = { table: 'phones', on: 'user_id', value: 'number', parts: { type: 'kind', primary: 'main' } }
const people = (mobile: unknown) =>
  compiled(tables, {
    view: 'people',
    from: 'users',
    writable: true,
    attributes: { uid: 'login', mobile },
    ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['account'] },
  })

const options = (held: Readonly<Record<string, Cell>> = {}): WriteOptions => ({
  matchingOf: standardSchema().matching,
  typeOf: () => undefined,
  cellOf: ({ name }) => held[name],
  hashed: () => '',
  trusted: false,
  absent: () => new Error('absent'),
})

/** The cells and rows that a new entry has of them. */
async function added(mobile: unknown, ...values: readonly Value[]) {
  const change = insertion(await people(mobile), new Map([['mobile', values]]), options(), new Date())
  return { cells: change.cells.map((c) => c.value), rows: change.sets.flatMap((s) => s.tuples) }
}

async function changed(mobile: unknown, held: Readonly<Record<string, Cell>>, change: Omit<Change, 'attr'>) {
  const made = modification(await people(mobile), [{ attr: 'mobile', ...change }], options(held), new Date())
  return {
    cells: made.cells.map((c) => c.value),
    rows: made.sets.flatMap(({ op, tuples }) => tuples.map((t) => [op, ...t])),
  }
}

describe('elements of a table with a condition', () => {
  const onlyMobile = { ...elements, where: { kind: 'mobile' } }

  it('are given what the condition says, whether they say it, in whatever case, or not', async () => {
    for (const type of [{}, { type: 'mobile' }, { type: 'Mobile' }]) {
      const { rows } = await added(onlyMobile, { value: '1', ...type })
      expect(rows).toEqual([['1', 'mobile', null]])
    }
  })

  it('are refused where they would not be among them', async () => {
    await expect(added(onlyMobile, { value: '1', type: 'work' })).rejects.toThrow(VitrineError)
  })
})

describe('elements in a column or else in a table', () => {
  const both = ['phone', elements]

  it('go to the table where they say more than a value', async () => {
    expect(await added(both, '1', { value: '2', type: 'work' })).toEqual({
      cells: ['1'],
      rows: [['2', 'work', null]],
    })
    expect(await added(both, { value: '2', type: 'work' })).toEqual({
      cells: [null],
      rows: [['2', 'work', null]],
    })
  })

  it('are not the same as the plain value that the column holds', async () => {
    const work = { value: '1', type: 'work' }
    expect(await changed(both, { phone: '1' }, { op: 'add', values: [work] })).toEqual({
      cells: [],
      rows: [['add', '1', 'work', null]],
    })
    expect(await changed(both, { phone: '1' }, { op: 'delete', values: [work] })).toEqual({
      cells: [],
      rows: [['remove', '1', 'work', null]],
    })
    expect(await changed(both, { phone: '1' }, { op: 'replace', values: [work] })).toEqual({
      cells: [null],
      rows: [['replace', '1', 'work', null]],
    })
  })

  it('are refused where there is no table for what they say', async () => {
    await expect(added('phone', { value: '1', type: 'work' })).rejects.toThrow(VitrineError)
  })
})

describe('a column', () => {
  const one = (held: string, change: Omit<Change, 'attr'>) => changed('phone', { phone: held }, change)

  it('is not added what it holds in another spelling, and loses it in any', async () => {
    expect(await one('+49 30 1', { op: 'add', values: ['+49301'] })).toEqual({ cells: [], rows: [] })
    expect(await one('+49 30 1', { op: 'delete', values: ['+49-30-1'] })).toEqual({ cells: [null], rows: [] })
    await expect(one('+49 30 1', { op: 'add', values: ['+49302'] })).rejects.toThrow(VitrineError)
  })

  it('is given another spelling where it is to be that', async () => {
    expect(await one('+49 30 1', { op: 'replace', values: ['+49301'] })).toEqual({
      cells: ['+49301'],
      rows: [],
    })
  })
})

it('tells bytes apart that are no text', async () => {
  const users = tableOf('users', { id: 'integer', login: 'text', photo: 'binary' })
  const mapping = await compiled([users], {
    view: 'people',
    from: 'users',
    writable: true,
    attributes: { uid: 'login', jpegPhoto: 'photo' },
    ldap: { base: 'ou=people', rdn: 'uid', objectClass: ['account'] },
  })
  const photo = Buffer.from('ff', 'hex')
  const change: Change = { op: 'replace', attr: 'jpegPhoto', values: [photo] }
  const held = options({ photo: Buffer.from('fe', 'hex') })
  expect(modification(mapping, [change], held, new Date()).cells.map((c) => c.value)).toEqual([photo])
})

it('leaves out elements whose value is blank, whatever else they say', async () => {
  const { rows } = await added(elements, { value: ' ', type: 'work' }, { value: '1' })
  expect(rows).toEqual([['1', null, null]])
})
