/**
 * The tree: the suffix, the containers above the views, and where an entry of a view hangs. Translates between
 * DNs and entries, both ways.
 */

import type { Rdn } from '../../ldap/index.js'
import type { Entry } from '../../model/entry.js'
import { VitrineError } from '../../model/errors.js'
import { Ref } from '../../model/value.js'
import type { View } from '../../model/view.js'
import { nameInDn, octetsOfName } from '../../schema/name-value.js'
import type { Schema } from '../../schema/schema.js'
import { containerEntry, type DeclaredContainer } from './containers.js'
import { EntryDns } from './entry-dn.js'
import { depthBelow, formOf, keyAbove, keyOf, type Name, parseName } from './names.js'
import type { OwnEntry } from './own-entry.js'

/** What the configuration says of the tree. */
export interface TreeConfig {
  /** DNs, none below another. What is relative is below the first. */
  readonly suffix: readonly string[]
  readonly containers?: readonly DeclaredContainer[]
}

/** An entry of the tree that no source holds. */
export interface Container extends OwnEntry {
  readonly name: Name
  /** Views whose entries are right below it. */
  readonly views: readonly View[]
  /** Views whose entries are anywhere below it. */
  readonly viewsBelow: readonly View[]
  /** It is there for whoever can find anything in one of these. */
  readonly shownWith: readonly View[]
  /** Those right below it. */
  readonly containers: readonly Container[]
}

/** A level as one view has it. */
export interface LevelPart {
  readonly view: View
  /** From the top down; none for the view's base. */
  readonly values: readonly string[]
}

/** What a DN leads to. */
export type Location =
  | { readonly kind: 'container'; readonly container: Container }
  /** A DN that an entry of the view can have; whether there is one, the source knows. */
  | {
      readonly kind: 'entry'
      readonly view: View
      readonly names: readonly string[]
      /** The container right below which the view hangs, above its levels. */
      readonly parent: Container
      readonly name: Name
    }
  /** A level that entries of these views can hang below; whether any does, the source knows. */
  | { readonly kind: 'level'; readonly name: Name; readonly of: readonly LevelPart[] }
  /** Nothing can be there; `deepest` is the lowest place above it that can. */
  | { readonly kind: 'nowhere'; readonly deepest: Location | undefined }

/** A container while the tree grows. */
interface Draft {
  readonly name: Name
  readonly views: View[]
  declared: DeclaredContainer | undefined
}

export class Namespace {
  /** The naming contexts; the first is what relative names are below. */
  readonly suffixes: readonly [Container, ...Container[]]
  readonly schema: Schema
  /** Superiors before what is below them. */
  readonly containers: readonly Container[]
  readonly #byForm: ReadonlyMap<string, Container>
  readonly #parents: ReadonlyMap<string, Container>
  /** Views that hang below levels, with the names of their bases. */
  readonly #levelled: readonly (readonly [View, Name])[]
  readonly #dns: EntryDns
  /** RDNs of the deepest container or level. */
  readonly #deepest: number

  constructor(tree: TreeConfig, views: Iterable<View>, schema: Schema) {
    this.schema = schema
    this.#dns = new EntryDns(schema, (view) => this.parentOf(view))
    const tops = topsOf(tree, schema)
    const drafts = new Map<string, Draft>()
    const add = (name: Name): Draft => {
      const key = keyOf(name.forms)
      const draft = drafts.get(key) ?? { name, views: [], declared: undefined }
      drafts.set(key, draft)
      return draft
    }
    for (const top of tops) add(top)
    /** With everything between it and its suffix, spelled as it is there. */
    const grow = (dn: string): Draft => {
      const { name, depth } = placed(dn, tops, schema)
      let draft = add(upFrom(name, depth))
      for (let up = depth - 1; up >= 0; up--) {
        const rdns = [name.rdns[up] ?? [], ...draft.name.rdns]
        draft = add({ rdns, forms: name.forms.slice(up) })
      }
      return draft
    }
    for (const container of tree.containers ?? []) grow(container.dn).declared ??= container
    const placeOf = new Map<View, Draft>()
    for (const view of views) {
      const draft = grow(view.base)
      draft.views.push(view)
      placeOf.set(view, draft)
    }
    this.#byForm = built([...drafts.values()], tops, schema)
    this.containers = [...this.#byForm.values()].sort((a, b) => a.name.rdns.length - b.name.rdns.length)
    const [first, ...others] = tops.map((top) => this.#at(top))
    this.suffixes = [first ?? this.#at(tops[0]), ...others]
    this.#parents = new Map([...placeOf].map(([view, { name }]) => [view.name, this.#at(name)]))
    this.#levelled = [...placeOf].flatMap(([view, { name }]) => (view.levels ? [[view, name] as const] : []))
    const depths = this.#levelled.map(([{ levels = [] }, { rdns }]) => rdns.length + levels.length)
    this.#deepest = Math.max(...this.containers.map((c) => c.name.rdns.length), ...depths)
  }

  /** The container right above a view's entries. */
  parentOf(view: string): Container {
    return this.#parents.get(view) ?? this.suffixes[0]
  }

  #at(name: Name): Container {
    const found = this.#byForm.get(keyOf(name.forms))
    if (found === undefined) throw new TypeError(`${keyOf(name.forms)} is not in the tree`)
    return found
  }

  /**
   * What a client's name leads to.
   * @throws VitrineError invalidDNSyntax, also for what nothing can be called
   */
  find(name: Name): Location {
    const location = this.locate(name)
    if (location.kind !== 'nowhere' || name.fault === undefined) return location
    throw new VitrineError('invalidDNSyntax', { detail: name.fault })
  }

  locate(name: Name): Location {
    // A name may be thousands of RDNs deep; what is below any entry is passed over at once.
    const excess = name.forms.length - this.#deepest - 1
    const container = excess >= 0 ? undefined : this.#byForm.get(keyOf(name.forms))
    if (container !== undefined) return { kind: 'container', container }
    const parent = excess > 0 ? undefined : this.#byForm.get(keyAbove(name))
    if (parent === undefined && !this.suffixes.some(({ name: top }) => depthBelow(name, top) !== undefined))
      return { kind: 'nowhere', deepest: undefined }
    if (excess > 0) return this.#below(name, excess)
    const [rdn] = name.rdns
    for (const view of parent?.views ?? []) {
      const names = rdn && this.#namesOf(rdn, view)
      if (names !== undefined && parent !== undefined) return { kind: 'entry', view, names, parent, name }
    }
    return (this.#levelled.length > 0 ? this.#amongLevels(name) : undefined) ?? this.#below(name, 1)
  }

  #amongLevels(name: Name): Location | undefined {
    const superior = upFrom(name, 1)
    const [rdn] = name.rdns
    for (const { view, values } of this.levelsAt(superior)) {
      const names = rdn && values.length > 0 ? this.#namesOf(rdn, view) : undefined
      if (names !== undefined)
        return { kind: 'entry', view, names: [...names, ...values], parent: this.parentOf(view.name), name }
    }
    const of = this.levelsAt(name).filter(({ values }) => values.length > 0)
    return of.length > 0 ? { kind: 'level', name, of } : undefined
  }

  /** The views of which a name is a level, or the base. */
  levelsAt(name: Pick<Name, 'rdns' | 'forms'>): readonly LevelPart[] {
    return this.#levelled.flatMap(([view, base]): LevelPart[] => {
      const depth = depthBelow(name, base)
      const { levels = [] } = view
      if (depth === undefined || depth > levels.length) return []
      const values = levels.slice(0, depth).map(({ type, attr }, i) => {
        const [ava, ...others] = name.rdns[depth - 1 - i] ?? []
        if (ava === undefined || others.length > 0 || this.schema.attribute(ava.type)?.name !== type)
          return undefined
        return this.#nameOf(attr, ava.value)
      })
      return values.includes(undefined) ? [] : [{ view, values: values.map(String) }]
    })
  }

  /** The name of a level, spelled as these values are. */
  levelName({ view, values }: LevelPart): Name {
    let { rdns, forms } = this.parentOf(view.name).name
    for (const [i, value] of values.entries()) {
      const rdn = [{ type: view.levels?.[i]?.type ?? '', value }]
      rdns = [rdn, ...rdns]
      forms = [formOf(rdn, this.schema), ...forms]
    }
    return { rdns, forms }
  }

  /** What a level is shown as; undefined where a container is in its place. */
  levelEntry(name: Name): OwnEntry | undefined {
    return this.#byForm.has(keyOf(name.forms))
      ? undefined
      : containerEntry(name, false, this.schema, undefined)
  }

  /**
   * Which attributes change how where an entry is moved below another place; undefined values are taken from it.
   * Undefined if entries of the view cannot hang there.
   */
  moveTo(superior: Name, view: View): ReadonlyMap<string, string | undefined> | undefined {
    if (depthBelow(superior, this.parentOf(view.name).name) === 0)
      return new Map((view.levels ?? []).slice(0, 1).map(({ attr }) => [attr, undefined]))
    const values = this.levelsAt(superior).find((part) => part.view.name === view.name)?.values
    return values && new Map(view.levels?.slice(0, values.length + 1).map(({ attr }, i) => [attr, values[i]]))
  }

  /** What is right above something that may not be there. */
  above({ name }: Extract<Location, { kind: 'entry' | 'level' }>): Location {
    return this.locate(upFrom(name, 1))
  }

  #below(name: Name, levels: number): Location {
    const above = this.locate(upFrom(name, levels))
    return { kind: 'nowhere', deepest: above.kind === 'nowhere' ? above.deepest : above }
  }

  /** The entry that a DN names, if it can be one of these views. */
  refTo(dn: string, views: readonly string[]): Ref | undefined {
    return this.refAt(parseName(dn, this.schema), views)
  }

  refAt(name: Name, views: readonly string[]): Ref | undefined {
    const location = this.locate(name)
    return location.kind === 'entry' && views.includes(location.view.name)
      ? new Ref(location.view.name, location.names)
      : undefined
  }

  /** Undefined for what lacks a naming attribute: it has no DN, and so no place in the tree. */
  dnOf(entry: Entry, view: View): string | undefined {
    return this.#dns.of(entry, view)
  }

  /** The DN of what has one. */
  dnOfEntry(entry: Entry, view: View): string {
    return this.dnOf(entry, view) ?? ''
  }

  dnOfRef(ref: Pick<Ref, 'view' | 'names'>, view: View): string {
    return this.#dns.ofRef(ref, view)
  }

  /** The values of the view's RDN attributes, in its order; undefined if the RDN is made of others. */
  #namesOf(rdn: Rdn, view: View): readonly string[] | undefined {
    if (rdn.length !== view.rdn.length) return undefined
    const [attr = '', ...others] = view.rdn
    const [ava] = rdn
    if (ava !== undefined && others.length === 0) {
      const isSame = this.schema.attribute(ava.type) === this.schema.attribute(attr)
      const name = isSame ? this.#nameOf(attr, ava.value) : undefined
      return name === undefined ? undefined : [name]
    }
    const names = view.rdn.map((attr) => {
      const type = this.schema.attribute(attr)
      const found = rdn.find((ava) => this.schema.attribute(ava.type) === type)?.value
      return found === undefined ? undefined : this.#nameOf(attr, found)
    })
    return names.includes(undefined) ? undefined : names.map(String)
  }

  /** What a DN says of a naming attribute; undefined where it can have no such value. */
  #nameOf(attr: string, found: string | Buffer): string | undefined {
    const type = this.schema.attribute(attr)
    const name = type === undefined || found.length === 0 ? undefined : nameInDn(type, found)
    // Nothing but text is shown that its syntax does not accept.
    if (name === undefined || type === undefined || type.syntax.kind === 'text') return name
    return this.schema.parse(attr, octetsOfName(type, name), 'equality') === undefined ? undefined : name
  }
}

export function upFrom({ rdns, forms }: Name, levels: number): Name {
  return { rdns: rdns.slice(levels), forms: forms.slice(levels) }
}

function topsOf({ suffix }: TreeConfig, schema: Schema): readonly [Name, ...Name[]] {
  const [first = '', ...others] = suffix
  return [parseName(first, schema), ...others.map((dn) => parseName(dn, schema))]
}

/** A DN of the configuration as a whole, and how many RDNs it has below its suffix. */
function placed(dn: string, tops: readonly [Name, ...Name[]], schema: Schema): { name: Name; depth: number } {
  const name = parseName(dn, schema)
  for (const top of tops) {
    const depth = depthBelow(name, top)
    if (depth !== undefined) return { name, depth }
  }
  const [{ rdns, forms }] = tops
  const whole = { rdns: [...name.rdns, ...rdns], forms: [...name.forms, ...forms] }
  return { name: whole, depth: name.rdns.length }
}

/** The whole DN of what the configuration names. */
export function placedName(dn: string, tree: TreeConfig, schema: Schema): Name {
  return placed(dn, topsOf(tree, schema), schema).name
}

function built(
  drafts: readonly Draft[],
  tops: readonly Name[],
  schema: Schema,
): ReadonlyMap<string, Container> {
  const byForm = new Map<string, Container>()
  const below = ({ name }: Draft) => drafts.filter((other) => depthBelow(other.name, name) !== undefined)
  // From the bottom up: each knows those below it.
  const upwards = [...drafts].sort((a, b) => b.name.rdns.length - a.name.rdns.length)
  for (const draft of upwards) {
    const { name, views, declared } = draft
    const isSuffix = tops.some((top) => depthBelow(name, top) === 0)
    const viewsBelow = below(draft).flatMap((d) => d.views)
    byForm.set(keyOf(name.forms), {
      ...containerEntry(name, isSuffix, schema, declared),
      name,
      views,
      viewsBelow,
      shownWith: viewsBelow.length > 0 ? viewsBelow : viewsAround(name, drafts),
      containers: [...byForm.values()].filter((other) => depthBelow(other.name, name) === 1),
    })
  }
  return byForm
}

/** Of what has none below itself: those of the nearest superior that has, or else all. */
function viewsAround(name: Name, drafts: readonly Draft[]): readonly View[] {
  for (let up = 1; up < name.rdns.length; up++) {
    const superior = upFrom(name, up)
    const views = drafts
      .filter((other) => depthBelow(other.name, superior) !== undefined)
      .flatMap((d) => d.views)
    if (views.length > 0) return views
  }
  return drafts.flatMap((d) => d.views)
}
