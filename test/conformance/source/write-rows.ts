/** The part of the suite about writing rows: they become what they are told to, or the client hears why not. */
import { expect, it } from 'vitest'
import { VitrineError } from '../../../src/model/errors.js'
import type { Cell, Collection, Field, Row, RowChange } from '../../../src/sources/source.js'
import { asking } from './asking.js'
import { comparable } from './suite.js'
import { LONGEST } from './tables.js'
import { type Key, NOTHING, newName, type Writer } from './writer.js'

export function writeRowTests(writer: Writer): void {
  const {
    writing,
    accounts,
    clubs,
    cells,
    change,
    addAccount,
    addClub,
    column_,
    cellsOf,
    membersOf,
    addressesOf,
    related,
    set,
    changeSets,
    failure,
    given,
  } = writer
  const { column } = given

  const values = {
    nick: "O'Neill \\ % _ \u00fc\u00df\u65e5\ud83d\ude00 ;--",
    kind: ' two  blanks ',
    score: 9223372036854775807n,
    flag: true,
    at: new Date('2025-03-04T05:06:07.891Z'),
    day: new Date('2024-02-29T00:00:00Z'),
    photo: Buffer.from([0, 255, 39, 92, 10]),
    uid: '123e4567-e89b-42d3-a456-426614174000',
  } satisfies Readonly<Record<string, Cell>>

  it('adds rows that hold what they were given, with keys of the store’s or one’s own', async () => {
    const named = Object.keys(values)
    const wanted = comparable(Object.values(values))
    const key = await addAccount(values)
    expect(await cellsOf(accounts(), key, named)).toEqual(wanted)
    const next = await addAccount(Object.fromEntries(named.map((name) => [name, null])))
    expect(String(next)).not.toBe(String(key))
    expect(await cellsOf(accounts(), next, named)).toEqual(named.map(() => null))
    expect(await addAccount({ id: null, score: -9223372036854775808n, flag: false })).not.toBe(next)
    const own = await addAccount({ id: -9007199254740995n, photo: new Uint8Array() })
    expect(own).toBe(-9007199254740995n)
    expect(await cellsOf(accounts(), own, ['id', 'photo'])).toEqual(comparable([own, new Uint8Array()]))
    expect(
      await writing().insert(clubs(), change('clubs', { code: 'Caf\u00e9 9', title: null }), asking()),
    ).toBe('Caf\u00e9 9')
    expect(await cellsOf(clubs(), 'Caf\u00e9 9', ['title'])).toEqual([null])
  })

  it('makes new rows satisfy the conditions that say what a column is', async () => {
    const where = [{ column: column('accounts', 'kind'), not: false, values: ['staff'] }]
    const key = await writing().insert(
      { ...accounts(), where },
      change('accounts', { name: newName() }),
      asking(),
    )
    expect(await cellsOf(accounts(), key, ['kind'])).toEqual(['staff'])
  })

  it('changes cells by what it reads, and knows no row that is not there', async () => {
    const key = await addAccount({ ...values, score: 7 })
    await changeSets(accounts(), key, set('add', addressesOf(), ['kind', 'place'], [['home', newName()]], 2))
    const fields: readonly Field[] = [
      column_(column('accounts', 'score')),
      { kind: 'set', relation: addressesOf(), columns: [column('addresses', 'kind')] },
      column_(column('accounts', 'nick')),
      {
        kind: 'answer',
        filter: { op: 'test', on: column('accounts', 'at'), test: { test: 'present' }, negated: false },
      },
    ]
    const seen: Row[] = []
    const decide = (row: Row): RowChange => {
      seen.push(row)
      return change('accounts', { score: Number(row[0]) + 1, nick: null })
    }
    expect(await writing().update(accounts(), key, fields, decide, asking())).toBe(true)
    expect(seen.length).toBeGreaterThan(0)
    for (const row of seen) expect(row).toEqual([7, [['home']], values.nick, true])
    expect(await cellsOf(accounts(), key, ['score', 'nick', 'kind'])).toEqual(['8', null, values.kind])
    seen.length = 0
    expect(await writing().update(accounts(), 123_456_789, fields, decide, asking())).toBe(false)
    expect(await writing().update(accounts(), 2n ** 70n, fields, decide, asking())).toBe(false)
    const where = [{ column: column('accounts', 'kind'), not: false, values: ['no such kind'] }]
    expect(await writing().update({ ...accounts(), where }, key, fields, decide, asking())).toBe(false)
    expect(await writing().remove({ ...accounts(), where }, key, fields, decide, asking())).toBe(false)
    expect(seen).toEqual([])
  })

  it('finds a row by its key to the byte, and may change it', async () => {
    const code = await addClub()
    const [shouted, blank] = [code.toUpperCase(), `${code} `]
    for (const other of [shouted, blank, "' or 1=1 --", '\0'])
      expect(await writing().update(clubs(), other, [], () => NOTHING, asking()), other).toBe(false)
    await changeSets(clubs(), code, set('add', membersOf('members'), ['account_id'], [[1]]))
    const renamed = newName()
    const decide = () => ({
      ...change('clubs', { code: renamed }),
      sets: [set('add', membersOf('members'), ['account_id'], [[2]])],
    })
    expect(await writing().update(clubs(), code, [], decide, asking())).toBe(true)
    expect(await related(clubs(), renamed, membersOf('members'), ['account_id'])).toEqual([['2']])
  })

  it('does nothing where deciding fails, and throws the same', async () => {
    const key = await addAccount({ score: 1 })
    const reason = new VitrineError('assertionFailed')
    for (const work of [writing().update, writing().remove]) {
      const decide = () => {
        throw reason
      }
      await expect(work.call(writing(), accounts(), key, [], decide, asking())).rejects.toBe(reason)
    }
    expect(await cellsOf(accounts(), key, ['score'])).toEqual(['1'])
  })

  it('removes rows, with what is to go with them', async () => {
    const key = await addAccount()
    await changeSets(accounts(), key, set('add', addressesOf(), ['kind', 'place'], [['home', newName()]], 2))
    const refused = await failure(writing().remove(accounts(), key, [], () => NOTHING, asking()))
    expect(refused.code).toBe('constraintViolation')
    const emptied = { ...NOTHING, sets: [set('replace', addressesOf(), ['kind', 'place'], [], 2)] }
    expect(await writing().remove(accounts(), key, [], () => emptied, asking())).toBe(true)
    expect(await cellsOf(accounts(), key, ['id'])).toEqual([])
    expect(await writing().remove(accounts(), key, [], () => emptied, asking())).toBe(false)
  })

  it('wants rows to be there, and else does nothing', async () => {
    const key = await addAccount({ score: 1 })
    const there = await addAccount()
    const missing = new VitrineError('constraintViolation', { message: 'not there' })
    const asked: unknown[] = []
    const requiring = (of: Collection, keys: readonly Key[]): RowChange => ({
      ...change('accounts', { score: 2 }),
      exist: [
        {
          of,
          keys,
          absent: (absent) => {
            asked.push(absent)
            return missing
          },
        },
      ],
    })
    const update = (wanted: RowChange) => writing().update(accounts(), key, [], () => wanted, asking())
    await expect(update(requiring(accounts(), [there, 777_777, 2n ** 65n]))).rejects.toBe(missing)
    await expect(update(requiring(clubs(), ['nowhere', '\0']))).rejects.toBe(missing)
    const where = [{ column: column('accounts', 'kind'), not: false, values: ['x'] }]
    await expect(update(requiring({ ...accounts(), where }, [there]))).rejects.toBe(missing)
    expect(asked).toEqual([[777_777, 2n ** 65n], ['nowhere', '\0'], [there]])
    expect(await cellsOf(accounts(), key, ['score'])).toEqual(['1'])
    const name = newName()
    const inserted = { ...requiring(accounts(), [777_777]), cells: cells('accounts', { name }) }
    await expect(writing().insert(accounts(), inserted, asking())).rejects.toBe(missing)
    expect(await update(requiring(accounts(), [there, key, there]))).toBe(true)
    expect(await update(requiring(accounts(), []))).toBe(true)
    await addAccount({ name })
  })

  it('says what a client can do about a value that is refused, and nothing of its inside', async () => {
    const name = newName()
    const key = await addAccount({ name })
    const club = await addClub()
    const cases: readonly (readonly [() => Promise<unknown>, string])[] = [
      [() => addAccount({ name }), 'entryAlreadyExists'],
      [() => addAccount({ name: null }), 'constraintViolation'],
      [() => writing().insert(accounts(), NOTHING, asking()), 'constraintViolation'],
      [() => addAccount({ nick: 'x'.repeat(LONGEST + 1) }), 'constraintViolation'],
      [() => addAccount({ at: new Date(8.64e15) }), 'constraintViolation'],
      [
        () =>
          changeSets(clubs(), club, set('add', membersOf('unique_members'), ['account_id'], [[999_999_999]])),
        'constraintViolation',
      ],
      [
        () =>
          changeSets(clubs(), club, set('add', membersOf('members'), ['role'], [['x'.repeat(LONGEST + 1)]])),
        'constraintViolation',
      ],
      [
        () => writing().update(accounts(), key, [], () => change('accounts', { name: null }), asking()),
        'constraintViolation',
      ],
    ]
    for (const [work, code] of cases) {
      const error = await failure(work())
      expect(error.code, error.message).toBe(code)
      expect(error.safeMessage).not.toMatch(/account|club|nick|name-|sql|column|table|unique_|[`"]/i)
      expect(error.message.length).toBeGreaterThan(error.safeMessage.length)
    }
    expect(await cellsOf(accounts(), key, ['name'])).toEqual([name])
  })
}
