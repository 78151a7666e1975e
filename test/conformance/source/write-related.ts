/** The part of the suite about writing related rows: which of them are there afterwards, and what they hold. */
import { expect, it } from 'vitest'
import { VitrineError } from '../../../src/model/errors.js'
import type { Relation, SetChange } from '../../../src/sources/source.js'
import { comparable } from './suite.js'
import { newName, type Writer } from './writer.js'

export function writeRelatedTests(writer: Writer): void {
  const {
    accounts,
    clubs,
    addAccount,
    addClub,
    membersOf,
    addressesOf,
    related,
    set,
    changeSets,
    failure,
    given,
  } = writer
  const { table, column } = given

  it.each(['members', 'unique_members'] as const)(
    'adds, removes and replaces related rows: %s',
    async (of) => {
      const relation = membersOf(of)
      const ids = await Promise.all(Array.from({ length: 5 }, () => addAccount()))
      const [a, b, c, d, e] = ids.map(Number).sort((x, y) => x - y) as [
        number,
        number,
        number,
        number,
        number,
      ]
      const club = await addClub()
      const other = await addClub()
      const now = async () =>
        (await related(clubs(), club, relation, ['account_id'])).map(([id]) => Number(id))
      const act = async (op: SetChange['op'], ...them: readonly number[]) => {
        const tuples = them.map((id) => [id])
        await changeSets(clubs(), club, set(op, relation, ['account_id'], tuples))
        return (await now()).sort((x, y) => x - y)
      }
      await changeSets(clubs(), other, set('add', relation, ['account_id'], [[a], [b]]))
      expect(await act('add', a)).toEqual([a])
      expect(await act('add', a)).toEqual([a])
      expect(await act('add', a, b, b, c)).toEqual([a, b, c])
      expect(await act('remove', b, d)).toEqual([a, c])
      expect(await act('remove', b)).toEqual([a, c])
      expect(await act('replace', c, e, d)).toEqual([c, d, e])
      expect(await act('replace', a, b)).toEqual([a, b])
      expect(await act('add')).toEqual([a, b])
      expect(await act('remove')).toEqual([a, b])
      expect(await act('replace')).toEqual([])
      expect(await related(clubs(), other, relation, ['account_id'])).toHaveLength(2)
    },
  )

  it.each(['members', 'unique_members'] as const)('gives related rows their other cells: %s', async (of) => {
    const relation = membersOf(of)
    const [a, b, c] = await Promise.all([addAccount(), addAccount(), addAccount()])
    const club = await addClub()
    const named = ['account_id', 'role', 'since']
    const day = new Date('2020-01-02T00:00:00Z')
    const act = async (op: SetChange['op'], tuples: SetChange['tuples']) => {
      await changeSets(clubs(), club, set(op, relation, named, tuples))
      return related(clubs(), club, relation, named)
    }
    const shown = (tuples: SetChange['tuples']) =>
      tuples.map(comparable).sort((x, y) => (JSON.stringify(x) < JSON.stringify(y) ? -1 : 1))
    const first = [[a, 'chair', null]]
    expect(await act('add', first)).toEqual(shown(first))
    const second = [
      [a, null, day],
      [b, 'guest', day],
    ]
    expect(await act('add', second)).toEqual(shown(second))
    const ids = await related(clubs(), club, relation, ['id', 'account_id'])
    const third = [
      [b, 'guest', null],
      [c, 'guest', day],
      [a, null, day],
    ]
    expect(await act('replace', third)).toEqual(shown(third))
    // Those that stay are the same rows as before.
    const stayed = await related(clubs(), club, relation, ['id', 'account_id'])
    expect(stayed).toEqual(expect.arrayContaining(ids.map((row) => expect.arrayContaining([...row]))))
  })

  it('tells related rows by several cells, some of them missing', async () => {
    const relation = membersOf('members')
    const club = await addClub()
    const named = ['account_id', 'role', 'since']
    const day = new Date('2020-01-02T00:00:00Z')
    const act = async (op: SetChange['op'], tuples: SetChange['tuples'], identity: number) => {
      await changeSets(clubs(), club, set(op, relation, named.slice(0, tuples[0]?.length), tuples, identity))
      return (await related(clubs(), club, relation, named)).map((row) => JSON.stringify(row))
    }
    const rows = (...tuples: readonly (readonly unknown[])[]) => tuples.map((t) => JSON.stringify(t)).sort()
    const iso = day.toISOString()
    expect(await act('add', [[1, null, day]], 3)).toEqual(rows(['1', null, iso]))
    expect(
      await act(
        'add',
        [
          [1, null, day],
          [1, 'x', day],
          [1, null, null],
        ],
        3,
      ),
    ).toEqual(rows(['1', null, iso], ['1', 'x', iso], ['1', null, null]))
    expect(await act('remove', [[1, null, day]], 3)).toEqual(rows(['1', 'x', iso], ['1', null, null]))
    expect(
      await act(
        'replace',
        [
          [1, null, day],
          [2, null, null],
        ],
        2,
      ),
    ).toEqual(rows(['1', null, iso], ['2', null, null]))
    expect(await act('remove', [[null, null]], 2)).toEqual(rows(['1', null, iso], ['2', null, null]))
    expect(await act('remove', [[1, null]], 2)).toEqual(rows(['2', null, null]))
    // A key alone that is missing.
    expect(
      await act(
        'add',
        [
          [null, 'nobody'],
          [3, 'x'],
        ],
        1,
      ),
    ).toEqual(rows(['2', null, null], [null, 'nobody', null], ['3', 'x', null]))
    expect(await act('add', [[null, 'no one']], 1)).toContain(JSON.stringify([null, 'no one', null]))
    expect(await act('remove', [[null], [3]], 1)).toEqual(rows(['2', null, null]))
  })

  it('keeps to the conditions of a relation, which new rows are given', async () => {
    const key = await addAccount()
    const [home, work] = [addressesOf('home'), addressesOf('work')]
    const [x, y, z] = [newName(), newName(), newName()]
    await changeSets(
      accounts(),
      key,
      set('add', home, ['place', 'is_main'], [[x, true]]),
      set(
        'replace',
        work,
        ['place', 'is_main'],
        [
          [y, false],
          [z, null],
        ],
      ),
    )
    const now = () => related(accounts(), key, addressesOf(), ['kind', 'place', 'is_main'])
    expect(await now()).toEqual([
      ['home', x, '1'],
      ['work', y, '0'],
      ['work', z, null],
    ])
    await changeSets(
      accounts(),
      key,
      set('remove', home, ['place'], [[y]]),
      set('replace', work, ['place'], []),
    )
    expect(await now()).toEqual([['home', x, '1']])
  })

  it('relates rows by other columns than the key, and none to what is missing', async () => {
    const relation: Relation = {
      table: table('members'),
      on: [{ child: column('members', 'club'), parent: column('accounts', 'nick') }],
      where: [],
    }
    const nick = newName()
    const add = set('add', relation, ['account_id'], [[5]])
    const key = await addAccount({ nick }, { sets: [add] })
    await changeSets(accounts(), key, set('add', relation, ['account_id'], [[6]]))
    expect(await related(accounts(), key, relation, ['account_id'])).toEqual([['5'], ['6']])
    const nameless = await addAccount()
    expect((await failure(changeSets(accounts(), nameless, add))).code).toBe('constraintViolation')
    expect(await changeSets(accounts(), nameless, { ...add, op: 'remove' })).toBe(true)
    expect(await changeSets(accounts(), nameless, { ...add, op: 'replace', tuples: [] })).toBe(true)
  })

  it('adds rows together with their related ones, or neither', async () => {
    const place = newName()
    const sets = [set('add', addressesOf('home'), ['place'], [[place]])]
    const key = await addAccount({}, { sets })
    expect(await related(accounts(), key, addressesOf(), ['place'])).toEqual([[place]])
    const name = newName()
    expect((await failure(addAccount({ name }, { sets }))).code).toBe('entryAlreadyExists')
    expect(await failure(addAccount({ name: newName() }, { sets }))).toBeInstanceOf(VitrineError)
    // The name is free.
    await addAccount({ name })
  })
}
