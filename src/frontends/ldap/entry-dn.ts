/** The DNs of what views hold: found out once per view is what all of its entries' have in common. */
import { namesOf } from '../../directory/naming.js'
import { escapeRdnValue } from '../../ldap/index.js'
import type { Entry } from '../../model/entry.js'
import type { Ref } from '../../model/value.js'
import type { View } from '../../model/view.js'
import { octetsOfName } from '../../schema/name-value.js'
import type { Schema } from '../../schema/schema.js'

/** A DN that is a text between two that are the same for all entries of a view. */
interface Simple {
  readonly attr: string
  readonly before: string
  readonly after: string
}

export class EntryDns {
  readonly #schema: Schema
  readonly #parentOf: (view: string) => { readonly dn: string }
  /** False for views whose DNs are not simple. */
  readonly #simple = new Map<View, Simple | false>()

  /** @param parentOf the container right above a view's entries */
  constructor(schema: Schema, parentOf: (view: string) => { readonly dn: string }) {
    this.#schema = schema
    this.#parentOf = parentOf
  }

  /** Undefined for what lacks a naming attribute: it has no DN, and so no place in the tree. */
  of(entry: Entry, view: View): string | undefined {
    let simple = this.#simple.get(view)
    if (simple === undefined) {
      simple = this.#simpleOf(view)
      this.#simple.set(view, simple)
    }
    if (simple !== false) {
      const name = entry.attributes.get(simple.attr)?.[0]
      if (typeof name === 'string' && name !== '')
        return `${simple.before}${escapeRdnValue(name)}${simple.after}`
    }
    const names = namesOf(entry, view, this.#schema)
    return names && this.ofRef({ view: view.name, names }, view)
  }

  ofRef({ names }: Pick<Ref, 'view' | 'names'>, view: View): string {
    let dn = ''
    for (let i = 0; i < view.rdn.length; i++) {
      const attr = view.rdn[i] ?? ''
      dn += `${dn === '' ? '' : '+'}${attr}=${this.#escaped(attr, names[i] ?? '')}`
    }
    const { levels } = view
    if (levels !== undefined) {
      for (let i = names.length - 1; i >= view.rdn.length; i--) {
        const level = levels[i - view.rdn.length]
        if (level !== undefined) dn += `,${level.type}=${escapeRdnValue(names[i] ?? '')}`
      }
    }
    return `${dn},${this.#parentOf(view.name).dn}`
  }

  #simpleOf({ name, rdn: [attr, ...others], levels = [] }: View): Simple | false {
    const isText = attr !== undefined && this.#schema.attribute(attr)?.syntax.kind === 'text'
    if (!isText || others.length > 0 || levels.length > 0) return false
    return { attr, before: `${attr}=`, after: `,${this.#parentOf(name).dn}` }
  }

  #escaped(attr: string, name: string): string {
    const type = this.#schema.attribute(attr)
    return escapeRdnValue(type?.syntax.kind === 'binary' ? octetsOfName(type, name) : name)
  }
}
