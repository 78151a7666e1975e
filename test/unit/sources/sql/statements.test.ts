/** How many statements a row takes that is sought by its key, with all the rows that are related to it. */
import { expect, it } from 'vitest'
import type { Context } from '../../../../src/model/request.js'
import type { Column, Field, Relation, Row, SourceQuery } from '../../../../src/sources/source.js'
import { mariadb } from '../../../../src/sources/sql/dialects/mariadb.js'
import type { Driver } from '../../../../src/sources/sql/driver.js'
import { SqlSource } from '../../../../src/sources/sql/source.js'

const MEMBERS = 10_000

const column = (name: string) =>
  ({ name, kind: 'integer', type: 'int', unique: name === 'id' }) as never as Column
const [id, group, user] = ['id', 'group_id', 'user_id'].map(column) as [Column, Column, Column]
const tableOf = (name: string, ...columns: readonly Column[]) => ({
  name,
  columns: new Map(columns.map((one) => [one.name, one])),
  keys: [['id']],
})

const relation: Relation = {
  table: tableOf('group_members', group, user),
  on: [{ child: group, parent: id }],
  where: [],
}
const fields: readonly Field[] = [
  { kind: 'column', column: id },
  { kind: 'set', relation, columns: [user] },
]

function source() {
  const statements: string[] = []
  const driver: Pick<Driver, 'dialect' | 'query' | 'read'> = {
    dialect: mariadb,
    read: () => undefined,
    query: async ({ sql }) => {
      statements.push(sql)
      const isRelated = sql.includes('group_members')
      return isRelated ? Array.from({ length: MEMBERS }, (_, n) => [7, n]) : [[7]]
    },
  }
  return { statements, source: new SqlSource(driver as Driver) }
}

it('a group takes two, whatever the number of its members, at first and again', async () => {
  const { statements, source: groups } = source()
  const query: SourceQuery = {
    table: tableOf('groups', id),
    key: id,
    where: [],
    filter: { op: 'test', on: id, test: { test: 'compare', op: 'eq', value: 7 }, negated: false },
    fields,
    limit: 1,
  }
  const { signal } = new AbortController()
  for (let times = 1; times <= 5; times++) {
    const rows: Row[] = []
    for await (const batch of groups.search(query, { signal } as Context)) rows.push(...batch)
    expect(rows).toMatchObject([[7, { length: MEMBERS }]])
    expect(statements).toHaveLength(2 * times)
  }
})
