/** What becomes of a search: what of it the source decides, what is left to the gateway, and what the source is sent. */
import { fieldFilterText, filterText, residualText } from '../directory/explain.js'
import type { Mappings } from '../directory/mappings.js'
import type { Core } from '../directory/union/members.js'
import { filterAttributes } from '../model/filter.js'
import type { Context, SearchRequest } from '../model/request.js'
import type { Explanation } from '../sources/source.js'

export interface ExplainParts {
  /** Of the views that are mapped. */
  readonly core: Core
  /** By view: of what is asked. */
  readonly mappings: ReadonlyMap<string, Mappings>
}

/** Texts are for people. */
export interface Explained {
  /** That is mapped: of a union, one of its members. */
  readonly view: string
  readonly filter: string
  /** What the source is asked, a line for each part, indented by their levels. */
  readonly pushed: string
  /** What the gateway decides on what the source finds; absent where the source's answer is exact. */
  readonly residual?: string
  /** Attributes of the filter that no entry of the view has. */
  readonly unmapped: readonly string[]
  /** None where no row can be meant: nobody is asked. */
  readonly statements: readonly Explanation[]
}

/** @throws VitrineError while the source cannot be asked what its tables are */
export async function explainSearch(
  { core, mappings }: ExplainParts,
  request: SearchRequest,
  ctx: Context,
): Promise<Explained> {
  const { view, filter } = request
  const { plan, query } = await core.prepare(request, ctx)
  const attributes = core.views.get(view)?.attributes
  const isNothing = query.filter.op === 'const' && !query.filter.value
  return {
    view,
    filter: filterText(filter),
    pushed: fieldFilterText(plan.pushed),
    ...(plan.residual !== undefined && { residual: residualText(plan.residual) }),
    unmapped: [...filterAttributes(filter)].filter((attr) => attributes?.has(attr) !== true),
    statements: isNothing ? [] : (mappings.get(view)?.source.explain(query) ?? []),
  }
}

/** The values of a statement as JSON. */
export function bindingsText(bindings: readonly unknown[]): string {
  return JSON.stringify(bindings, (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  )
}
