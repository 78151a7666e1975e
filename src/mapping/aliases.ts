/** What a mapping file calls tables and columns of other sources: by the alias of a join, a dot, and their own name. */
import { tableOfSource } from '../sources/joined.js'
import type { MappingSpec } from './schema.js'

export type JoinSpec = NonNullable<MappingSpec['join']>[string]

/** The alias that a name of the file begins with; undefined for what the view's own source holds. */
export function aliasOf({ join }: Pick<MappingSpec, 'join'>, name: string): string | undefined {
  const dot = name.indexOf('.')
  const alias = name.slice(0, dot)
  return dot > 0 && join !== undefined && Object.hasOwn(join, alias) ? alias : undefined
}

/** What the source is asked to describe for a table that the file names. */
export function describedAs(spec: Pick<MappingSpec, 'join'>, table: string): string {
  const alias = aliasOf(spec, table)
  const join = alias === undefined ? undefined : spec.join?.[alias]
  return join === undefined ? table : ofSecondary(join, table.slice(table.indexOf('.') + 1))
}

export const ofSecondary = ({ source, onFailure }: JoinSpec, table: string) =>
  tableOfSource(source, table, onFailure === 'absent')

/** Whose table or column a name of the file is, and what its source calls it. */
export function placeOf(
  spec: Pick<MappingSpec, 'join' | 'source'>,
  name: string,
): { readonly source: string; readonly name: string } {
  const alias = aliasOf(spec, name)
  const join = alias === undefined ? undefined : spec.join?.[alias]
  return join === undefined
    ? { source: spec.source, name }
    : { source: join.source, name: name.slice(name.indexOf('.') + 1) }
}

/** The tables that are joined to that of the view. */
export function joinedTablesOf({ join }: MappingSpec): readonly string[] {
  return Object.values(join ?? {}).map((one) => ofSecondary(one, one.from))
}

/** The column that a lone name in `on` of a child table refers to; as a file may write it. */
export function keyNameFor(spec: MappingSpec, table: string): string | undefined {
  const alias = aliasOf(spec, table)
  if (alias === undefined) return spec.key
  const join = spec.join?.[alias]
  const [only] = Object.keys(join?.on ?? {})
  return `${alias}.${join?.key ?? only}`
}

/** The sources without which every view is served, though not all of what it holds. */
export function dispensableSources(specs: readonly MappingSpec[]): ReadonlySet<string> {
  const joins = specs.flatMap((spec) => Object.values(spec.join ?? {}))
  const needed = new Set([
    ...specs.map((spec) => spec.source),
    ...joins.filter((join) => join.onFailure !== 'absent').map((join) => join.source),
  ])
  return new Set(joins.map((join) => join.source).filter((source) => !needed.has(source)))
}
