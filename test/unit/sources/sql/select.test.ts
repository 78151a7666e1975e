/** The very statements that databases are sent: every value is a parameter, every name is quoted. */
import { describe, expect, it } from 'vitest'
import type { FieldFilter, Relation, SourceQuery, Table } from '../../../../src/sources/source.js'
import { mariadb } from '../../../../src/sources/sql/dialects/mariadb.js'
import { postgresql } from '../../../../src/sources/sql/dialects/postgresql.js'
import { sqlite } from '../../../../src/sources/sql/dialects/sqlite.js'
import { selectRelated, selectRows } from '../../../../src/sources/sql/select.js'

const id = { name: 'id', kind: 'integer' } as const
const owner = { name: 'user_id', kind: 'integer' } as const
const odd = { name: 'na`"me', kind: 'integer' } as const
const users: Table = { name: 'hr.users', columns: new Map([[id.name, id]]) }
const relation: Relation = {
  table: { name: 'mails', columns: new Map() },
  on: [{ child: owner, parent: id }],
  where: [],
}
const query = (filter: FieldFilter): SourceQuery => ({
  table: users,
  key: id,
  where: [{ column: odd, not: false, values: [null, 7] }],
  filter,
  fields: [],
})
const value = `x'; drop table users; --`

const dialects = [
  [
    'MariaDB',
    mariadb,
    'SELECT t0.`id` FROM `hr`.`users` t0 WHERE (t0.`id` >= ?) AND (t0.`na``"me` IS NULL OR t0.`na``"me` IN (?)) AND t0.`id` > ? ORDER BY t0.`id` LIMIT 10',
    'SELECT t0.`id`, t1.`id` FROM `hr`.`users` t0 JOIN `mails` t1 ON t1.`user_id` = t0.`id` WHERE t0.`id` IN (?, ?, ?, ?)',
  ],
  [
    'PostgreSQL',
    postgresql,
    'SELECT t0."id" FROM "hr"."users" t0 WHERE (t0."id" >= $1) AND (t0."na`""me" IS NULL OR t0."na`""me" IN ($2)) AND t0."id" > $3 ORDER BY t0."id" LIMIT 10',
    'SELECT t0."id", t1."id" FROM "hr"."users" t0 JOIN "mails" t1 ON t1."user_id" = t0."id" WHERE t0."id" = ANY($1::bigint[])',
  ],
  [
    'SQLite',
    sqlite,
    `SELECT t0."id" FROM "hr"."users" t0 WHERE (typeof(t0."id") = 'integer' AND t0."id" >= ?) AND (t0."na\`""me" IS NULL OR t0."na\`""me" IN (?)) AND t0."id" > ? ORDER BY t0."id" LIMIT 10`,
    'SELECT t0."id", t1."id" FROM "hr"."users" t0 JOIN "mails" t1 ON t1."user_id" = t0."id" WHERE t0."id" IN (?, ?, ?, ?)',
  ],
] as const

describe.each(dialects)('%s', (_name, dialect, rows, related) => {
  it('is asked for a page of rows by their key', () => {
    const filter: FieldFilter = {
      op: 'test',
      on: id,
      test: { test: 'compare', op: 'ge', value: 5 },
      negated: false,
    }
    const statement = selectRows(query(filter), [id], dialect, { limit: 10, after: 3 })
    expect(statement).toEqual({ sql: rows, bindings: [5, 7, 3] })
  })

  it('is asked for the related rows of a batch at once, by lists that grow in powers of two', () => {
    expect(selectRelated({ table: users, key: id }, relation, [id], [1, 2, 3], dialect).sql).toBe(related)
  })

  it.each(['caseIgnore', 'caseExact', 'exact', 'telephone', 'numeric'] as const)(
    'gets no text of clients into its statements, by the rule %s',
    (rule) => {
      const text = { name: 'n', kind: 'text' } as const
      const asked: readonly FieldFilter[] = [
        { op: 'test', on: text, test: { test: 'text', rule, value }, negated: false },
        {
          op: 'test',
          on: text,
          test: { test: 'substring', rule, pieces: [{ place: 'any', text: value }] },
          negated: true,
        },
        { op: 'test', on: text, test: { test: 'oneOf', values: [value] }, negated: false },
      ]
      for (const filter of asked) {
        const { sql, bindings } = selectRows(query(filter), [id], dialect, { limit: 10 })
        expect(sql).not.toContain('drop')
        expect(JSON.stringify(bindings)).toContain('drop')
      }
    },
  )

  it('lets each arm of a disjunction over several tables use its own index', () => {
    const sought: FieldFilter = {
      op: 'test',
      on: id,
      test: { test: 'compare', op: 'eq', value: 5 },
      negated: false,
    }
    const some: FieldFilter = { op: 'some', relation, of: sought, negated: false }
    const { sql } = selectRows(query({ op: 'or', of: [sought, some] }), [id], dialect, { limit: 10 })
    expect(sql).toContain(' UNION ')
    expect(sql).not.toContain(' OR ((')
  })

  it('minds NULL where a question is negated', () => {
    const negated: FieldFilter = {
      op: 'test',
      on: id,
      test: { test: 'compare', op: 'eq', value: 5 },
      negated: true,
    }
    expect(selectRows(query(negated), [id], dialect, { limit: 10 }).sql).toContain(') IS NOT TRUE')
    const none: FieldFilter = { op: 'some', relation, of: { op: 'const', value: true }, negated: true }
    expect(selectRows(query(none), [id], dialect, { limit: 10 }).sql).toContain('NOT EXISTS (SELECT 1 FROM')
  })
})
