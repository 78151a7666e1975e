/**
 * What the controls of a write ask of it besides: to look at the entry before it is changed, and at what has become of it.
 */
import type { LdapResult, Operation } from '../../../ldap/index.js'
import type { Entry } from '../../../model/entry.js'
import type { Context } from '../../../model/request.js'
import type { EntryId } from '../../../model/value.js'
import type { View } from '../../../model/view.js'

export interface WriteControls {
  /** What `before` is shown of the entry. */
  attributesOf(view: View): ReadonlySet<string>
  /** Sees the entry as it is, which nobody else changes meanwhile; what it throws leaves it so. May be called again. */
  before(entry: Entry, view: View): void
  /** The answer to what has been done to the entry with this key; undefined: it is gone. */
  after(id: EntryId | undefined, view: View, ctx: Context): LdapResult | Promise<LdapResult>
}

const DONE: LdapResult = { code: 0 }
const NONE: ReadonlySet<string> = new Set()

const nothing: WriteControls = {
  attributesOf: () => NONE,
  before: () => undefined,
  after: () => DONE,
}

/** @throws VitrineError where a control is malformed */
export function writeControlsOf(_controls: Operation['controls']): WriteControls {
  return nothing
}
