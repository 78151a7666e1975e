/** The part of the suite about single rows that many ask for at once: each gets its own, with what belongs to it. */
import { expect, it } from 'vitest'
import { caseExact, caseIgnore } from '../../../src/schema/normalize.js'
import type { Column, Field, FieldFilter, Test } from '../../../src/sources/source.js'
import { operand, testHolds } from './reference.js'
import type { Asking } from './suite.js'

export function lookupTests({ source, table, column, rowsOf, query, ask }: Asking): void {
  const sought = (on: Column, test: Test): FieldFilter => ({ op: 'test', on, test, negated: false })

  it.each([
    ['caseIgnore', caseIgnore],
    ['caseExact', caseExact],
  ] as const)('finds the rows of many names that are sought at once, by %s', async (rule, prepare) => {
    const login = column('logins', 'login')
    const fields: readonly Field[] = [{ kind: 'column', column: column('logins', 'id') }]
    const held = rowsOf('logins').flatMap(({ login: name }) => (typeof name === 'string' ? [name] : []))
    const names = [...held, ...held.map((name) => name.toUpperCase()), 'nobody', 'ann_', '%', 'ab']
    const tests = names.map((name): Test => ({ test: 'text', rule, value: prepare(name) }))
    for (const some of [tests, tests.slice(0, 1), tests]) {
      const found = await Promise.all(
        some.map((test) => ask(query('logins', { fields, filter: sought(login, test) }))),
      )
      for (const [i, test] of some.entries()) {
        const meant = rowsOf('logins').filter((row) => testHolds(test, operand(login, row)) === true)
        const ids = found[i]?.map(([id]) => id)
        const wanted = meant.map((row) => row['id'])
        const isExact = source().support(login, test) === 'exact'
        expect(ids, JSON.stringify(test)).toEqual(isExact ? wanted : expect.arrayContaining(wanted))
      }
    }
  })

  it('gives each of the rows that are sought at once what belongs to it', async () => {
    const id = column('things', 'id')
    const relation = {
      table: table('kids'),
      on: [{ child: column('kids', 'thing_id'), parent: id }],
      where: [],
    }
    const fields: readonly Field[] = [
      { kind: 'column', column: id },
      { kind: 'set', relation, columns: [column('kids', 'id')] },
    ]
    const all = await ask(query('things', { fields }))
    const one = (value: number) =>
      ask(query('things', { fields, filter: sought(id, { test: 'compare', op: 'eq', value }) }))
    expect(await one(1)).toEqual(all.slice(0, 1))
    for (let times = 0; times < 3; times++) {
      const ids = all.map(([key]) => Number(key))
      expect((await Promise.all([...ids, 999, ...ids].map(one))).flat()).toEqual([...all, ...all])
    }
  })
}
