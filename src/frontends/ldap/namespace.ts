/**
 * The tree: the suffix, the containers above the views, and where an entry of a view hangs. Translates between
 * DNs and entries, both ways.
 */
import { escapeRdnValue, formatDn, parseDn, type Rdn } from '../../ldap/index.js'
import type { Entry } from '../../model/entry.js'
import { Ref, scalarOf, type Value } from '../../model/value.js'
import type { View } from '../../model/view.js'
import type { Schema } from '../../schema/schema.js'
import { depthBelow, formatName, type Name, parseName } from './names.js'
import { type OwnEntry, ownEntry } from './own-entry.js'

/** An entry of the tree that no source holds. */
export interface Container extends OwnEntry {
  readonly name: Name
  /** Views whose entries are right below it. */
  readonly views: readonly View[]
  /** Views whose entries are anywhere below it. */
  readonly viewsBelow: readonly View[]
}

/** What a DN leads to. */
export type Location =
  | { readonly kind: 'container'; readonly container: Container }
  /** A DN that an entry of the view can have; whether there is one, the source knows. */
  | {
      readonly kind: 'entry'
      readonly view: View
      readonly names: readonly string[]
      readonly parent: Container
    }
  /** Nothing can be there; `deepest` is the lowest place above it that can. */
  | { readonly kind: 'nowhere'; readonly deepest: Location | undefined }

const containerClasses: Readonly<Record<string, string>> = {
  ou: 'organizationalUnit',
  o: 'organization',
  dc: 'domain',
  c: 'country',
  l: 'locality',
  cn: 'namedObject',
}

export class Namespace {
  readonly suffix: Container
  readonly schema: Schema
  /** Superiors before what is below them. */
  readonly containers: readonly Container[]
  readonly #byForm: ReadonlyMap<string, Container>
  readonly #parents: ReadonlyMap<string, Container>
  /** RDNs of the deepest container. */
  readonly #deepest: number

  constructor(suffix: string, views: Iterable<View>, schema: Schema) {
    this.schema = schema
    const drafts = new Map<string, { name: Name; views: View[] }>()
    const add = (name: Name) => {
      const key = name.forms.join('\x01')
      const known = drafts.get(key)
      if (known !== undefined) return known
      const draft = { name, views: [] }
      drafts.set(key, draft)
      return draft
    }
    const top = parseName(suffix, schema)
    add(top)
    const viewAt = new Map<View, string>()
    for (const view of views) {
      const rdns = [...parseDn(view.base), ...top.rdns]
      for (let up = rdns.length - top.rdns.length; up >= 0; up--) {
        const draft = add(parseName(formatDn(rdns.slice(up)), schema))
        if (up === 0) draft.views.push(view)
        if (up === 0) viewAt.set(view, draft.name.forms.join('\x01'))
      }
    }
    const byForm = new Map<string, Container>()
    for (const [key, { name, views: own }] of drafts) {
      const below = [...drafts.values()]
        .filter((d) => depthBelow(d.name, name) !== undefined)
        .flatMap((d) => d.views)
      byForm.set(key, this.#container(name, own, below, top))
    }
    this.#byForm = byForm
    this.containers = [...byForm.values()].sort((a, b) => a.name.rdns.length - b.name.rdns.length)
    this.#deepest = Math.max(...this.containers.map((c) => c.name.rdns.length))
    this.suffix = byForm.get(top.forms.join('\x01')) ?? this.#container(top, [], [], top)
    this.#parents = new Map([...viewAt].map(([view, key]) => [view.name, byForm.get(key) ?? this.suffix]))
  }

  /** The container right above a view's entries. */
  parentOf(view: string): Container {
    return this.#parents.get(view) ?? this.suffix
  }

  locate(name: Name): Location {
    const container =
      name.forms.length > this.#deepest ? undefined : this.#byForm.get(name.forms.join('\x01'))
    if (container !== undefined) return { kind: 'container', container }
    if (depthBelow(name, this.suffix.name) === undefined) return { kind: 'nowhere', deepest: undefined }
    // A name may be thousands of RDNs deep; what is below any entry is passed over at once.
    const excess = name.forms.length - this.#deepest - 1
    if (excess > 0) return this.#below(name, excess)
    const parent = this.#byForm.get(name.forms.slice(1).join('\x01'))
    const [rdn] = name.rdns
    for (const view of parent?.views ?? []) {
      const names = rdn && this.#namesOf(rdn, view)
      if (names !== undefined && parent !== undefined) return { kind: 'entry', view, names, parent }
    }
    return this.#below(name, 1)
  }

  #below(name: Name, levels: number): Location {
    const above = this.locate({ rdns: name.rdns.slice(levels), forms: name.forms.slice(levels) })
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

  dnOfEntry(entry: Entry, view: View): string {
    let rdn = ''
    for (const attr of view.rdn) {
      const [value] = entry.attributes.get(attr) ?? []
      rdn += `${rdn === '' ? '' : '+'}${attr}=${escapeRdnValue(this.#text(attr, value))}`
    }
    return `${rdn},${this.parentOf(view.name).dn}`
  }

  dnOfRef(ref: Pick<Ref, 'view' | 'names'>, view: View): string {
    const rdn = view.rdn.map((attr, i) => `${attr}=${escapeRdnValue(ref.names[i] ?? '')}`).join('+')
    return `${rdn},${this.parentOf(view.name).dn}`
  }

  #text(attr: string, value: Value | undefined): string {
    const scalar = value === undefined ? undefined : scalarOf(value)
    if (typeof scalar === 'string') return scalar
    if (scalar === undefined) return ''
    return String(this.schema.attribute(attr)?.syntax.render(scalar) ?? '')
  }

  /** The values of the view's RDN attributes, in its order; undefined if the RDN is made of others. */
  #namesOf(rdn: Rdn, view: View): readonly string[] | undefined {
    if (rdn.length !== view.rdn.length) return undefined
    const names = view.rdn.map((attr) => {
      const found = rdn.find(({ type }) => this.schema.attribute(type)?.name === attr)?.value
      return found === undefined || typeof found === 'string' ? found : found.toString('utf8')
    })
    return names.includes(undefined) ? undefined : names.map(String)
  }

  #container(name: Name, views: readonly View[], viewsBelow: readonly View[], suffix: Name): Container {
    const [rdn] = name.rdns
    const attributes = new Map<string, readonly Value[]>()
    const isSuffix = name.forms.length === suffix.forms.length
    const [first] = rdn ?? []
    const type = this.schema.attribute(first?.type ?? '')?.name ?? 'ou'
    const value = String(first?.value ?? '')
    const classes =
      type === 'dc' && isSuffix
        ? ['top', 'dcObject', 'organization']
        : ['top', containerClasses[type] ?? 'extensibleObject']
    attributes.set('objectClass', classes)
    attributes.set(type, [value])
    if (classes.includes('organization') && type !== 'o') attributes.set('o', [value])
    attributes.set('structuralObjectClass', [classes.at(-1) ?? 'top'])
    const dn = formatName(name)
    return { ...ownEntry({ view: '', id: dn, attributes }, dn, this.schema), name, views, viewsBelow }
  }
}
