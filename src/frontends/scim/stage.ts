/** What a query asks of each of the resource types that it goes through. */
import type { Changeable } from '../../model/changeable.js'
import type { Entry } from '../../model/entry.js'
import { TRUE } from '../../model/filter.js'
import type { Context, SearchRequest } from '../../model/request.js'
import { parseFilter } from '../../scim/filter.js'
import { parsePath } from '../../scim/path.js'
import type { Asked, Question, Selection, Unknown } from '../../scim/representation/representation.js'
import type { Query, Shown } from './request.js'
import { ResourceList } from './resource-list.js'
import type { ResourceType } from './resource-type.js'

export type ListQuery = Omit<Query, keyof Shown> & Asked

/** One type's share of a query. */
export interface Stage {
  readonly type: ResourceType
  readonly selection: Selection
  /** All that is asked for, without limit and place. */
  readonly request: Pick<SearchRequest, 'view' | 'filter' | 'attributes' | 'displays' | 'id' | 'order'>
}

const ALL: Question = { filter: TRUE }

/** @throws VitrineError filterError, undefinedAttributeType, inappropriateMatching */
export async function stagesOf(
  types: readonly ResourceType[],
  query: ListQuery,
  unknown: Unknown,
): Promise<readonly Stage[]> {
  const filter = query.filter === undefined ? undefined : parseFilter(query.filter)
  const sortBy = query.sortBy === undefined ? undefined : parsePath(query.sortBy)
  const stages: Stage[] = []
  for (const type of types) {
    const representation = await type.representation()
    const selection = representation.select(query)
    const question = filter === undefined ? ALL : representation.question(filter, unknown)
    const order = sortBy && representation.order(sortBy, query.descending === true, unknown)
    const { attributes, displays } = selection
    const request: Changeable<SearchRequest> = {
      view: type.view.name,
      filter: question.filter,
      attributes,
      displays,
    }
    if (question.id !== undefined) request.id = question.id
    if (order !== undefined) request.order = order
    stages.push({ type, selection, request })
  }
  return stages
}

/** What was found of one type. */
export interface Found {
  readonly stage: Pick<Stage, 'type' | 'selection'>
  readonly entries: readonly Entry[]
}

/** The resources that these entries are shown as, in this order. */
export function shownIn(found: readonly Found[], base: string): ResourceList {
  const list = new ResourceList()
  for (const { stage, entries } of found) {
    const tagOf = stage.type.tagger(stage.selection.attributes)
    for (const entry of entries) list.add(stage.selection, entry, base, tagOf(entry))
  }
  return list
}

/** A cursor is good for the query it was given out in only, and for whoever asked it. */
export function identityOf(
  stages: readonly Stage[],
  { filter, sortBy, descending }: ListQuery,
  ctx: Context,
): string {
  const views = stages.map(({ type }) => type.view.name)
  return JSON.stringify([ctx.principal, views, filter ?? null, sortBy ?? null, descending === true])
}
