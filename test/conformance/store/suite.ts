/**
 * What every store must do: what is put is seen when it is committed and not before, by nobody, whatever becomes of who
 * put it; snapshots stay as they were; one writer at a time. A store registers itself with `describeStore`.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import type { StoreOptions } from '../../../src/copy/store/open.js'
import {
  type Lease,
  RowRefused,
  type Store,
  type StoreTable,
  Superseded,
} from '../../../src/copy/store/store.js'
import type { FieldFilter, Row } from '../../../src/sources/source.js'
import { asking } from '../source/asking.js'
import { storeAt } from './at.js'
import { cycle, diffOf, everybody, people, person, shown, shownOf } from './people.js'

/** An empty database: its URL, and how it is done away with. */
export interface Place {
  readonly url: string
  close(): Promise<void>
}

// Stores at the same time, each with its tests in their order: they wait for time to pass.
const it = test.sequential

export function describeStore(name: string, place: () => Promise<Place>): void {
  describe.concurrent(`The store on ${name}`, () => {
    const places: Place[] = []
    const stores: Store[] = []

    afterEach(async () => {
      for (const store of stores.splice(0)) await store.close()
    })
    afterAll(async () => {
      for (const each of places) await each.close()
    })

    const empty = async (): Promise<string> => {
      const made = await place()
      places.push(made)
      return made.url
    }
    const open = (url: string, more: Partial<StoreOptions> = {}): Store => {
      const store = storeAt(url, more)
      stores.push(store)
      return store
    }
    const opened = async (more: Partial<StoreOptions> = {}) => {
      const url = await empty()
      const store = open(url, more)
      await store.define([people])
      return { url, store }
    }

    it('is unavailable, and not empty, until something was copied', async () => {
      const { store } = await opened()
      expect(await store.current()).toBe(0)
      expect(await store.snapshots()).toEqual([])
      await expect(shown(store.source)).rejects.toMatchObject({ code: 'unavailable' })
      await expect(store.apply([{ table: 'people', put: person('1') }])).rejects.toMatchObject({
        code: 'unavailable',
      })
      // A cycle that has told of no table has copied nothing.
      expect(await (await store.begin()).commit()).toMatchObject({ number: 0 })
      await expect(shown(store.source)).rejects.toMatchObject({ code: 'unavailable' })
      const first = await store.begin()
      await first.put('people', [])
      expect(await first.commit()).toMatchObject({
        number: 1,
        counts: { people: { added: 0, changed: 0, removed: 0, total: 0 } },
      })
      expect(await shown(store.source)).toEqual({})
    })

    it('shows what was put when it is committed, at once, and everywhere within moments', async () => {
      const { url, store } = await opened()
      await cycle(store, { a: { uid: 'ann', phones: { '1': 'work' } }, b: { uid: 'bob', level: 3 } })
      const before = { a: { uid: 'ann', phones: { '1': 'work' } }, b: { uid: 'bob', level: 3 } }
      const replica = open(url)
      for (const { source } of [store, replica]) expect(await shown(source)).toEqual(before)
      const next = await store.begin({ note: 'by hand' })
      await next.put('people', [person('a', { uid: 'ann', phones: { '1': 'home', '2': null } }), person('c')])
      await next.remove('people', ['b', 'nobody'])
      for (const { source } of [store, replica, open(url)]) expect(await shown(source)).toEqual(before)
      const snapshot = await next.commit()
      expect(snapshot).toMatchObject({ number: 2, note: 'by hand' })
      expect(snapshot.counts).toEqual({ people: { added: 1, changed: 1, removed: 1, total: 2 } })
      expect(Math.abs(snapshot.at.getTime() - Date.now())).toBeLessThan(60_000)
      const after = { a: { uid: 'ann', phones: { '1': 'home', '2': null } }, c: {} }
      expect(await shown(store.source)).toEqual(after)
      await expect.poll(() => shown(replica.source), { timeout: 5000 }).toEqual(after)
      expect((await store.snapshots()).map((s) => s.number)).toEqual([2, 1])
    })

    it('leaves one search at one snapshot, however long it takes', async () => {
      const { store } = await opened()
      const ids = Array.from({ length: 1500 }, (_, i) => `p${String(i).padStart(5, '0')}`)
      const all = (level: number) =>
        Object.fromEntries(ids.map((id) => [id, { level, phones: { [`${level}`]: id } }]))
      await cycle(store, all(1))
      const rows: Row[] = []
      let level = 1
      for await (const batch of store.source.search(await everybody(store.source), asking())) {
        rows.push(...batch)
        if (level < 4) await cycle(store, all(++level), ids.slice(0, 0))
      }
      expect(level).toBe(4)
      expect(shownOf(rows)).toEqual(all(1))
      expect(await shown(store.source)).toEqual(all(4))
    })

    it('makes no snapshot where nothing differs', async () => {
      const { store } = await opened()
      const given = { a: { uid: 'ann', phones: { '1': 'x', '2': 'y' } }, b: { level: 1 } }
      await cycle(store, given)
      for (let times = 0; times < 3; times++) {
        const again = await store.begin()
        // In another order, and twice.
        await again.put('people', [person('b', { level: 2 }), person('a', { uid: 'ann' })])
        await again.put('people', [
          person('b', { level: 1 }),
          person('a', { uid: 'ann', phones: { '2': 'y', '1': 'x' } }),
        ])
        await again.put('people', [person('c')])
        await again.remove('people', ['b', 'c'])
        await again.put('people', [person('b', { level: 1 })])
        expect(await again.commit()).toMatchObject({ number: 1 })
      }
      expect(await shown(store.source)).toEqual(given)
    })

    it('takes the last of what a cycle says of a row', async () => {
      const { store } = await opened()
      await cycle(store, { a: { uid: 'a' }, b: { uid: 'b', phones: { '1': 'b' } }, c: { uid: 'c' } })
      const next = await store.begin()
      await next.put('people', [person('a', { uid: 'a1' }), person('a', { uid: 'a2', phones: { '5': '5' } })])
      await next.put('people', [person('a', { uid: 'a3', phones: { '6': '6' } })])
      await next.remove('people', ['b', 'c', 'b'])
      await next.put('people', [person('b', { uid: 'b', phones: { '1': 'b', '2': 'b' } })])
      await next.put('people', [person('d', { uid: 'd', phones: { '1': 'd' } }), person('e')])
      await next.remove('people', ['d'])
      const { counts } = await next.commit()
      expect(counts).toEqual({ people: { added: 1, changed: 2, removed: 1, total: 3 } })
      const expected = {
        a: { uid: 'a3', phones: { '6': '6' } },
        b: { uid: 'b', phones: { '1': 'b', '2': 'b' } },
        e: {},
      }
      expect(await shown(store.source)).toEqual(expected)
    })

    it('tells keys apart to the byte', async () => {
      const { store } = await opened()
      const keys = ['a', 'A', 'a ', ' a', '\u00e4', 'a\u0308', 'ß', 'ss', '']
      const given = Object.fromEntries(keys.map((id, level) => [id, { level, phones: { [id]: id } }]))
      await cycle(store, given)
      expect(await shown(store.source)).toEqual(given)
      await cycle(store, { A: { level: 99 } }, ['a '])
      const { 'a ': _, ...rest } = given
      expect(await shown(store.source)).toEqual({ ...rest, A: { level: 99 } })
    })

    it('leaves out rows that its database cannot hold, and says which', async () => {
      const { store } = await opened()
      const next = await store.begin()
      const refused = await next.put('people', [
        person('a', { level: 1 }),
        person('b', { level: 1.5 }),
        { cells: ['c', null, null, 2n ** 64n], children: {} },
        person('d'),
      ])
      expect(refused.map((r) => [r.table, r.key])).toEqual([
        ['people', 'b'],
        ['people', 'c'],
      ])
      for (const error of refused) expect(error).toBeInstanceOf(RowRefused)
      expect(refused[0]?.message).toContain('people.level')
      await next.commit()
      expect(await shown(store.source)).toEqual({ a: { level: 1 }, d: {} })
      const nameless = await store.begin()
      await expect(
        nameless.put('people', [{ cells: [null, null, null, null], children: {} }]),
      ).rejects.toThrow(TypeError)
    })

    it('gives text back as a whole or refuses it, whatever characters are in it', async () => {
      const { store } = await opened()
      const given = {
        zero: 'a\0b',
        only: '\0',
        bell: '\x07',
        last: '\uffff',
        wide: '\u{10ffff}',
        lines: '\r\n',
      }
      const next = await store.begin()
      const rows = Object.entries(given).map(([id, title]) => person(id, { title }))
      const refused = new Set((await next.put('people', rows)).map(({ key }) => key))
      await next.commit()
      const left = Object.entries(given).filter(([id]) => !refused.has(id))
      expect(left.length).toBeGreaterThanOrEqual(4)
      expect(await shown(store.source)).toEqual(
        Object.fromEntries(left.map(([id, title]) => [id, { title }])),
      )
    })

    it('holds many rows, whose children differ in number', async () => {
      const { store } = await opened()
      const given = Object.fromEntries(
        Array.from({ length: 2500 }, (_, i) => [
          `id ${i}`,
          {
            uid: `user${i}`,
            title: 'x'.repeat(i % 300),
            level: i,
            phones: Object.fromEntries(Array.from({ length: i % 5 }, (_, n) => [`${i} ${n}`, 'work'])),
          },
        ]),
      )
      await cycle(store, given)
      const held = Object.fromEntries(
        Object.entries(given).map(([id, { phones, ...rest }]) => [
          id,
          Object.keys(phones).length === 0 ? rest : { ...rest, phones },
        ]),
      )
      expect(await shown(store.source)).toEqual(held)
      await cycle(store, {}, Object.keys(given).slice(100))
      expect(await shown(store.source)).toEqual(Object.fromEntries(Object.entries(held).slice(0, 100)))
    })

    it('finds rows by columns and by children', async () => {
      const { store } = await opened()
      await cycle(store, { a: { uid: 'old', level: 1, phones: { '1': 'x' } }, b: { uid: 'Bob', level: 7 } })
      await cycle(store, { a: { uid: 'Ann', level: 2, phones: { '2': 'x' } } })
      const query = await everybody(store.source)
      const find = async (filter: FieldFilter) => {
        const rows: Row[] = []
        for await (const batch of store.source.search({ ...query, filter }, asking())) rows.push(...batch)
        expect(await store.source.count({ ...query, filter }, asking())).toBe(rows.length)
        return rows.map(([id]) => id)
      }
      const on = (name: string) => {
        const found = query.table.columns.get(name)
        if (found === undefined) throw new Error(name)
        return found
      }
      const uid = (value: string): FieldFilter => ({
        op: 'test',
        on: on('uid'),
        test: { test: 'text', rule: 'caseIgnore', value },
        negated: false,
      })
      expect(await Promise.all(['ann', 'bob', 'old'].map((value) => find(uid(value))))).toEqual([
        ['a'],
        ['b'],
        [],
      ])
      const [, , , , phones] = query.fields
      if (phones?.kind !== 'set') throw new Error('no phones')
      const number = phones.relation.table.columns.get('number')
      if (number === undefined) throw new Error('no number')
      const phone = (value: string): FieldFilter => ({
        op: 'some',
        relation: phones.relation,
        of: { op: 'test', on: number, test: { test: 'text', rule: 'exact', value }, negated: false },
        negated: false,
      })
      expect([await find(phone('1')), await find(phone('2'))]).toEqual([[], ['a']])
      expect(await store.source.advise({ ...query, filter: uid('ann') })).toEqual([])
    })

    describe.sequential('changed row by row', () => {
      it('shows changes at once, in the current snapshot alone', async () => {
        const { url, store } = await opened()
        await cycle(store, { a: { uid: 'a', phones: { '1': 'x', '2': 'y' } }, b: { uid: 'b' }, c: {} })
        await cycle(store, { c: { uid: 'c' } })
        const old = { a: { uid: 'a', phones: { '1': 'x', '2': 'y' } }, b: { uid: 'b' }, c: {} }
        for (let times = 0; times < 2; times++) {
          await store.apply([
            {
              table: 'people',
              put: person('a', { uid: `a${times}`, phones: { '2': 'y', '3': `${times}` } }),
            },
            { table: 'people', remove: 'b' },
            { table: 'people', put: person('c', { uid: 'c' }) },
            { table: 'people', put: person('d', { uid: `d${times}` }) },
          ])
          const now = {
            a: { uid: `a${times}`, phones: { '2': 'y', '3': `${times}` } },
            c: { uid: 'c' },
            d: { uid: `d${times}` },
          }
          expect(await shown(store.source)).toEqual(now)
          expect(await shown(open(url).source)).toEqual(now)
        }
        expect(await store.current()).toBe(2)
        expect((await store.snapshots())[0]?.counts['people']?.total).toBe(3)
        expect(await diffOf(store, 1, 2)).toEqual([
          { table: 'people', key: 'a', change: 'changed', columns: ['uid', 'people_phones'] },
          { table: 'people', key: 'b', change: 'removed', columns: [] },
          { table: 'people', key: 'c', change: 'changed', columns: ['uid'] },
          { table: 'people', key: 'd', change: 'added', columns: [] },
        ])
        await store.rollback(1)
        expect(await shown(store.source)).toEqual(old)
      })

      it('changes all rows or none', async () => {
        const { store } = await opened()
        await cycle(store, { a: { uid: 'a' } })
        const apply = store.apply([
          { table: 'people', put: person('a', { uid: 'other' }) },
          { table: 'people', put: person('b', { level: 1.5 }) },
        ])
        await expect(apply).rejects.toThrow(RowRefused)
        expect(await shown(store.source)).toEqual({ a: { uid: 'a' } })
      })

      it('is not undone by a cycle that has read its rows before', async () => {
        const { store } = await opened()
        const given = { a: { uid: 'a' }, b: { uid: 'b' }, c: { uid: 'c' }, d: { uid: 'd' } }
        await cycle(store, given)
        const next = await store.begin()
        await next.put('people', [person('a', { uid: 'a, read before' })])
        await next.remove('people', ['b'])
        await store.apply([
          { table: 'people', put: person('a', { uid: 'a, written', phones: { '1': '1' } }) },
          { table: 'people', put: person('b', { uid: 'b, written' }) },
          { table: 'people', put: person('new', { uid: 'new' }) },
          { table: 'people', remove: 'c' },
        ])
        const written = {
          a: { uid: 'a, written', phones: { '1': '1' } },
          b: { uid: 'b, written' },
          d: { uid: 'd' },
          new: { uid: 'new' },
        }
        expect(await shown(store.source)).toEqual(written)
        await next.put('people', [person('c', { uid: 'c' }), person('d', { uid: 'd, changed' })])
        await next.remove('people', ['new'])
        const { counts } = await next.commit()
        expect(await shown(store.source)).toEqual({ ...written, d: { uid: 'd, changed' } })
        expect(counts).toEqual({ people: { added: 0, changed: 1, removed: 0, total: 4 } })
        await cycle(store, { c: { uid: 'c' } })
        expect(Object.keys(await shown(store.source))).toContain('c')
      })
    })

    describe.sequential('with what went before', () => {
      it('tells how one snapshot became another, in either direction', async () => {
        const { store } = await opened()
        await cycle(store, { a: { uid: 'a', title: 'x' }, b: { level: 1, phones: { '1': 'x' } }, c: {} })
        await cycle(store, { a: { uid: 'A', title: 'y' }, d: {} }, ['c'])
        await cycle(store, { a: { uid: 'a', title: 'x' }, b: { level: 1, phones: { '1': 'y' } } })
        const change = (key: string, ...columns: string[]) => ({
          table: 'people',
          key,
          change: 'changed',
          columns,
        })
        const [added, removed] = ['added', 'removed'].map((what) => (key: string) => ({
          table: 'people',
          key,
          change: what,
          columns: [],
        }))
        expect(await diffOf(store, 1, 2)).toEqual([change('a', 'uid', 'title'), removed?.('c'), added?.('d')])
        expect(await diffOf(store, 2, 1)).toEqual([change('a', 'uid', 'title'), added?.('c'), removed?.('d')])
        expect(await diffOf(store, 1, 3)).toEqual([
          change('b', 'people_phones'),
          removed?.('c'),
          added?.('d'),
        ])
        expect(await diffOf(store, 3, 3)).toEqual([])
        await expect(diffOf(store, 1, 4)).rejects.toMatchObject({ code: 'noSuchObject' })
      })

      it('goes back to a snapshot by a new one', async () => {
        const { store } = await opened()
        const first = { a: { uid: 'a', phones: { '1': 'x' } }, b: { uid: 'b' }, c: { uid: 'c' } }
        await cycle(store, first)
        await cycle(store, { a: { uid: 'a', phones: { '2': 'x' } }, d: { phones: { '9': 'd' } } }, ['c'])
        const second = await shown(store.source)
        await cycle(store, { a: { uid: 'a', phones: { '1': 'x' } } })
        const left = await store.begin()
        await left.put('people', [person('z')])
        const back = await store.rollback(1)
        expect(back).toMatchObject({ number: 4, note: 'back to 1' })
        expect(back.counts).toMatchObject({ people: { added: 1, removed: 1, total: 3 } })
        expect(await shown(store.source)).toEqual(first)
        expect(await diffOf(store, 1, 4)).toEqual([])
        expect(await store.rollback(2)).toMatchObject({ number: 5 })
        expect(await shown(store.source)).toEqual(second)
        await cycle(store, { e: {} })
        expect(await shown(store.source)).toEqual({ ...second, e: {} })
        await expect(store.rollback(99)).rejects.toMatchObject({ code: 'noSuchObject' })
      })

      it('keeps so many snapshots, and what they need', async () => {
        const { store } = await opened({ snapshotMaxCount: 3, grace: 0 })
        for (let n = 1; n <= 6; n++) {
          await cycle(store, { a: { level: n, phones: { [n]: 'x' } }, [`b${n}`]: {} }, [`b${n - 2}`])
        }
        expect((await store.snapshots()).map((s) => s.number)).toEqual([6, 5, 4])
        expect(await shown(store.source)).toEqual({ a: { level: 6, phones: { '6': 'x' } }, b5: {}, b6: {} })
        await store.rollback(4)
        expect(await shown(store.source)).toEqual({ a: { level: 4, phones: { '4': 'x' } }, b3: {}, b4: {} })
        await expect(store.rollback(3)).rejects.toMatchObject({ code: 'noSuchObject' })
      })

      it('keeps a snapshot for its grace, whoever may read it still', async () => {
        const { url, store } = await opened({ snapshotMaxCount: 1, grace: 60_000 })
        const replica = open(url)
        await cycle(store, { a: { level: 0 } })
        expect(await shown(replica.source)).toEqual({ a: { level: 0 } })
        for (let n = 1; n <= 4; n++) await cycle(store, { a: { level: n } })
        expect((await store.snapshots()).length).toBe(5)
      })

      it('ends a search whose snapshot is gone, rather than to leave rows out', async () => {
        const { store } = await opened({ snapshotMaxCount: 1, grace: 0 })
        const ids = Array.from({ length: 3000 }, (_, i) => `p${String(i).padStart(5, '0')}`)
        const all = (level: number) => Object.fromEntries(ids.map((id) => [id, { level }]))
        await cycle(store, all(1))
        const rows: Row[] = []
        const search = async () => {
          for await (const batch of store.source.search(await everybody(store.source), asking())) {
            if (rows.length === 0) {
              for (let level = 2; level < 4; level++) await cycle(store, all(level))
              await sleep(5500)
              await cycle(store, all(4))
            }
            rows.push(...batch)
          }
        }
        await expect(search()).rejects.toMatchObject({ code: 'timeLimitExceeded' })
        expect(new Set(rows.map((row) => row[3]))).toEqual(new Set([1]))
      })
    })

    describe.sequential('with several writers', () => {
      it('lets the later cycle go on, and leaves nothing of the earlier one', async () => {
        const { url, store } = await opened()
        await cycle(store, { a: { uid: 'a', phones: { '1': 'x' } }, b: { uid: 'b' } })
        const earlier = await store.begin()
        await earlier.put('people', [person('a', { uid: 'wrong', phones: { '1': 'y' } }), person('w')])
        await earlier.remove('people', ['b'])
        const other = open(url)
        await other.define([people])
        const later = await other.begin()
        await earlier.put('people', [person('v')]).catch((error) => expect(error).toBeInstanceOf(Superseded))
        await expect(earlier.remove('people', ['a'])).rejects.toThrow(Superseded)
        await later.put('people', [person('c', { uid: 'c' })])
        await expect(earlier.commit()).rejects.toThrow(Superseded)
        await expect(earlier.rollback()).rejects.toThrow(Superseded)
        expect((await later.commit()).number).toBe(2)
        const expected = { a: { uid: 'a', phones: { '1': 'x' } }, b: { uid: 'b' }, c: { uid: 'c' } }
        expect(await shown(other.source)).toEqual(expected)
        await later.put('people', [person('v')])
        await expect(later.commit()).rejects.toThrow(Superseded)
      })

      it('leaves nothing of a cycle that is given up', async () => {
        const { store } = await opened()
        await cycle(store, { a: { uid: 'a', phones: { '1': 'x' } }, b: { uid: 'b' } })
        const given = await store.begin()
        await given.put('people', [
          person('a', { phones: { '2': 'x' } }),
          person('c', { phones: { '3': 'x' } }),
        ])
        await given.remove('people', ['b'])
        await given.rollback()
        await cycle(store, { d: {} })
        expect(await shown(store.source)).toEqual({
          a: { uid: 'a', phones: { '1': 'x' } },
          b: { uid: 'b' },
          d: {},
        })
      })

      it('gives a lease to one at a time, each with a greater token', async () => {
        const { url, store } = await opened()
        const other = open(url)
        const first = await store.acquire('cycle', 60_000)
        expect(first?.holder).toContain(String(process.pid))
        expect(await other.acquire('cycle', 60_000)).toBeUndefined()
        expect(await other.acquire('another', 60_000)).toBeDefined()
        expect(await first?.renew(60_000)).toBe(true)
        await first?.release()
        const second = await other.acquire('cycle', 300)
        expect(second?.token).toBeGreaterThan(first?.token ?? Number.POSITIVE_INFINITY)
        expect(await first?.renew(60_000)).toBe(false)
        await first?.release()
        expect(await store.acquire('cycle', 60_000)).toBeUndefined()
        await sleep(400)
        // It is over, but nobody has come.
        expect(await second?.renew(300)).toBe(true)
        await sleep(400)
        const third = await store.acquire('cycle', 60_000)
        expect(third?.token).toBeGreaterThan(second?.token ?? Number.POSITIVE_INFINITY)
        const many = await Promise.all(
          Array.from({ length: 6 }, (_, i) => (i % 2 === 0 ? store : other).acquire('at once', 60_000)),
        )
        expect(many.filter((lease) => lease !== undefined)).toHaveLength(1)
      })

      it('refuses the commit of one whose lease has gone to another', async () => {
        const { url, store } = await opened()
        await cycle(store, { a: { uid: 'a' } })
        const slow = (await store.acquire('cycle', 50)) as Lease
        const paused = await store.begin({ lease: slow })
        await paused.put('people', [person('b')])
        await sleep(100)
        const other = open(url)
        await other.define([people])
        const taken = (await other.acquire('cycle', 60_000)) as Lease
        await expect(paused.commit([{ kind: 'job', key: '1', value: 1 }])).rejects.toThrow(Superseded)
        await expect(store.begin({ lease: slow })).rejects.toThrow(Superseded)
        await expect(store.rollback(1, { lease: slow })).rejects.toThrow(Superseded)
        expect(await store.records('job').get('1')).toBeUndefined()
        const next = await other.begin({ lease: taken })
        await next.put('people', [person('c')])
        expect((await next.commit()).number).toBe(2)
        expect(await shown(other.source)).toEqual({ a: { uid: 'a' }, c: {} })
      })
    })

    it('keeps documents, those of a commit with it or not at all', async () => {
      const { url, store } = await opened()
      const jobs = store.records('job')
      expect(await jobs.get('1')).toBeUndefined()
      await jobs.put('1', { name: "O'Neill \u0000 \ud83d\ude00", at: [1, null, { deep: true }] })
      expect(await open(url).records('job').get('1')).toEqual({
        name: "O'Neill \u0000 \ud83d\ude00",
        at: [1, null, { deep: true }],
      })
      expect(await store.records('problem').get('1')).toBeUndefined()
      const many = Array.from({ length: 700 }, (_, i) => ({
        key: `k${String(i).padStart(4, '0')}`,
        value: i,
      }))
      const entries = store.records('entry')
      await entries.putMany([...many, { key: 'k0001', value: 'last' }, { key: 'K0001', value: 'other' }])
      const listed: unknown[] = []
      for (let after: string | undefined; ; ) {
        const page = await entries.list({ limit: 300, ...(after !== undefined && { after }) })
        listed.push(...page)
        after = page.at(-1)?.key
        if (page.length < 300) break
      }
      const expected = many.map((r) => (r.key === 'k0001' ? { ...r, value: 'last' } : r))
      expect(listed).toEqual([{ key: 'K0001', value: 'other' }, ...expected])
      expect(await entries.list()).toHaveLength(100)
      await entries.delete('k0000')
      await entries.delete('nobody')
      expect(await entries.get('k0000')).toBeUndefined()
      await expect(entries.put('x'.repeat(501), 1)).rejects.toThrow(TypeError)

      const left = await store.begin()
      await left.put('people', [person('a')])
      await left.rollback()
      const next = await store.begin()
      await next.put('people', [person('a')])
      await next.commit([
        { kind: 'job', key: '2', value: 'done' },
        { kind: 'job', key: '1', value: undefined },
      ])
      expect(await jobs.list()).toEqual([{ key: '2', value: 'done' }])
    })

    it('adds to its tables what a definition has more, and keeps what was there', async () => {
      const { url, store } = await opened()
      await cycle(store, { a: { uid: 'a', phones: { '1': 'x' } } })
      const wider: StoreTable = {
        ...people,
        columns: [
          { name: 'id', kind: 'text' },
          { name: 'born', kind: 'date', index: 'plain' },
          { name: 'title', kind: 'text', index: 'plain' },
          { name: 'uid', kind: 'text', index: 'unique' },
        ],
        children: [
          { name: 'people_mails', of: 'of', columns: [{ name: 'mail', kind: 'text' }], identity: 1 },
        ],
      }
      const later = open(url)
      for (let times = 0; times < 2; times++) await later.define([wider])
      expect(await shown(later.source)).toEqual({ a: { uid: 'a', phones: { '1': 'x' } } })
      const next = await later.begin()
      await next.put('people', [
        {
          cells: ['a', new Date('2000-02-29'), 't', 'a'],
          children: { people_mails: [['a@example.com'], ['a@example.com']] },
        },
      ])
      await next.commit()
      // Of columns and children that are no longer defined, nothing is left.
      expect(await shown(later.source)).toEqual({ a: { uid: 'a', title: 't' } })
      expect(await diffOf(later, 1, 2)).toMatchObject([
        { key: 'a', columns: expect.arrayContaining(['born', 'title', 'people_mails', 'people_phones']) },
      ])
      const mails = await later.source.describe('people_mails')
      expect([...(mails?.columns.keys() ?? [])]).toEqual(['of', 'mail'])
      const rows = later.source.search(
        {
          ...(await everybody(later.source)),
          fields: ['born', 'title'].map((name) => {
            const found = wider.columns.find((c) => c.name === name)
            return { kind: 'column', column: found ?? { name, kind: 'text' } }
          }),
        },
        asking(),
      )
      const found: Row[] = []
      for await (const batch of rows) found.push(...batch)
      expect(found.map((row) => row.slice(0, 2))).toEqual([[new Date('2000-02-29'), 't']])
    })

    it('refuses definitions that it cannot keep', async () => {
      const { store } = await opened()
      const { columns, children } = people
      const [, ...others] = columns
      const refused: readonly [Partial<StoreTable>, RegExp][] = [
        [{ columns: [{ name: 'id', kind: 'integer' }, ...others] }, /people.*id is text/],
        [{ key: 'uid' }, /people.*its key is id/],
        [{ key: 'nothing' }, /no column nothing/],
        [{ columns: [...columns, { name: 'UID', kind: 'text' }] }, /several columns UID/],
        [{ columns: [...columns, { name: 'v_since', kind: 'integer' }] }, /v_since/],
        [{ columns: [...columns, { name: 'x'.repeat(61), kind: 'integer' }] }, /cannot be called/],
        [{ name: 'a.b' }, /a\.b/],
        [{ children: [...children, ...children] }, /several tables/],
        [{ children: children.map((c) => ({ ...c, identity: 3 })) }, /identity/],
      ]
      for (const [change, told] of refused)
        await expect(store.define([{ ...people, ...change }]), String(told)).rejects.toThrow(told)
      const cycle = await store.begin()
      await expect(cycle.put('nothing', [])).rejects.toThrow(/nothing/)
    })

    it('may be made by several at once', async () => {
      const url = await empty()
      const several = [open(url), open(url), open(url)]
      await Promise.all(several.map((store) => store.define([people])))
      for (const [i, store] of several.entries()) {
        await cycle(store, { [`p${i}`]: {} })
        expect(Object.keys(await shown(store.source))).toHaveLength(i + 1)
      }
    })
  })
}
