import { describe, expect, it } from 'vitest'
import { titles } from '../../../bench/cases.js'
import { goals } from '../../../bench/goals.js'
import { markdown } from '../../../bench/table.js'

const row = (target: string, rate: number, p50 = 1) => ({ target, rate, p50, serverCpu: 10, peakMemory: 100 })
const oneCase = (title: string, ...rows: ReturnType<typeof row>[]) => ({ title, unit: 'op' as const, rows })

const cases = [
  oneCase(titles.one, row('vitrine on MariaDB', 4000, 0.3), row('mysql2 alone', 9000, 0.1)),
  oneCase(
    titles.many,
    row('slapd mdb', 20_000),
    row('back-sql on MariaDB', 400),
    row('vitrine on MariaDB', 19_000),
  ),
]
const memory = [{ target: 'vitrine on MariaDB', idle: 90, dump: 110, pages: 121, stalled: 125 }]
const told = goals({ cases, memory, statements: { list: 2, group: 3 } })
const find = (what: string, measure: string) =>
  told.find((goal) => goal.what === what && goal.measure.endsWith(measure))

describe('the table of targets', () => {
  it('compares rates within a case, and says of what', () => {
    expect(find('equality, 64 connections', 'slapd mdb')).toMatchObject({
      on: 'MariaDB',
      measured: 0.95,
      isMet: false,
      figures: '19,000/s, 20,000/s',
    })
    expect(find('equality, 64 connections', 'back-sql on MariaDB')).toMatchObject({
      measured: 47.5,
      isMet: false,
    })
  })

  it('takes what is exactly the bound as met, and bounds from above as such', () => {
    expect(find('equality, one in flight', 'mysql2 alone')).toMatchObject({ measured: 3, isMet: true })
    expect(find('dump, one answer', 'peak MB')?.isMet).toBe(true)
    expect(find('dump, pages of 1000', 'peak MB')?.isMet).toBe(false)
    expect(find('dump, a client stalled', 'more MB')).toMatchObject({ measured: 15, isMet: true })
    expect(find('SCIM list of 100', 'SELECTs')?.isMet).toBe(true)
    expect(find('SCIM group of 10,000', 'SELECTs')?.isMet).toBe(false)
  })

  it('leaves out what was not measured', () => {
    expect(find('bind with {SSHA}', 'slapd mdb')).toBeUndefined()
    expect(told.every(({ on }) => on === 'MariaDB')).toBe(true)
  })

  it('is the first of the tables', () => {
    const text = markdown({
      date: '2024-01-01',
      machine: {},
      users: 1000,
      rounds: 1,
      seconds: 1,
      foreign: 0,
      goals: told,
      cases,
      memory,
    })
    expect(text).toContain('4 of 8 are met.')
    expect(text.indexOf('### Targets')).toBeLessThan(text.indexOf(`### ${titles.one}`))
  })
})
