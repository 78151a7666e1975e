/** The directory as frontends and layers see it: views, and what can be asked of them. Sources are behind it. */
import type { Entry } from '../model/entry.js'
import { FALSE, type Filter } from '../model/filter.js'
import type { MatchingOf } from '../model/match.js'
import type {
  AddRequest,
  Context,
  DeleteRequest,
  EntryName,
  Identity,
  ModifyRequest,
  Principal,
  SearchRequest,
} from '../model/request.js'
import type { EntryId, Scalar } from '../model/value.js'
import type { Level, View } from '../model/view.js'
import { octetsOfName } from '../schema/name-value.js'
import type { Schema } from '../schema/schema.js'

export interface Directory {
  readonly schema: Schema
  readonly views: ReadonlyMap<string, View>
  /** How values are compared, references among them. */
  readonly matchingOf: MatchingOf
  /**
   * The entries that the filter selects, in key order, in batches as the source yields them. Stopping early stops
   * the source. Throws VitrineErrors; never ends early without one.
   */
  search(request: SearchRequest, ctx: Context): AsyncIterable<readonly Entry[]>
  /**
   * Does `search` give what this request asks for in the very order of the attribute's values by its ordering rule, or its equality
   * rule where it has none, without reading more than is sent? Equal ones come in the order of their keys. Its order is `strict`.
   */
  ordersStrictly(request: SearchRequest, ctx: Context): Promise<boolean>
  /** How many entries the filter selects, whatever the request's limit, order and place. */
  count(request: SearchRequest, ctx: Context): Promise<number>
  /**
   * How many values an attribute has that are kept in tables of their own, as members are, without reading them; those
   * that are not shown for another reason count too. Undefined for values that come with the entry only, as a
   * directory's do.
   */
  countValues(view: string, id: EntryId, attr: string, ctx: Context): Promise<number | undefined>
  /** Does the entry satisfy the assertion? Undefined as in filters; `absent` if it lacks the attribute. */
  compare(name: EntryName, assertion: Filter, ctx: Context): Promise<Comparison>
  /** Undefined for an unknown name, a wrong password and an entry that is disabled alike. */
  authenticate(identity: Identity, password: Uint8Array, ctx: Context): Promise<Principal | undefined>
  /**
   * Who this is, where something else than a password vouches for it: it is there, enabled, and may bind. Undefined
   * otherwise, whatever the reason.
   */
  vouchFor(identity: Identity, ctx: Context): Promise<Principal | undefined>
  /**
   * As whom the principal may act when it asks to be this one (RFC 4370): it has the right to, and the other is there and
   * enabled. Undefined otherwise, whatever the reason. Everybody may be themselves.
   */
  actAs(principal: Principal, identity: Identity, ctx: Context): Promise<Principal | undefined>
  /**
   * May the asker find anything in this view, by this attribute if one is named? A promise only where somebody has to be
   * asked for it.
   */
  isVisible(view: string, ctx: Context, attr?: string): boolean | Promise<boolean>
  /** The new entry's key. Throws `entryAlreadyExists` where another has what is to be unique. */
  add(request: AddRequest, ctx: Context): Promise<EntryId>
  /** All changes or none. Throws `noSuchObject`. */
  modify(request: ModifyRequest, ctx: Context): Promise<void>
  /** Throws `noSuchObject`. */
  delete(request: DeleteRequest, ctx: Context): Promise<void>
  /**
   * Deletes all of these that are there, or none, whichever refer to which. Throws `affectsMultipleDSAs` where not one source
   * holds them all, `unwillingToPerform` where it cannot.
   */
  deleteAll(requests: readonly DeleteRequest[], ctx: Context): Promise<void>
  /** Entries that are gone since then, as far as the source remembers them, in key order. */
  deletions(view: string, since: Date, ctx: Context): AsyncIterable<readonly Deletion[]>
  /** Attributes that the source keeps from having the same value in two entries. */
  uniqueAttributes(view: string): Promise<ReadonlySet<string>>
  /** How the entries of a view are called where names may change: see `Handles`. */
  handles(view: string): Promise<Handles>
}

/** When an entry was deleted. */
export interface Deletion {
  readonly id: EntryId
  readonly at: Date
}

/**
 * What an application may keep for ever to find an entry by: its UUID (`entryUUID`), or the key as text where keys
 * have none.
 */
export interface Handles {
  /**
   * Undefined where a column of UUIDs is declared, and only it knows: then `entryUUID` and `Ref.uuid` hold it. Of a union
   * that may be so for some entries.
   */
  of(id: EntryId): string | undefined
  /** The key behind a handle; undefined if there is none, or only the filter `entryUUID` eq can tell. */
  idOf(handle: string): EntryId | undefined
  /** Do handles stand in a column of their own, those of some entries at least? */
  readonly declared: boolean
  /** Are all of them made of characters that JSON and URLs have as they are? */
  readonly plain?: boolean
  /** Attributes of which one's value is `Ref.display`. */
  readonly displays?: readonly string[]
}

export type Comparison = boolean | 'undefined' | 'absent' | 'noSuchEntry'

/** A directory around a directory. */
export type Layer = (next: Directory) => Directory

/**
 * The filter that names an entry by its RDN and its levels; exact where RDNs are unique. A naming attribute may have
 * further values, by which the entry is not named.
 */
export function filterOfName(names: readonly string[], view: View, schema: Schema): Filter {
  const of = view.rdn.map((attr, i) => isNamed(attr, names[i], schema))
  const { levels, rdn } = view
  if (levels === undefined) return { op: 'and', of }
  return { op: 'and', of: [...of, rightBelowLevels(names.slice(rdn.length), levels, schema)] }
}

/** What holds of the entries that hang right below the level of these values. */
export function rightBelowLevels(
  values: readonly string[],
  levels: readonly Level[],
  schema: Schema,
): Filter {
  const next = levels[values.length]
  const below = belowLevels(values, levels, schema)
  return next === undefined
    ? below
    : { op: 'and', of: [below, { op: 'not', of: { op: 'present', attr: next.attr } }] }
}

/** What holds of the entries that hang anywhere below the level of these values, the topmost first. */
export function belowLevels(values: readonly string[], levels: readonly Level[], schema: Schema): Filter {
  if (values.length > levels.length) return FALSE
  return { op: 'and', of: values.map((value, i) => isNamed(levels[i]?.attr ?? '', value, schema)) }
}

function isNamed(attr: string, name: string | undefined, schema: Schema): Filter {
  const value = assertedName(attr, name ?? '', schema)
  return value === undefined ? FALSE : { op: 'eq', attr, value, first: true }
}

/** Text is shown even where its syntax would not accept it from a client, and so is found by it. */
function assertedName(attr: string, name: string, schema: Schema): Scalar | undefined {
  const type = schema.attribute(attr)
  if (type === undefined || name === '') return undefined
  if (type.syntax.kind === 'text') return schema.parseText(attr, name) ?? name
  return schema.parse(attr, octetsOfName(type, name), 'equality')
}
