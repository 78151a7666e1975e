/** What a search of joined rows would ask each of its sources, and what would make that slow. */
import { joinOf, type Secondary } from '../joined.js'
import { allOf } from '../logic.js'
import type { Cell, Explanation, Field, FieldFilter, Finding, Source, SourceQuery } from '../source.js'
import type { Secondaries } from './fetch.js'
import { havingKey, type JoinKey, keyFields } from './keys.js'
import type { SecondaryPart } from './layout.js'
import { candidates, driversOf } from './node.js'
import { JoinedSearch, nodesOf } from './search.js'

interface Asked {
  /** Undefined for the primary. */
  readonly secondary?: Secondary
  readonly query: SourceQuery
}

export function explainJoin(query: SourceQuery, primary: Source, secondaries: Secondaries) {
  return questions(query, primary, secondaries).flatMap(({ secondary, query: asked }): Explanation[] => {
    if (secondary === undefined) return [...primary.explain(asked)]
    return secondaries
      .sourceOf(secondary)
      .explain(asked)
      .map(({ text, bindings }) => ({
        text: `${secondary.alias}, of ${secondary.source}: ${text}`,
        bindings,
      }))
  })
}

export async function adviseJoin(
  query: SourceQuery,
  primary: Source,
  secondaries: Secondaries,
): Promise<readonly Finding[]> {
  const findings = await Promise.all(
    questions(query, primary, secondaries).map(({ secondary, query: asked }) =>
      secondary === undefined ? primary.advise(asked) : secondaries.sourceOf(secondary).advise(asked),
    ),
  )
  const ambiguous = (joinOf(query.table)?.secondaries ?? []).flatMap(ambiguity)
  return [...findings.flat(), ...ambiguous]
}

function ambiguity({ alias, on, of }: Secondary): readonly Finding[] {
  const [pair, ...others] = on
  const column = pair?.secondary
  if (column === undefined || others.length > 0 || column.distinct === true || column.values !== undefined)
    return []
  if (of.table.key?.name === column.name) return []
  return [
    {
      severity: 'warning',
      message: `join ${alias}: several rows of ${of.table.name} may have the same ${column.name}; an entry gets the one with the least ${of.key.name}`,
      remedy: `Make ${of.table.name}.${column.name} unique, or narrow the rows down with where`,
    },
  ]
}

/** Everything that is asked, with samples where what one source says goes into a question to another. */
function questions(query: SourceQuery, primary: Source, secondaries: Secondaries): readonly Asked[] {
  const search = new JoinedSearch(primary, secondaries)
  const inner: Asked[] = []
  const { node, answers } = nodesOf(query, ({ of, filter }) => {
    if (of === undefined) return [sampleOf(filter.key.kind, filter.key.name)]
    const fields: Field[] = [{ kind: 'column', column: of.key }]
    inner.push(...questions({ ...of, filter, fields }, primary, secondaries))
    return [sampleOf(of.key.kind, of.key.name)]
  })
  const { query: own, layout } = search.plan(query, node, answers)
  const required = (joinOf(query.table)?.secondaries ?? []).filter((s) => !s.optional)
  const [first] = driversOf(node, required)
  const driving = (first?.drivers ?? []).map(({ of, filter }): Asked => {
    const fields = keyFields(of, 'secondary')
    return { secondary: of, query: { ...of.of, filter, fields, unordered: true } }
  })
  const narrowed: FieldFilter =
    first === undefined
      ? own.filter
      : allOf([
          own.filter,
          candidates(first.conjunct, ({ of }) => havingKey(of, 'primary', [sampleKey(of)], primary)),
        ])
  const parts = layout.parts().filter((part) => part.isWanted)
  const followed = layout.follows.flatMap(({ of, filter, fields }) => {
    const values = [sampleOf(of.key.kind, of.key.name)]
    const isKey: FieldFilter = { op: 'test', on: of.key, test: { test: 'oneOf', values }, negated: false }
    return questions({ ...of, filter: allOf([isKey, filter]), fields }, primary, secondaries)
  })
  return [
    ...inner,
    ...driving,
    { query: { ...own, filter: narrowed } },
    ...parts.map((part) => ofBatch(part, secondaries)),
    ...followed,
  ]
}

/** What a secondary is asked for a batch of rows. */
function ofBatch({ secondary, fields }: SecondaryPart, secondaries: Secondaries): Asked {
  const filter = havingKey(secondary, 'secondary', [sampleKey(secondary)], secondaries.sourceOf(secondary))
  return { secondary, query: { ...secondary.of, filter, fields, unordered: true } }
}

function sampleKey({ on }: Secondary): JoinKey {
  return { form: '', cells: on.map(({ primary: { kind, name } }) => sampleOf(kind, name)) }
}

function sampleOf(kind: string, name: string): Exclude<Cell, null> {
  if (kind === 'integer') return 0n
  if (kind === 'uuid') return '00000000-0000-0000-0000-000000000000'
  return kind === 'binary' ? Buffer.from([0]) : `the ${name} of each row`
}
