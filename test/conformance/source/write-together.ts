/** The part of the suite about writers that meet, much at once, and requests that end: nothing is lost or half done. */
import { expect, it } from 'vitest'
import { VitrineError } from '../../../src/model/errors.js'
import type { SetChange } from '../../../src/sources/source.js'
import { asking } from './asking.js'
import { type Key, newName, type Writer } from './writer.js'

export function writeTogetherTests(writer: Writer): void {
  const {
    writing,
    accounts,
    clubs,
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
    given,
  } = writer
  const { column } = given

  it('passes on what happens together one after the other: no change is lost', async () => {
    const key = await addAccount({ score: 0 })
    const increment = () =>
      writing().update(
        accounts(),
        key,
        [column_(column('accounts', 'score'))],
        (row) => change('accounts', { score: Number(row[0]) + 1 }),
        asking(),
      )
    await Promise.all(Array.from({ length: 20 }, increment))
    expect(await cellsOf(accounts(), key, ['score'])).toEqual(['20'])
  })

  it.each(['members', 'unique_members'] as const)(
    'loses no related row of many added at once: %s',
    async (of) => {
      const relation = membersOf(of)
      const club = await addClub()
      const ids = await Promise.all(Array.from({ length: 20 }, () => addAccount()))
      const add = (...them: readonly Key[]) =>
        changeSets(
          clubs(),
          club,
          set(
            'add',
            relation,
            ['account_id'],
            them.map((id) => [id]),
          ),
        )
      // Everybody twice, by themselves and with a neighbour.
      await Promise.all(ids.flatMap((id, i) => [add(id), add(id, ids[(i + 1) % ids.length] ?? id)]))
      const found = await related(clubs(), club, relation, ['account_id'])
      expect(found.map(([id]) => Number(id)).sort((x, y) => x - y)).toEqual(
        ids.map(Number).sort((x, y) => x - y),
      )
    },
  )

  it('lets one of many have what is to be unique', async () => {
    const name = newName()
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => addAccount({ name })))
    const refused = outcomes.flatMap((o) => (o.status === 'rejected' ? [o.reason as VitrineError] : []))
    expect(refused).toHaveLength(9)
    expect(new Set(refused.map((error) => error.code))).toEqual(new Set(['entryAlreadyExists']))
  })

  it.each(['members', 'unique_members'] as const)(
    'has a replacement before or behind an addition: %s',
    async (of) => {
      const relation = membersOf(of)
      const [a, b, c] = (await Promise.all([addAccount(), addAccount(), addAccount()])).map(Number)
      for (let round = 0; round < 5; round++) {
        const club = await addClub()
        const act = (op: SetChange['op'], ...them: readonly (number | undefined)[]) =>
          changeSets(
            clubs(),
            club,
            set(
              op,
              relation,
              ['account_id'],
              them.map((id) => [id ?? null]),
            ),
          )
        await act('add', a)
        await Promise.all([act('replace', b), act('add', c)])
        const found = (await related(clubs(), club, relation, ['account_id'])).map(([id]) => Number(id))
        expect([new Set([b]), new Set([b, c])]).toContainEqual(new Set(found))
      }
    },
  )

  it('comes through where transactions meet in opposite order', async () => {
    const clubsBoth = [await addClub(), await addClub()]
    const keys = await Promise.all(clubsBoth.map(() => addAccount()))
    const [x, y] = [newName(), newName()]
    const take = (key: Key | undefined, ...places: readonly string[]) =>
      changeSets(
        accounts(),
        key ?? 0,
        ...places.map((place) => set('add', addressesOf('home'), ['place'], [[place]])),
      )
    for (let round = 0; round < 5; round++) {
      const outcomes = await Promise.allSettled([take(keys[0], x, y), take(keys[1], y, x)])
      const refused = outcomes.flatMap((o) => (o.status === 'rejected' ? [o.reason as VitrineError] : []))
      expect(
        refused.map((error) => error.code),
        String(refused[0]?.message),
      ).toEqual(['entryAlreadyExists'])
      const held = await Promise.all(keys.map((key) => related(accounts(), key, addressesOf(), ['place'])))
      expect(held.flat()).toHaveLength(2)
      for (const key of keys)
        await changeSets(accounts(), key, set('replace', addressesOf(), ['kind', 'place'], [], 2))
    }
  })

  it('changes thousands of related rows', async () => {
    const relation = membersOf('members')
    const club = await addClub()
    const tuples = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => [from + i])
    const act = (op: SetChange['op'], from: number, to: number) =>
      changeSets(clubs(), club, set(op, relation, ['account_id'], tuples(from, to)))
    const now = async () => (await related(clubs(), club, relation, ['account_id'])).map(([id]) => Number(id))
    await act('add', 0, 1300)
    await act('add', 1000, 2100)
    expect((await now()).length).toBe(2100)
    await act('remove', 100, 1200)
    expect((await now()).length).toBe(1000)
    await act('replace', 50, 1600)
    expect((await now()).sort((a, b) => a - b)).toEqual(tuples(50, 1600).map(([id]) => id))
  })

  it('adds one to many without reading them', async () => {
    for (const of of ['members', 'unique_members'] as const) {
      const relation = membersOf(of)
      const club = await addClub()
      const [one, ...others] = await Promise.all(Array.from({ length: 11 }, () => addAccount()))
      if (of === 'members') {
        const many = Array.from({ length: 50_000 }, (_, i) => [1_000_000 + i])
        await changeSets(clubs(), club, set('replace', relation, ['account_id'], many))
      }
      const time = async (work: () => Promise<unknown>) => {
        const began = performance.now()
        await work()
        return performance.now() - began
      }
      const reading = await time(() => related(clubs(), club, relation, ['account_id']))
      await changeSets(clubs(), club, set('add', relation, ['account_id'], [[one ?? 0]]))
      const adding: number[] = []
      for (const id of others)
        adding.push(await time(() => changeSets(clubs(), club, set('add', relation, ['account_id'], [[id]]))))
      if (of === 'members') expect(Math.min(...adding)).toBeLessThan(Math.min(reading / 3, 25))
      expect(await related(clubs(), club, relation, ['account_id'])).toHaveLength(
        of === 'members' ? 50_011 : 11,
      )
    }
  })

  it('leaves nothing where the request ends in the middle, and goes on', async () => {
    const other = given.store().open({ atOnce: 1 })
    const key = await addAccount({ score: 1 })
    for (const work of ['update', 'remove'] as const) {
      const ending = new AbortController()
      const reason = new VitrineError('canceled')
      const decide = () => {
        ending.abort(reason)
        return change('accounts', { score: 2 })
      }
      const outcome = writing(other)[work](accounts(), key, [], decide, asking(ending.signal))
      await expect(outcome).rejects.toBe(reason)
    }
    const gone = asking(AbortSignal.abort(new VitrineError('canceled')))
    const added = writing(other).insert(accounts(), change('accounts', { name: newName() }), gone)
    await expect(added).rejects.toMatchObject({ code: 'canceled' })
    expect(await cellsOf(accounts(), key, ['score'])).toEqual(['1'])
    const decide = () => change('accounts', { score: 3 })
    expect(await writing(other).update(accounts(), key, [], decide, asking())).toBe(true)
    expect(await cellsOf(accounts(), key, ['score'])).toEqual(['3'])
    await other.close()
  })

  it('says that it is unavailable, where its store is missing', async () => {
    const missing = given.store().openMissing()
    const added = writing(missing).insert(accounts(), change('accounts', { name: newName() }), asking())
    await expect(added).rejects.toMatchObject({ code: 'unavailable' })
    await missing.close()
  })
}
