/**
 * What the controls of a write ask of it besides: that its entry satisfies an assertion (RFC 4528), and to show the entry
 * as it was and as it has become (RFC 4527).
 */
import {
  type Control,
  controlType,
  type LdapFilter,
  type LdapResult,
  parseAssertion,
  parseReadRequest,
  readResponseControl,
} from '../../../ldap/index.js'
import type { Entry } from '../../../model/entry.js'
import { VitrineError } from '../../../model/errors.js'
import { type Filter, filterAttributes, TRUE } from '../../../model/filter.js'
import { match } from '../../../model/match.js'
import type { Context } from '../../../model/request.js'
import type { EntryId, Value } from '../../../model/value.js'
import type { View } from '../../../model/view.js'
import { satisfies } from '../assertion.js'
import type { Location } from '../namespace.js'
import type { Selection } from '../selection.js'
import type { Target } from './target.js'
import type { WriteParts } from './write-parts.js'

export interface WriteControls {
  /** Is the entry one that may be written, as far as the asker may search it? @throws VitrineError assertionFailed */
  demand(target: Target, ctx: Context): Promise<void>
  /** The same of what is no entry of a view. @throws VitrineError unwillingToPerform where it is to be shown as it was */
  demandAt(location: Exclude<Location, { kind: 'nowhere' }>, ctx: Context): Promise<void>
  /** The same of an entry that is to be. */
  demandOf(attributes: ReadonlyMap<string, readonly Value[]>, view: View): void
  /** What `before` is shown of the entry. */
  attributesOf(view: View): ReadonlySet<string>
  /** Sees the entry as it is, which nobody else changes meanwhile; what it throws leaves it so. May be called again. */
  before(entry: Entry, view: View): void
  /** Is an entry to be shown as it has become? */
  readonly showsAfter: boolean
  /** The answer to what has been done to the entry with this key; undefined: it is gone. */
  after(id: EntryId | undefined, view: View | undefined, ctx: Context): LdapResult | Promise<LdapResult>
}

const DONE: LdapResult = { code: 0 }
const NONE: ReadonlySet<string> = new Set()

const nothing: WriteControls = {
  demand: async () => undefined,
  demandAt: async () => undefined,
  demandOf: () => undefined,
  attributesOf: () => NONE,
  before: () => undefined,
  showsAfter: false,
  after: () => DONE,
}

/** @throws MessageError where a control is malformed, VitrineError where it asks for what there is not */
export function writeControlsOf(controls: readonly Control[], parts: WriteParts): WriteControls {
  return controls.length === 0 ? nothing : new Controlled(controls, parts)
}

class Controlled implements WriteControls {
  readonly #parts: WriteParts
  readonly #assertion: LdapFilter | undefined
  readonly #pre: Selection | undefined
  readonly #post: Selection | undefined
  /** The entry as it was. */
  #was: Control | undefined

  constructor(controls: readonly Control[], parts: WriteParts) {
    this.#parts = parts
    for (const control of controls) {
      if (control.type === controlType.assertion) this.#assertion = parseAssertion(control)
      if (control.type === controlType.preRead) this.#pre = selectionOf(control, parts)
      if (control.type === controlType.postRead) this.#post = selectionOf(control, parts)
    }
  }

  demand({ view, names, parent, name }: Target, ctx: Context): Promise<void> {
    return this.#demand({ kind: 'entry', view, names, parent, name }, ctx)
  }

  async demandAt(location: Exclude<Location, { kind: 'nowhere' }>, ctx: Context): Promise<void> {
    if (this.#pre !== undefined)
      throw new VitrineError('unwillingToPerform', { message: 'of this, nothing is shown as it was' })
    await this.#demand(location, ctx)
  }

  async #demand(location: Exclude<Location, { kind: 'nowhere' }>, ctx: Context): Promise<void> {
    if (this.#assertion === undefined) return
    if (!(await satisfies(this.#parts, location, this.#assertion, ctx))) throw failed()
  }

  demandOf(attributes: ReadonlyMap<string, readonly Value[]>, view: View): void {
    const asserted = this.#assertedOf(view)
    if (asserted === undefined) return
    const whole = new Map([...attributes, ['objectClass', view.objectClasses]])
    if (this.#match(asserted, { view: view.name, id: '', attributes: whole }) !== true) throw failed()
  }

  attributesOf(view: View): ReadonlySet<string> {
    const asserted = this.#assertedOf(view)
    const decisive = asserted === undefined ? [] : filterAttributes(asserted)
    return new Set([
      ...[...decisive].filter((attr) => view.attributes.has(attr)),
      ...(this.#pre?.attributesOf(view) ?? []),
    ])
  }

  before(entry: Entry, view: View): void {
    const asserted = this.#assertedOf(view)
    // It held a moment ago: what cannot be decided on the entry alone has been decided.
    if (asserted !== undefined && this.#match(asserted, entry) === false) throw failed()
    if (this.#pre !== undefined) this.#was = this.#shown(controlType.preRead, entry, view, this.#pre)
  }

  get showsAfter(): boolean {
    return this.#post !== undefined
  }

  async after(id: EntryId | undefined, view: View | undefined, ctx: Context): Promise<LdapResult> {
    const isThere = id !== undefined && view !== undefined
    const is = this.#post && isThere ? await this.#readAgain(id, view, this.#post, ctx) : undefined
    const controls = [this.#was, is].filter((control) => control !== undefined)
    return controls.length === 0 ? DONE : { ...DONE, controls }
  }

  #assertedOf(view: View): Filter | undefined {
    return this.#assertion && this.#parts.translator.translate(this.#assertion, view)
  }

  #match(filter: Filter, entry: Entry): boolean | undefined {
    const { directory, namespace } = this.#parts
    const classes = entry.attributes.get('objectClass')?.map(String)
    if (classes === undefined) return match(filter, entry, directory.matchingOf)
    const attributes = new Map(entry.attributes)
    attributes.set('objectClass', namespace.schema.withSuperclasses(classes))
    return match(filter, { ...entry, attributes }, directory.matchingOf)
  }

  async #readAgain(id: EntryId, view: View, selection: Selection, ctx: Context) {
    const attributes = selection.attributesOf(view)
    const request = { view: view.name, filter: TRUE, id, attributes, limit: 1 }
    for await (const [entry] of this.#parts.directory.search(request, ctx))
      return entry && this.#shown(controlType.postRead, entry, view, selection)
    return undefined
  }

  #shown(
    type: typeof controlType.preRead | typeof controlType.postRead,
    entry: Entry,
    view: View,
    selection: Selection,
  ): Control {
    const { namespace, renderer } = this.#parts
    const dn = namespace.dnOfEntry(entry, view)
    return readResponseControl(type, dn, renderer.attributes(entry, dn, selection, false))
  }
}

function selectionOf(control: Control, { selections, namespace }: WriteParts): Selection {
  const attributes = parseReadRequest(control)
  const isKnown = (wanted: string) =>
    /^(?:[*+@]|1\.1$)/.test(wanted) || namespace.schema.attribute(wanted.split(';')[0] ?? '') !== undefined
  const unknown = attributes.find((wanted) => !isKnown(wanted))
  if (unknown !== undefined && control.critical)
    throw new VitrineError('undefinedAttributeType', { message: `there is no attribute ${unknown}` })
  return selections.of(attributes)
}

const failed = () =>
  new VitrineError('assertionFailed', { message: 'the entry does not satisfy the assertion' })
