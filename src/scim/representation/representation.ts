/**
 * How the entries of one view are represented as SCIM resources, in both directions: the façade of this folder. What
 * can be worked out before the first request is; each request then follows closures.
 */
import type { Directory, Handles } from '../../directory/directory.js'
import type { Entry } from '../../model/entry.js'
import type { Change, Context, SearchRequest } from '../../model/request.js'
import type { Resource } from '../../model/resource.js'
import type { Value } from '../../model/value.js'
import type { View } from '../../model/view.js'
import type { AttributePath, ScimFilter } from '../filter-ast.js'
import type { JsonObject } from '../json.js'
import { changesOf, membershipChanges } from './changes.js'
import { orderOf } from './order.js'
import { outlineOf, viewsReferredTo } from './outline.js'
import { answerOf } from './question.js'
import { Selections } from './selection.js'
import { settle, withoutStrangers } from './settle.js'
import { valuesOf } from './store.js'
import type { Asked, Question, Selection, Unknown } from './terms.js'

export interface Representation {
  readonly view: View
  readonly resource: Resource
  /**
   * Names that are unknown are passed over.
   * @throws VitrineError `protocolError` for lists that are far too long
   */
  select(asked: Asked): Selection
  /**
   * All that clients may store and see, for those who decide on a change; or only these attributes of it, which are
   * named without sub-attributes.
   */
  stored(only?: readonly AttributePath[]): Selection
  /** The `id` of an entry that was fetched with `entryUUID`. */
  idOf(entry: Entry): string | undefined
  /** How the entry with an `id` is found; undefined if there can be none. */
  locate(id: string): Question | undefined
  /** @throws VitrineError `filterError` and `inappropriateMatching` for what cannot be asked. */
  question(filter: ScimFilter, unknown: Unknown): Question
  /**
   * For `SearchRequest.order`; undefined where every order will do: no entry has a value, or all have the same.
   * @throws VitrineError `undefinedAttributeType`, `inappropriateMatching`
   */
  order(path: AttributePath, descending: boolean, unknown: Unknown): SearchRequest['order']
  /**
   * References whose type the client did not say and their id does not tell are given it, which takes a look into the
   * views that they could be of. To be done before `values` and `changes`.
   */
  settle(json: JsonObject, ctx: Context): Promise<JsonObject>
  /** Without single references to what can be no resource, as a manager who is only a name. */
  withoutStrangers(json: JsonObject): JsonObject
  /**
   * A new entry's attributes, for `AddRequest`.
   * @param json checked and normalised as `accept.ts` does
   * @throws VitrineError `constraintViolation` for what is not kept, naming it
   */
  values(json: JsonObject): ReadonlyMap<string, readonly Value[]>
  /**
   * What turns `before` into `after`, and no more. What `after` does not have is cleared, unless clients may not
   * change it; `active` stays as well.
   * @param before as rendered by `stored` or by a selection that shows as much
   * @param only attributes to look at, where the others are known to be the same
   * @throws VitrineError as `values`, and `notModifiable`
   */
  changes(before: JsonObject, after: JsonObject, only?: readonly AttributePath[]): readonly Change[]
  /**
   * References to be added to an attribute and removed from it, by their `id`, without looking at those it has.
   * An id to be removed that there can be nothing behind is passed over.
   * @throws VitrineError `constraintViolation` for one to be added
   */
  membership(
    attribute: string,
    ids: { readonly add: readonly string[]; readonly remove: readonly string[] },
    ctx: Context,
  ): Promise<readonly Change[]>
}

/** The representations of a directory's views, each made when it is first asked for. */
export class Representations {
  readonly #directory: Directory
  readonly #made = new Map<string, Promise<Representation>>()

  constructor(directory: Directory) {
    this.#directory = directory
  }

  /**
   * @param view a view with a `resource`
   * @throws VitrineError `unavailable` while its source, or that of a view it refers to, cannot be asked
   */
  of(view: View): Promise<Representation> {
    const known = this.#made.get(view.name)
    if (known !== undefined) return known
    const made = this.#make(view)
    this.#made.set(view.name, made)
    made.catch(() => this.#made.delete(view.name))
    return made
  }

  async #make(view: View): Promise<Representation> {
    const handles = new Map<string, Handles>()
    for (const name of viewsReferredTo(view, this.#directory.views).add(view.name)) {
      handles.set(name, await this.#directory.handles(name))
    }
    return representationOf(view, this.#directory, handles)
  }
}

/** @param handles of the view and of every view that it refers to */
export function representationOf(
  view: View,
  directory: Pick<Directory, 'views' | 'schema' | 'search'>,
  handles: ReadonlyMap<string, Handles>,
): Representation {
  const outline = outlineOf(view, directory, handles)
  const selections = new Selections(outline)
  return {
    view,
    resource: outline.resource,
    select: (asked) => selections.select(asked),
    stored: (only) => selections.stored(only),
    idOf: (entry) => outline.idOf(entry),
    locate: (id) => outline.locate(id),
    question: (filter, unknown) => answerOf(outline, filter, unknown),
    order: (path, descending, unknown) => orderOf(outline, path, descending, unknown),
    settle: (json, ctx) => settle(outline, json, directory, ctx),
    withoutStrangers: (json) => withoutStrangers(outline, json),
    values: (json) => valuesOf(outline, json),
    changes: (before, after, only) => changesOf(outline, before, after, only),
    membership: (attribute, ids, ctx) => membershipChanges(outline, attribute, ids, directory, ctx),
  }
}

export type { JsonText } from './json-writer.js'
export type { Asked, Question, Selection, Unknown } from './terms.js'
