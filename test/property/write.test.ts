/**
 * What is written reads back: random entries, changes and deletions over random mappings, in real databases, leave
 * every entry with what the same changes of sets of values give, and what is refused leaves everything as it was.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CoreDirectory } from '../../src/directory/core.js'
import { VitrineError } from '../../src/model/errors.js'
import { TRUE } from '../../src/model/filter.js'
import type { SqlClient } from '../data/sql-client.js'
import { checked, ctx, databases, directoryOf, opened, runsOf } from './directories.js'
import { shown } from './write-forms.js'
import { writtenMappings } from './write-mappings.js'
import { Model, NOBODY } from './write-model.js'
import { type Step, steps } from './write-steps.js'
import { children, createTables, emptyTables } from './write-tables.js'

const runs = runsOf(1 / 5)

describe.each(databases)('%s', (_name, database) => {
  const open = opened(database, createTables)

  it(`reads back what was written, in ${runs} random directories`, { timeout: 1_800_000 }, async () => {
    const { client, source } = open()
    await checked(
      fc.asyncProperty(writtenMappings, steps, async (written, wanted) => {
        await emptyTables(client)
        const { core } = await directoryOf(written.specs, source)
        const model = new Model(written, core.matchingOf)
        await holds(core, client, model, 'at first')
        for (const [view, count] of [
          ['grps', 2],
          ['people', 2],
        ] as const) {
          for (let i = 0; i < count; i++)
            await take(core, model, { kind: 'add', view, target: 0, uid: i + 1, changes: [] })
        }
        for (const [i, step] of wanted.entries()) {
          const told = await take(core, model, step)
          await holds(core, client, model, `step ${i + 1}: ${told}`)
        }
      }),
      runs,
    )
  })
})

/** Does what a step says, here and there; both refuse it or neither. */
async function take(core: CoreDirectory, model: Model, step: Step): Promise<string> {
  const { view, kind } = step
  const ids = model.ids(view)
  const id = step.target === 0 ? NOBODY : (ids[step.target % ids.length] ?? NOBODY)
  const changes = model.changes(step, id)
  const told = `${kind} ${view} ${kind === 'add' ? '' : id} ${changes.map(shown).join(', ')}`
  const next = model.after(step, id, changes)
  let made: string | undefined
  let refusal: VitrineError | undefined
  try {
    if (kind === 'add') {
      const attributes = new Map(changes.map(({ attr, values }) => [attr, values]))
      made = await core.add({ view, attributes }, ctx())
    } else if (kind === 'modify') {
      await core.modify({ view, id, attributes: new Set(model.names(view)), change: () => changes }, ctx())
    } else await core.delete({ view, id }, ctx())
  } catch (error) {
    if (!(error instanceof VitrineError)) throw error
    refusal = error
  }
  expect(refusal?.code ?? 'done', `${told}: ${refusal?.message ?? ''}`).toBe(
    typeof next === 'string' ? next : 'done',
  )
  if (typeof next !== 'string') next(made ?? id)
  return told
}

/** Every entry is what the model says, and no row of other tables belongs to none. */
async function holds(core: CoreDirectory, client: SqlClient, model: Model, told: string): Promise<void> {
  for (const view of ['people', 'grps'] as const) {
    const found = new Map<string, unknown>()
    for await (const batch of core.search(
      { view, filter: TRUE, attributes: new Set(model.names(view)) },
      ctx(),
    ))
      for (const { id, attributes } of batch)
        found.set(
          id,
          Object.fromEntries(model.names(view).map((n) => [n, model.formsOf(n, attributes.get(n) ?? [])])),
        )
    expect(Object.fromEntries(found), `${told}: ${view}`).toEqual(model.meant(view))
  }
  for (const [table, column] of Object.entries(children)) {
    const rows = await client.run(`select ${column} as id from ${table}`)
    const counts: Record<string, number> = {}
    for (const { id } of rows) counts[String(id)] = (counts[String(id)] ?? 0) + 1
    const most = model.rows(table)
    if (most !== undefined) expect(counts, `${told}: rows of ${table}`).toEqual(most)
    else
      for (const id of Object.keys(counts))
        expect(model.ids('people'), `${told}: rows of ${table}`).toContain(id)
  }
}
