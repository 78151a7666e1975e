/** What the gateway is to reach, as ratios to what others did in the same run, and whether it did. */
import { LIST, MEMBERS, titles } from './cases.js'
import type { Memory } from './memory.js'
import { number, type Row } from './summary.js'
import type { CaseResult } from './table.js'

export interface Goal {
  readonly what: string
  readonly on: string
  /** Against what, with the unit of `bound` and `measured`. */
  readonly measure: string
  readonly bound: number
  /** Is `bound` the least there may be, or the most? */
  readonly is: 'least' | 'most'
  readonly measured: number
  readonly isMet: boolean
  /** The figures that `measured` is made of. */
  readonly figures: string
}

export interface Statements {
  /** SELECTs of one request for a list, and for the large group, MariaDB's count. */
  readonly list: number
  readonly group: number
}

/** Names of those who take part, as far as goals speak of them. */
export const names = {
  mdb: 'slapd mdb',
  backLdap: 'back-ldap',
  proxy: 'vitrine on slapd mdb',
  cached: 'vitrine on MariaDB, cached',
  fastify: 'bare fastify, no database',
  scimmy: 'scimmy-routers on MariaDB',
} as const

/** By database: who serves it, and who asks it without a gateway. */
export const onDatabase = [
  {
    database: 'MariaDB',
    gateway: 'vitrine on MariaDB',
    backSql: 'back-sql on MariaDB',
    driver: 'mysql2 alone',
  },
  {
    database: 'PostgreSQL',
    gateway: 'vitrine on PostgreSQL',
    backSql: 'back-sql on PostgreSQL',
    driver: 'pg alone',
  },
] as const

interface Facts {
  readonly cases: readonly CaseResult[]
  readonly memory: readonly Memory[]
  readonly statements: Statements
}

/** In the order in which they are told. Goals of which a figure is missing are left out. */
export function goals({ cases, memory, statements }: Facts): readonly Goal[] {
  const row = (title: string, target: string): Row | undefined =>
    cases.find((one) => one.title === title)?.rows.find((one) => one.target === target)
  const rate = (
    what: string,
    on: string,
    [title, target]: readonly [string, string],
    least: number,
    [otherTitle, other]: readonly [string, string],
  ): Goal[] => {
    const ours = row(title, target)
    const theirs = row(otherTitle, other)
    if (ours === undefined || theirs === undefined) return []
    const figures = `${number(ours.rate)}/s, ${number(theirs.rate)}/s`
    return [goal(what, on, `rate / ${other}`, 'least', least, ours.rate / theirs.rate, figures)]
  }
  /** Of one case, against several at once. */
  const rates = (
    what: string,
    on: string,
    title: string,
    target: string,
    others: readonly (readonly [string, number])[],
  ) => others.flatMap(([other, least]) => rate(what, on, [title, target], least, [title, other]))

  const live = onDatabase.flatMap(({ database, gateway, backSql, driver }) => [
    ...rates('equality, 64 connections', database, titles.many, gateway, [
      [names.mdb, 1],
      [backSql, 50],
      [driver, 2],
    ]),
    ...rates('equality, 8 in flight on 16', database, titles.pipelined, gateway, [[names.mdb, 1.5]]),
    ...delay('equality, one in flight', database, row(titles.one, gateway), row(titles.one, driver)),
    ...rates('bind with {SSHA}', database, titles.bind, gateway, [
      [names.mdb, 0.5],
      [backSql, 8],
    ]),
    ...rates('100-entry search', database, titles.department, gateway, [[names.mdb, 1]]),
    ...rates('dump, one answer', database, titles.dump, gateway, [[names.mdb, 1.2]]),
    // back-sql would need minutes for one answer: its first page stands for it.
    ...rate('dump, one answer', database, [titles.dump, gateway], 300, [titles.pages, backSql]),
    ...rates('dump, pages of 1000', database, titles.pages, gateway, [
      [names.mdb, 1.2],
      [backSql, 300],
    ]),
    ...memory.filter(({ target }) => target === gateway).flatMap((one) => memoryGoals(database, one)),
    ...rates('SCIM GET', database, titles.get, gateway, [
      [names.fastify, 0.5],
      [names.scimmy, 8],
    ]),
    ...rates('SCIM filter by userName', database, titles.filter, gateway, [
      [names.fastify, 0.5],
      [names.scimmy, 8],
    ]),
    ...rates(`SCIM list of ${LIST}`, database, titles.list, gateway, [[names.fastify, 0.5]]),
    ...rates(`SCIM group of ${number(MEMBERS)}`, database, titles.group, gateway, [[names.fastify, 0.5]]),
  ])
  return [
    ...live,
    ...rates('equality, cached, 16 connections', 'MariaDB', titles.some, names.cached, [[names.mdb, 1]]),
    ...rates('equality, cached, 8 in flight', 'MariaDB', titles.pipelined, names.cached, [[names.mdb, 4]]),
    ...rates('equality through to LDAP, 16', 'slapd mdb', titles.some, names.proxy, [[names.backLdap, 1]]),
    ...(['list', 'group'] as const).map((which) => {
      const what = which === 'list' ? `SCIM list of ${LIST}` : `SCIM group of ${number(MEMBERS)}`
      return goal(what, 'MariaDB', 'SELECTs', 'most', 2, statements[which], `${statements[which]}`)
    }),
  ]
}

function delay(what: string, on: string, ours: Row | undefined, driver: Row | undefined): Goal[] {
  if (ours === undefined || driver === undefined) return []
  const figures = `${number(ours.p50)} ms, ${number(driver.p50)} ms`
  return [goal(what, on, `p50 / ${driver.target}`, 'most', 3, ours.p50 / driver.p50, figures)]
}

function memoryGoals(on: string, { dump, pages, stalled, idle }: Memory): readonly Goal[] {
  const before = `idle ${idle} MB`
  return [
    goal('dump, one answer', on, 'peak MB', 'most', 120, dump, before),
    goal('dump, pages of 1000', on, 'peak MB', 'most', 120, pages, before),
    goal('dump, a client stalled', on, 'more MB', 'most', 20, stalled - dump, `${stalled} MB, ${dump} MB`),
  ]
}

function goal(
  what: string,
  on: string,
  measure: string,
  is: Goal['is'],
  bound: number,
  exact: number,
  figures: string,
): Goal {
  const measured = Number(exact.toPrecision(3))
  const isMet = is === 'least' ? measured >= bound : measured <= bound
  return { what, on, measure, bound, is, measured, isMet, figures }
}
