/** Modify (RFC 4511 4.6): all changes of the request or none, decided on the entry as it is when they are made. */
import type { LdapResult, ModifyRequest } from '../../../ldap/index.js'
import { VitrineError } from '../../../model/errors.js'
import type { Context } from '../../../model/request.js'
import type { View } from '../../../model/view.js'
import type { LdapOperation } from '../request.js'
import { EditedEntry } from './edited-entry.js'
import { formOf, type Modification, modificationsOf } from './given.js'
import { demandNamed, nameOf, placeOf, type Target, targetAt } from './target.js'
import { writeControlsOf } from './write-controls.js'
import { mayWrite, type WriteParts } from './write-parts.js'

export async function modify(
  parts: WriteParts,
  request: ModifyRequest,
  op: LdapOperation,
  ctx: Context,
): Promise<LdapResult> {
  const { directory, namespace } = parts
  const controls = writeControlsOf(op.controls, parts)
  const name = nameOf(request.object, parts)
  const modifications = modificationsOf(request.changes, namespace.schema)
  const location = placeOf(name, parts)
  mayWrite(parts, ctx)
  const target = await targetAt(location, parts, ctx)
  const { view, id } = target
  await controls.demand(target, ctx)
  await demandOldPasswords(modifications, target, parts, ctx)
  const unread = await unreadOf(modifications, target, parts, ctx)
  const read = attributesToRead(modifications, view, unread)
  const rules = parts.rulesOf(view)
  const asked = directory.modify(
    {
      view: view.name,
      id,
      attributes: new Set([...read.attributes, ...controls.attributesOf(view)]),
      needs: read.needs,
      prehashed: true,
      change: (entry) => {
        demandNamed(entry, target, parts)
        controls.before(entry, view)
        const edited = new EditedEntry(entry, { directory, namespace, view, rules }, unread)
        for (const modification of modifications) edited.apply(modification)
        return edited.changes()
      },
    },
    ctx,
  )
  await asked.catch((error: unknown) => {
    // Some other value than its name is to be unique.
    throw error instanceof VitrineError && error.code === 'entryAlreadyExists'
      ? new VitrineError('constraintViolation', { message: error.safeMessage, cause: error })
      : error
  })
  return controls.after(id, view, ctx)
}

/** Who takes a password away and says which must know it. */
async function demandOldPasswords(
  modifications: readonly Modification[],
  { view, names }: Target,
  { directory }: WriteParts,
  ctx: Context,
): Promise<void> {
  for (const { operation, type, values } of modifications) {
    if (operation !== 'delete' || view.attributes.get(type.name)?.verifyOnly !== true) continue
    for (const value of values) {
      const password = value instanceof Uint8Array ? value : Buffer.from(String(value))
      if ((await directory.authenticate({ view: view.name, names }, password, ctx)) === undefined)
        throw new VitrineError('noSuchAttribute', { message: `${type.name} has no such value` })
    }
  }
}

interface ToRead {
  readonly attributes: ReadonlySet<string>
  readonly needs: ReadonlySet<string>
}

function attributesToRead(
  modifications: readonly Modification[],
  view: View,
  unread: ReadonlySet<string>,
): ToRead {
  const attributes = new Set<string>(view.rdn)
  const needs = new Set<string>()
  for (const { operation, type, values } of modifications) {
    const described = view.attributes.get(type.name)
    if (described === undefined || described.verifyOnly || unread.has(type.name)) continue
    if (type.name === 'objectClass') continue
    attributes.add(type.name)
    // What is replaced, or taken away whatever it is, need not be known.
    if (operation !== 'replace' && !(operation === 'delete' && values.length === 0)) needs.add(type.name)
  }
  return { attributes, needs }
}

/**
 * References of which there may be very many, and of which some are added or deleted: the directory then looks for these
 * alone. But where the last might be taken from an entry that needs one, all are read.
 */
async function unreadOf(
  modifications: readonly Modification[],
  { view, id }: Target,
  parts: WriteParts,
  ctx: Context,
): Promise<ReadonlySet<string>> {
  const { directory, namespace } = parts
  const unread = new Set<string>()
  for (const [name, attribute] of view.attributes) {
    if (attribute.refers.length === 0 || !attribute.multiValued || attribute.mixed === true) continue
    if (!attribute.writable) continue
    const own = modifications.filter(({ type }) => type.name === name)
    const isByValue = own.every(
      ({ operation, values }) => (operation === 'add' || operation === 'delete') && values.length > 0,
    )
    if (own.length === 0 || !isByValue) continue
    const matching = namespace.schema.matching(name)
    const forms = own.map(({ values }) => [...new Set(values.map((value) => formOf(value, matching)))])
    if (new Set(forms.flat()).size < forms.flat().length) continue
    const deleted = own.filter(({ operation }) => operation === 'delete').flatMap(({ values }) => values)
    if (deleted.length > 0 && parts.rulesOf(view).requires(name)) {
      const count = await directory.countValues(view.name, id, name, ctx)
      if (count !== undefined && count <= deleted.length) continue
    }
    unread.add(name)
  }
  return unread
}
