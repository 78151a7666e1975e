/**
 * Random lives of a store, held against a model in memory: cycles that commit, are given up or left behind, rows changed
 * in between, ways back; after each step everything that can be seen is as the model has it.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import type { Store, StoreCycle } from '../../src/copy/store/store.js'
import { storeAt } from '../conformance/store/at.js'
import { diffOf, type Person, people, person, type Shown, shown } from '../conformance/store/people.js'
import { mariadbDatabase, postgresDatabase } from '../servers/shared.js'

const KEPT = 4

type Content = ReadonlyMap<string, Person>

const keys = ['a', 'A', 'b', 'c ', 'c', 'd', 'é'] as const
const key = fc.constantFrom(...keys)
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const given: fc.Arbitrary<Person> = fc
  .record({
    uid: optional(fc.constantFrom('x', 'X', 'ß')),
    level: optional(fc.integer({ min: 0, max: 2 })),
    phones: optional(
      fc.dictionary(fc.constantFrom('1', '2', '3'), fc.constantFrom('work', 'home', null), {
        noNullPrototype: true,
      }),
    ),
  })
  .map(({ uid, level, phones }) => ({
    ...(uid !== undefined && { uid }),
    ...(level !== undefined && { level }),
    ...(phones !== undefined && Object.keys(phones).length > 0 && { phones }),
  }))
const changes = fc.array(fc.tuple(key, optional(given)), { minLength: 1, maxLength: 5 })

type Step =
  | { readonly step: 'begin' | 'commit' | 'giveUp' | 'reopen' }
  | { readonly step: 'put'; readonly rows: readonly (readonly [string, Person | undefined])[] }
  | { readonly step: 'apply'; readonly rows: readonly (readonly [string, Person | undefined])[] }
  | { readonly step: 'back'; readonly age: number }

const simple = (step: 'begin' | 'commit' | 'giveUp' | 'reopen') => fc.constant<Step>({ step })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: simple('begin') },
  { weight: 4, arbitrary: simple('commit') },
  { weight: 1, arbitrary: simple('giveUp') },
  { weight: 1, arbitrary: simple('reopen') },
  { weight: 6, arbitrary: changes.map((rows): Step => ({ step: 'put', rows })) },
  { weight: 2, arbitrary: changes.map((rows): Step => ({ step: 'apply', rows })) },
  { weight: 1, arbitrary: fc.nat(KEPT).map((age): Step => ({ step: 'back', age })) },
)

/** What a store with these snapshots shows. */
class Model {
  readonly snapshots = new Map<number, Content>()
  pending: Map<string, Person | undefined> | undefined
  readonly touched = new Set<string>()
  current = 0

  get content(): Content {
    return this.snapshots.get(this.current) ?? new Map()
  }

  begin(): void {
    this.pending = new Map()
    this.touched.clear()
  }

  put(rows: readonly (readonly [string, Person | undefined])[]): void {
    for (const [id, to] of rows) if (!this.touched.has(id)) this.pending?.set(id, to)
  }

  apply(rows: readonly (readonly [string, Person | undefined])[]): void {
    this.snapshots.set(this.current, changed(this.content, rows))
    for (const [id] of rows) {
      this.pending?.delete(id)
      if (this.pending !== undefined) this.touched.add(id)
    }
  }

  commit(): void {
    const next = changed(this.content, [...(this.pending ?? [])])
    this.pending = undefined
    if (this.current === 0 || textOf(next) !== textOf(this.content)) this.add(next)
  }

  add(content: Content): void {
    this.pending = undefined
    this.current++
    this.snapshots.set(this.current, content)
    this.snapshots.delete(this.current - KEPT)
  }

  diff(from: number, to: number): readonly string[] {
    const [before, after] = [this.snapshots.get(from), this.snapshots.get(to)]
    return keys
      .flatMap((id) => {
        const [old, now] = [before?.get(id), after?.get(id)]
        if (old === undefined && now === undefined) return []
        if (old === undefined || now === undefined)
          return [`${id} ${old === undefined ? 'added' : 'removed'}`]
        const columns = (['uid', 'level', 'phones'] as const).filter(
          (name) => textOf(old[name]) !== textOf(now[name]),
        )
        const named = columns.map((name) => (name === 'phones' ? 'people_phones' : name))
        return named.length === 0 ? [] : [`${id} changed ${named.join(' ')}`]
      })
      .sort()
  }
}

function changed(content: Content, rows: readonly (readonly [string, Person | undefined])[]): Content {
  const next = new Map(content)
  for (const [id, to] of rows) {
    if (to === undefined) next.delete(id)
    else next.set(id, to)
  }
  return next
}

/** Equal for equal contents, in whatever order. */
function textOf(value: unknown): string {
  if (value instanceof Map) return textOf(Object.fromEntries(value))
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'none'
  const entries = Object.entries(value).map(([name, of]) => `${name}=${textOf(of)}`)
  return `{${entries.sort().join(',')}}`
}

const shownBy = (content: Content): Shown => Object.fromEntries(content) as Shown

class Life {
  readonly #url: string
  readonly #model = new Model()
  #store: Store
  #cycle: StoreCycle | undefined

  constructor(url: string) {
    this.#url = url
    this.#store = this.#open()
  }

  #open(): Store {
    return storeAt(this.#url, { snapshotMaxCount: KEPT, grace: 0 })
  }

  async live(steps: readonly Step[]): Promise<void> {
    try {
      await this.#store.define([people])
      for (const each of steps) {
        await this.#do(each)
        await this.#check()
      }
    } finally {
      await this.#store.close()
    }
  }

  async #do(each: Step): Promise<void> {
    const model = this.#model
    switch (each.step) {
      case 'begin':
        this.#cycle = await this.#store.begin()
        await this.#cycle.put('people', [])
        return model.begin()
      case 'reopen':
        await this.#store.close()
        this.#store = this.#open()
        await this.#store.define([people])
        // The cycle stays behind, until another begins.
        this.#cycle = undefined
        return
      case 'put':
        if (this.#cycle === undefined) return
        for (const [id, to] of each.rows) {
          if (to === undefined) await this.#cycle.remove('people', [id])
          else await this.#cycle.put('people', [person(id, to)])
        }
        return model.put(each.rows)
      case 'apply':
        if (model.current === 0) return
        await this.#store.apply(
          each.rows.map(([id, to]) =>
            to === undefined ? { table: 'people', remove: id } : { table: 'people', put: person(id, to) },
          ),
        )
        return model.apply(each.rows)
      case 'giveUp':
        await this.#cycle?.rollback()
        this.#cycle = undefined
        model.pending = undefined
        return
      case 'commit':
        if (this.#cycle === undefined) return
        await this.#cycle.commit()
        this.#cycle = undefined
        return model.commit()
      case 'back': {
        const to = model.current - each.age
        const content = model.snapshots.get(to)
        if (content === undefined) return
        await this.#store.rollback(to)
        this.#cycle = undefined
        return model.add(content)
      }
    }
  }

  async #check(): Promise<void> {
    const model = this.#model
    expect(await this.#store.current()).toBe(model.current)
    if (model.current === 0) return
    expect(await shown(this.#store.source)).toEqual(shownBy(model.content))
    const listed = await this.#store.snapshots()
    expect(listed.map((s) => s.number)).toEqual([...model.snapshots.keys()].reverse())
    for (const { number, counts } of listed)
      expect(counts['people']?.total, `rows of ${number}`).toBe(model.snapshots.get(number)?.size)
    const [first] = model.snapshots.keys()
    for (const [from, to] of [
      [model.current - 1, model.current],
      [first ?? model.current, model.current],
      [model.current, first ?? model.current],
    ] as const) {
      if (!model.snapshots.has(from)) continue
      const found = await diffOf(this.#store, from, to)
      const texts = found.map((d) => [d.key, d.change, ...d.columns].join(' '))
      expect(texts.sort(), `from ${from} to ${to}`).toEqual(model.diff(from, to))
    }
  }
}

const lives = async (url: () => Promise<string>, numRuns: number) =>
  fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }), async (steps) => {
      const first: readonly Step[] = [{ step: 'begin' }]
      await new Life(await url()).live([...first, ...steps])
    }),
    { numRuns, endOnFailure: true },
  )

describe('a store lives as its model does', () => {
  const folders: string[] = []
  afterAll(async () => {
    for (const folder of folders) await rm(folder, { recursive: true })
  })

  it('over SQLite', { timeout: 180_000 }, () =>
    lives(async () => {
      const folder = await mkdtemp(join(tmpdir(), 'vitrine-lives-'))
      folders.push(folder)
      return `sqlite:${join(folder, 'store.sqlite')}`
    }, 25),
  )
  it('over MariaDB', { timeout: 180_000 }, () => lives(mariadbDatabase, 6))
  it('over PostgreSQL', { timeout: 180_000 }, () => lives(postgresDatabase, 6))
})
