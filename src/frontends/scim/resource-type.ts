/**
 * What can be done with the resources of one type (RFC 7644 3.3 to 3.6), whoever asks for it: a route of its own,
 * `/Me` or a bulk operation. Lists are in `list.ts`.
 */
import type { Directory } from '../../directory/directory.js'
import type { Entry } from '../../model/entry.js'
import { VitrineError } from '../../model/errors.js'
import type { Change, Context, ModifyRequest } from '../../model/request.js'
import { bindingKey, type Resource, type ResourceOperation } from '../../model/resource.js'
import type { EntryId } from '../../model/value.js'
import type { View } from '../../model/view.js'
import type { Json, JsonObject } from '../../scim/json.js'
import type {
  Asked,
  JsonText,
  Question,
  Representation,
  Representations,
  Selection,
} from '../../scim/representation/representation.js'
import { acceptResource, keepImmutable } from './accept.js'
import { refersToResources } from './attributes.js'
import { ScimError } from './errors.js'
import {
  type Conditions,
  checkConditions,
  contentTag,
  isConditional,
  isNotModified,
  versionTag,
} from './etag.js'
import { patchPlan } from './patch-plan.js'
import type { Dialect } from './profiles.js'

/** One request about one resource. */
export interface Call {
  readonly ctx: Context
  /** URL of the service. */
  readonly base: string
  readonly shown: Asked
  /** Nothing is wanted back but that it is done. */
  readonly minimal: boolean
  /** Members of groups are taken as they are given. */
  readonly trusted: boolean
  readonly conditions: Conditions
}

export interface Answer {
  readonly status: number
  readonly id?: string | undefined
  readonly location?: string | undefined
  /** Its entity-tag. */
  readonly version?: string | undefined
  readonly body?: JsonText | undefined
}

/** Which resource: its `id` as clients know it, or the key of its entry. */
export type Target = { readonly id: string } | { readonly key: EntryId }

export interface ResourceTypeParts {
  readonly directory: Directory
  readonly representations: Representations
  readonly dialect: Dialect
}

const ID_ONLY: Asked = { attributes: 'id' }
/** Ids are repeated to whoever asked with them, but not without end. */
const LONGEST_TOLD = 200
/** A group of more members is not shown again for having gained or lost one. */
const MANY_MEMBERS = 1000

export class ResourceType {
  readonly view: View
  readonly resource: Resource
  readonly #parts: ResourceTypeParts
  readonly #hasMembers: boolean
  /** Do the view's entries tell their versions? Unknown until one has been seen. */
  #isVersioned: boolean | undefined
  /** What the tag of an entry without version is made of, once it is known. */
  #tagged: readonly string[] = []
  #isTagged = false

  constructor(view: View, resource: Resource, parts: ResourceTypeParts) {
    this.view = view
    this.resource = resource
    this.#parts = parts
    this.#hasMembers = resource.schema.attributes.some((a) => a.name === 'members' && refersToResources(a))
  }

  /** @throws VitrineError `unavailable` */
  representation(): Promise<Representation> {
    const known = this.#parts.representations.of(this.view)
    return this.#isTagged ? known : known.then(this.#tag)
  }

  readonly #tag = (representation: Representation): Representation => {
    this.#tagged = taggedBy(representation)
    this.#isTagged = true
    return representation
  }

  can(operation: ResourceOperation): boolean {
    return this.resource.operations.has(operation)
  }

  /** @throws VitrineError noSuchObject */
  async read(target: Target, call: Call): Promise<Answer> {
    const representation = await this.representation()
    const selection = representation.select(call.shown)
    const fetched = this.#withTagged(selection.attributes)
    const entry = await this.#find(representation, target, selection, fetched, call.ctx)
    if (entry === undefined) throw this.#notFound(target)
    const version = this.tagger(fetched)(entry)
    const status = isNotModified(call.conditions, version) ? 304 : 200
    return this.#answer(status, entry, version, selection, representation, call)
  }

  /** @throws VitrineError as `acceptResource`, `Representation.values` and `Directory.add` do */
  async create(body: Json | undefined, call: Call): Promise<Answer> {
    const { directory, dialect } = this.#parts
    const { ctx } = call
    const trusted = call.trusted && this.#hasMembers
    const representation = await this.representation()
    const accepted = acceptResource(this.resource, body ?? null, {
      creates: true,
      entra: dialect.entra,
      refusesUnknown: dialect.refusesUnknown,
    })
    const attributes = representation.values(await this.#settled(accepted, representation, ctx))
    const key = await directory.add({ view: this.view.name, attributes, trusted }, ctx)
    return this.#written(201, { key }, representation, call)
  }

  /** @throws VitrineError as `acceptResource`, `Representation.changes` and `Directory.modify` do */
  async replace(target: Target, body: Json | undefined, call: Call): Promise<Answer> {
    const { dialect } = this.#parts
    const representation = await this.representation()
    const accepted = acceptResource(this.resource, body ?? null, { creates: false, entra: dialect.entra })
    const key = await this.#key(representation, target, call)
    const replacement = await this.#settled(accepted, representation, call.ctx)
    const stored = representation.stored()
    await this.#modify(target, key, { attributes: stored.attributes }, call, (entry) => {
      const before = stored.resource(entry, call.base)
      if (before === undefined) throw this.#notFound(target)
      return representation.changes(before, keepImmutable(this.resource, before, replacement))
    })
    return this.#written(200, { ...target, key }, representation, call)
  }

  /** @throws VitrineError as `patchPlan`, `Representation.changes` and `Directory.modify` do */
  async patch(target: Target, body: Json | undefined, call: Call): Promise<Answer> {
    const { dialect } = this.#parts
    const representation = await this.representation()
    const { entra, refusesUnknown } = dialect
    const profile = { entra, refusesUnknown, bypass: call.trusted }
    const plan = await patchPlan(representation, body, profile, call.ctx)
    const key = await this.#key(representation, target, call)
    await this.#modify(target, key, plan, call, (entry) => {
      const changes = plan.changes(entry, call.base)
      if (changes === undefined) throw this.#notFound(target)
      return changes
    })
    const { attributes, excludedAttributes } = call.shown
    const isQuiet =
      !call.minimal &&
      plan.isMembership &&
      attributes === undefined &&
      (dialect.membershipStatus === 204 ||
        (excludedAttributes === undefined && (await this.#hasManyMembers(key, call))))
    return this.#written(200, { ...target, key }, representation, isQuiet ? { ...call, minimal: true } : call)
  }

  /** @throws VitrineError noSuchObject, assertionFailed, and as `Directory.delete` does */
  async remove(target: Target, call: Call): Promise<Answer> {
    const { conditions, ctx } = call
    const representation = await this.representation()
    const key = await this.#key(representation, target, call)
    const request = { view: this.view.name, id: key }
    await this.#guarded(target, conditions, new Set(), (attributes, check) =>
      this.#parts.directory.delete(
        isConditional(conditions) ? { ...request, attributes, check } : request,
        ctx,
      ),
    )
    return { status: 204 }
  }

  /**
   * Tells the entity-tags of entries of which so much was fetched: undefined where one has no version, and what would
   * have to stand for it was not fetched.
   */
  tagger(fetched: ReadonlySet<string>): (entry: Entry) => string | undefined {
    // Where clients can change nothing, nothing would tell one state from another.
    const isWhole = this.#tagged.length > 0 && this.#tagged.every((attr) => fetched.has(attr))
    return (entry) => {
      const tag = versionTag(entry)
      this.#isVersioned = tag !== undefined && this.#isVersioned !== false
      return tag ?? (isWhole ? contentTag(entry, this.#tagged) : undefined)
    }
  }

  async #find(
    representation: Representation,
    target: Target,
    { displays }: Selection,
    attributes: ReadonlySet<string>,
    ctx: Context,
  ): Promise<Entry | undefined> {
    const question: Question | undefined =
      'key' in target
        ? { filter: { op: 'const', value: true }, id: target.key }
        : representation.locate(target.id)
    if (question === undefined) return undefined
    const request = {
      view: this.view.name,
      ...question,
      attributes,
      displays,
      limit: 1,
      unordered: true as const,
    }
    for await (const [entry] of this.#parts.directory.search(request, ctx)) return entry
    return undefined
  }

  /** With its references as the directory has them; a dialect may let go of those to nobody. */
  #settled(accepted: JsonObject, representation: Representation, ctx: Context): Promise<JsonObject> {
    const { entra } = this.#parts.dialect
    return representation.settle(entra ? representation.withoutStrangers(accepted) : accepted, ctx)
  }

  /** The key of the entry; only where ids stand in a column of their own is it looked for. */
  async #key(representation: Representation, target: Target, { ctx }: Call): Promise<EntryId> {
    if ('key' in target) return target.key
    const question = representation.locate(target.id)
    if (question?.id !== undefined) return question.id
    const selection = representation.select(ID_ONLY)
    const found = question && (await this.#find(representation, target, selection, selection.attributes, ctx))
    if (found === undefined) throw this.#notFound(target)
    return found.id
  }

  async #modify(
    target: Target,
    key: EntryId,
    { attributes, needs }: Pick<ModifyRequest, 'attributes' | 'needs'>,
    { conditions, trusted, ctx }: Call,
    change: (entry: Entry) => readonly Change[],
  ): Promise<void> {
    await this.#guarded(target, conditions, attributes, (fetched, check) =>
      this.#parts.directory.modify(
        {
          view: this.view.name,
          id: key,
          attributes: fetched,
          ...(needs !== undefined && { needs }),
          // References to views that declare UUIDs are known by them.
          displays: fetched.size > 0,
          trusted: trusted && this.#hasMembers,
          change: (entry) => {
            check(entry)
            return change(entry)
          },
        },
        ctx,
      ),
    )
  }

  /**
   * Does what checks the conditions on the locked entry, for which more may have to be fetched than the change itself
   * needs.
   */
  async #guarded(
    target: Target,
    conditions: Conditions,
    attributes: ReadonlySet<string>,
    work: (fetched: ReadonlySet<string>, check: (entry: Entry) => void) => Promise<void>,
  ): Promise<void> {
    const isChecked = isConditional(conditions)
    const all = new Set([...attributes, ...this.#tagged])
    const isEnough = !isChecked || this.#isVersioned === true
    try {
      await work(isEnough ? attributes : all, (entry) => {
        if (!isChecked) return
        const tag = versionTag(entry)
        if (tag === undefined && isEnough) throw new Unversioned()
        checkConditions(conditions, tag ?? contentTag(entry, this.#tagged))
      })
    } catch (error) {
      if (error instanceof Unversioned) {
        this.#isVersioned = false
        return this.#guarded(target, conditions, attributes, work)
      }
      if (error instanceof VitrineError && error.code === 'noSuchObject') throw this.#notFound(target)
      throw error
    }
  }

  /** Would showing them all take much longer than changing one? Nobody has asked to see them (RFC 7644 3.5.2). */
  async #hasManyMembers(key: EntryId, { ctx }: Call): Promise<boolean> {
    const binding = this.resource.bindings.get(bindingKey(this.resource.schema.id, 'members'))
    if (binding?.kind !== 'references') return false
    const count = await this.#parts.directory.countValues(this.view.name, key, binding.attr, ctx)
    return count === undefined || count > MANY_MEMBERS
  }

  /** The answer to what has been written, as the directory now shows it. */
  async #written(
    status: number,
    { id: known, key }: { readonly id?: string; readonly key: EntryId },
    representation: Representation,
    call: Call,
  ): Promise<Answer> {
    const selection = representation.select(call.minimal ? ID_ONLY : call.shown)
    const fetched = this.#withTagged(selection.attributes)
    const find = (target: Target) => this.#find(representation, target, selection, fetched, call.ctx)
    // A new name may be a new key.
    const entry = (await find({ key })) ?? (known === undefined ? undefined : await find({ id: known }))
    // Whoever may write may not be allowed to read, and the view may not show what was written.
    if (entry === undefined) {
      const id = representation.idOf({ view: this.view.name, id: key, attributes: new Map() })
      return { status, ...(id !== undefined && { id, location: this.locationOf(id, call.base) }) }
    }
    return this.#answer(status, entry, this.tagger(fetched)(entry), selection, representation, call)
  }

  /**
   * What is fetched of a single entry so that its tag can be told even if it has no version. Where references would
   * have to be loaded only for that, of which there may be very many, the tag is not told.
   */
  #withTagged(attributes: ReadonlySet<string>): ReadonlySet<string> {
    if (this.#isVersioned === true) return attributes
    const missing = this.#tagged.filter((attr) => !attributes.has(attr))
    if (missing.length === 0 || missing.some((attr) => this.#isLarge(attr))) return attributes
    return new Set([...attributes, ...missing])
  }

  #isLarge(attr: string): boolean {
    const described = this.view.attributes.get(attr)
    return described?.multiValued === true && described.refers.length > 0
  }

  #answer(
    status: number,
    entry: Entry,
    version: string | undefined,
    selection: Selection,
    representation: Representation,
    { base, minimal }: Call,
  ): Answer {
    const id = representation.idOf(entry)
    const body = minimal || status === 304 ? undefined : selection.render(entry, base, version)
    const location = id === undefined ? undefined : this.locationOf(id, base)
    return { status, id, location, version, body }
  }

  locationOf(id: string, base: string): string {
    return `${base}${this.resource.endpoint}/${encodeURIComponent(id)}`
  }

  #notFound(target: Target): VitrineError {
    const told = 'id' in target ? ` with the id ${target.id.slice(0, LONGEST_TOLD)}` : ''
    return new VitrineError('noSuchObject', { message: `there is no ${this.resource.type}${told}` })
  }
}

/** What clients may change of a resource and see, and when it changed. */
function taggedBy(representation: Representation): readonly string[] {
  const { lastModified } = representation.resource
  const shown = representation.select({}).attributes
  const names = new Set(representation.stored().attributes)
  if (lastModified !== undefined) names.add(lastModified)
  return [...names].filter((name) => shown.has(name)).sort()
}

/** An entry of a view that has versions turned out to have none. */
class Unversioned extends Error {}

/** @throws ScimError 405 where the type does not have the operation */
export function demandOperation(type: ResourceType, operation: ResourceOperation): void {
  if (!type.can(operation)) {
    throw new ScimError(405, `${type.resource.type} does not support the operation ${operation}`)
  }
}
