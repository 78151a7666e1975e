/** What filters mean, decided on all entries of a directory; and how a directory that answers otherwise is told of. */
import { inspect } from 'node:util'
import fc from 'fast-check'
import { expect } from 'vitest'
import type { MappingSpec } from '../../src/mapping/schema.js'
import type { Entry } from '../../src/model/entry.js'
import { type ComparisonFilter, type Filter, mapAssertions } from '../../src/model/filter.js'
import { type MatchingOf, match } from '../../src/model/match.js'
import { Ref } from '../../src/model/value.js'
import { parametersOf } from './directories.js'
import { tableColumns, type World } from './pushdown-world.js'

/** Do all these entries together mean that this one is selected? */
export function isMeant(
  filter: Filter,
  entry: Entry,
  all: readonly Entry[],
  matchingOf: MatchingOf,
): boolean {
  return match(withoutChains(filter, entry, all, matchingOf), entry, matchingOf) === true
}

/** The same filter for this entry, with what asks for chains of references answered by walking them. */
function withoutChains(filter: Filter, entry: Entry, all: readonly Entry[], matchingOf: MatchingOf): Filter {
  return mapAssertions(filter, (asked) => {
    if (asked.op !== 'eq' || asked.rule !== 'inChain' || !(asked.value instanceof Ref)) return asked
    return { op: 'const', value: chained(asked, entry, all, matchingOf) }
  })
}

function chained(
  { attr, value }: ComparisonFilter,
  entry: Entry,
  all: readonly Entry[],
  matchingOf: MatchingOf,
): boolean {
  if (!(value instanceof Ref)) return false
  const isNamed = value.names.length > 0
  const form = matchingOf(attr)?.equality
  const pending = [entry]
  const seen = new Set<Entry>()
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (seen.has(at)) continue
    seen.add(at)
    for (const ref of at.attributes.get(attr) ?? []) {
      if (!(ref instanceof Ref)) continue
      if (isNamed ? form?.(ref) === form?.(value) : ref.view === value.view && ref.id === value.id)
        return true
      const next = all.find((e) => e.view === ref.view && e.id === ref.id)
      if (next !== undefined) pending.push(next)
    }
  }
  return false
}

/** As `checked`, but tells of the failing directory only what is not NULL in it. */
export async function holdsAlways<T>(
  property: fc.IAsyncProperty<[World, readonly MappingSpec[], T]>,
  numRuns: number,
): Promise<void> {
  const {
    failed,
    counterexample,
    errorInstance,
    seed: failing,
    counterexamplePath,
  } = await fc.check(property, parametersOf(numRuns))
  if (!failed || counterexample === null) return expect(failed).toBe(false)
  const [world, specs] = counterexample
  const rows = (Object.keys(tableColumns) as (keyof World)[]).flatMap((table) =>
    world[table].map((row) => {
      const cells = row.flatMap((cell, i) =>
        cell === null ? [] : [`${tableColumns[table][i]}: ${inspect(cell)}`],
      )
      return `  ${table} ${cells.join(', ')}`
    }),
  )
  const message = errorInstance instanceof Error ? errorInstance.message : String(errorInstance)
  throw new Error(
    `${message}\nVITRINE_SEED=${failing} VITRINE_PATH=${counterexamplePath}\n${specs.map(shown).join('\n')}\n${rows.join('\n')}`,
    { cause: errorInstance },
  )
}

function shown({ view, attributes, where, enabled, scim }: MappingSpec): string {
  const told = { ...attributes, ...(where && { where }), ...(enabled && { enabled }), ...(scim && { scim }) }
  return `  ${view} ${inspect(told, { depth: 8, breakLength: 200 })}`
}
