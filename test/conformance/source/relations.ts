/** The part of the suite about related rows, and about rows that refer to each other. */
import { expect, it } from 'vitest'
import type { FieldFilter, Relation } from '../../../src/sources/source.js'
import { related } from './reference.js'
import type { Asking } from './suite.js'

const EVERY: FieldFilter = { op: 'const', value: true }

export function relationTests(given: Asking): void {
  const { memory, table, column, rowsOf, query, ask, keys, meant } = given

  /** Children; children that are visible; children with the labels that they are joined to. */
  const relations = (): readonly Relation[] => {
    const on = [{ child: column('kids', 'thing_id'), parent: column('things', 'id') }]
    const visible = { column: column('kids', 'kind'), not: false, values: ['a'] }
    const join = {
      table: table('labels'),
      on: [{ joined: column('labels', 'id'), child: column('kids', 'label_id') }],
      where: [],
    }
    const shown = { column: column('labels', 'label'), not: true, values: [null] }
    return [
      { table: table('kids'), on, where: [] },
      { table: table('kids'), on, where: [visible] },
      { table: table('kids'), on, where: [visible], join },
      { table: table('kids'), on, where: [], join: { ...join, where: [shown] } },
      {
        table: table('kids'),
        on: [...on, { child: column('kids', 'kind'), parent: column('things', 'kind') }],
        where: [],
      },
    ]
  }

  it('gives related rows with the rows they belong to', async () => {
    for (const relation of relations()) {
      const named = relation.join === undefined ? ['id', 'val'] : ['id', 'label']
      const last = relation.join?.table ?? relation.table
      const columns = named.map((n) => column(last.name, n))
      const fields = [...query('things').fields, { kind: 'set' as const, relation, columns }]
      const found = await ask(query('things', { fields }))
      const wanted = rowsOf('things').map((row) => [
        row['id'],
        related(relation, row, memory).map((r) => named.map((n) => r.last[n] ?? null)),
      ])
      const inOrder = ([id, tuples]: readonly unknown[]) => [
        id,
        (tuples as unknown[]).map((t) => JSON.stringify(t)).sort(),
      ]
      expect(found.map(inOrder)).toEqual(wanted.map(inOrder))
    }
  })

  it('asks related rows, and for rows without such', async () => {
    for (const relation of relations()) {
      const last = relation.join?.table ?? relation.table
      const on = column(last.name, relation.join === undefined ? 'val' : 'label')
      const inner: readonly FieldFilter[] = [
        EVERY,
        { op: 'test', on, test: { test: 'text', rule: 'caseIgnore', value: 'foo' }, negated: false },
        { op: 'test', on, test: { test: 'present' }, negated: true },
      ]
      for (const of of inner) {
        for (const negated of [false, true]) {
          const filter: FieldFilter = { op: 'some', relation, of, negated }
          expect(await keys(query('things', { filter }))).toEqual(meant('things', filter))
        }
        // From the row itself or from related ones: each arm has an index of its own.
        const own: FieldFilter = {
          op: 'test',
          on: column('things', 'name'),
          test: { test: 'text', rule: 'caseIgnore', value: 'foo' },
          negated: false,
        }
        const either: FieldFilter = { op: 'or', of: [own, { op: 'some', relation, of, negated: false }] }
        expect(await keys(query('things', { filter: either }))).toEqual(meant('things', either))
      }
    }
  })

  it('walks references, in circles too', async () => {
    const boss = {
      table: table('things'),
      from: column('things', 'id'),
      to: column('things', 'boss_id'),
      where: [],
    }
    const nodes = { table: table('things'), key: column('things', 'id'), where: [] }
    const hidden = { ...nodes, where: [{ column: column('things', 'kind'), not: true, values: ['b'] }] }
    for (const id of rowsOf('things').map((row) => row['id'] as number)) {
      for (const target of [nodes, hidden]) {
        for (const negated of [false, true]) {
          const of: FieldFilter = {
            op: 'test',
            on: column('things', 'id'),
            test: { test: 'compare', op: 'eq', value: id },
            negated: false,
          }
          const filter: FieldFilter = {
            op: 'reach',
            key: column('things', 'id'),
            first: boss,
            step: boss,
            nodes: target,
            target,
            of,
            negated,
          }
          expect(await keys(query('things', { filter })), `${id} ${negated}`).toEqual(meant('things', filter))
        }
      }
    }
  })
}
