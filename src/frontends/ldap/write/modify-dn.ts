/**
 * Modify DN (RFC 4511 4.9): another name within the place of the view. References follow, for they are by keys; to another
 * place an entry does not move.
 */
import { DnError, type LdapResult, type ModifyDnRequest, parseRdn, type Rdn } from '../../../ldap/index.js'
import type { Entry } from '../../../model/entry.js'
import { VitrineError } from '../../../model/errors.js'
import type { Change, Context } from '../../../model/request.js'
import { type Scalar, scalarOf, type Value } from '../../../model/value.js'
import { namingAttributes } from '../../../model/view.js'
import { octetsOfName } from '../../../schema/name-value.js'
import type { Name } from '../names.js'
import { type Container, upFrom } from '../namespace.js'
import { type LdapOperation, NoSuchObject } from '../request.js'
import { formOf } from './given.js'
import { atLevel, demandNamed, idOf, nameOf, noSuchObject, placeOf, type Target, targetAt } from './target.js'
import { writeControlsOf } from './write-controls.js'
import { mayWrite, type WriteParts } from './write-parts.js'

/** What a naming attribute is to be. */
interface NewName {
  readonly attr: string
  readonly value: Scalar
}

export async function modifyDn(
  parts: WriteParts,
  request: ModifyDnRequest,
  op: LdapOperation,
  ctx: Context,
): Promise<LdapResult> {
  const { directory } = parts
  const controls = writeControlsOf(op.controls, parts)
  const name = nameOf(request.entry, parts)
  const newRdn = rdnOf(request.newRdn, parts)
  const superior = request.newSuperior === undefined ? undefined : nameOf(request.newSuperior, parts)
  const location = placeOf(name, parts)
  mayWrite(parts, ctx)
  if (location.kind === 'nowhere') {
    const above = parts.namespace.locate(upFrom(name, 1))
    // Of what lacks a place to stand in, it is not said how far its name leads.
    throw above.kind === 'nowhere' ? new NoSuchObject() : await noSuchObject(above, parts, ctx)
  }
  if (location.kind === 'level') throw await atLevel(location, parts, ctx, 'notAllowedOnNonLeaf')
  const target = await targetAt(location, parts, ctx)
  const { view, id } = target
  await controls.demand(target, ctx)
  const moved =
    superior && parts.namespace.levelsAt(superior).find((at) => at.view.name === view.name)?.values
  if (superior !== undefined && moved === undefined) demandSamePlace(superior, target.parent, parts)
  const levels = moved ?? target.names.slice(view.rdn.length)
  const moves = superior === undefined ? [] : [...(parts.namespace.moveTo(superior, view) ?? [])]
  const wanted = newNames(newRdn, target, parts)
  const named = [...wanted.map(({ attr, value }) => textOf(attr, value, parts)), ...levels]
  const other = await idOf(view, named, parts, ctx)
  if (other !== undefined && other !== id) throw new VitrineError('entryAlreadyExists')
  const { deleteOldRdn } = request
  await directory
    .modify(
      {
        view: view.name,
        id,
        attributes: new Set([...namingAttributes(view), ...controls.attributesOf(view)]),
        needs: new Set(namingAttributes(view)),
        names: named,
        change: (entry) => {
          demandNamed(entry, target, parts)
          controls.before(entry, view)
          return [
            ...wanted.flatMap((one) => changesFor(one, entry, deleteOldRdn, parts)),
            ...moves.flatMap(([attr, value]) => moving(attr, value, entry, parts)),
          ]
        },
      },
      ctx,
    )
    .catch((error: unknown) => {
      throw refusalOf(error, deleteOldRdn)
    })
  if (!controls.showsAfter) return controls.after(id, view, ctx)
  // With its name, its key may have become another.
  return controls.after((await idOf(view, named, parts, ctx)) ?? id, view, ctx)
}

function rdnOf(text: string, { namespace: { schema } }: WriteParts): Rdn {
  try {
    const rdn = parseRdn(text)
    if (rdn.every(({ type }) => schema.attribute(type) !== undefined)) return rdn
  } catch (error) {
    if (!(error instanceof DnError)) throw error
  }
  throw new VitrineError('invalidDNSyntax', { message: 'the new RDN is malformed' })
}

function demandSamePlace(superior: Name, place: Container, { namespace }: WriteParts): void {
  const location = superior.rdns.length === 0 ? undefined : namespace.locate(superior)
  if (location === undefined || (location.kind === 'nowhere' && location.deepest === undefined))
    throw new VitrineError('affectsMultipleDSAs', { message: 'it cannot be moved out of what is kept here' })
  if (location.kind === 'nowhere') throw new NoSuchObject()
  if (location.kind === 'container' && location.container === place) return
  if (location.kind === 'container' && location.container.views.length > 0) {
    throw new VitrineError('affectsMultipleDSAs', {
      message: 'what is kept in that place is kept elsewhere, where this entry cannot be moved to',
    })
  }
  throw new VitrineError('unwillingToPerform', { message: 'nothing can be moved there' })
}

function newNames(rdn: Rdn, { view }: Target, { namespace: { schema } }: WriteParts): readonly NewName[] {
  const typed = rdn.map(({ type, value }) => ({ type: schema.attribute(type), value }))
  if (typed.length !== view.rdn.length || typed.some(({ type }) => !view.rdn.includes(type?.name ?? '')))
    throw new VitrineError('namingViolation', {
      message: `entries here are named by ${view.rdn.join(' and ')}`,
    })
  return view.rdn.map((attr) => {
    const given = typed.find(({ type }) => type?.name === attr)
    const value = given?.type?.syntax.parse(Buffer.from(given.value))
    if (value === undefined || (typeof value === 'string' && !/[^ ]/.test(value)))
      throw new VitrineError('invalidDNSyntax', { message: `${attr} cannot be called so` })
    return { attr, value }
  })
}

function textOf(attr: string, value: Scalar, { namespace: { schema } }: WriteParts): string {
  const text = schema.attribute(attr)?.syntax.render(value)
  return text === undefined ? '' : typeof text === 'string' ? text : Buffer.from(text).toString('utf8')
}

/** The new value becomes the first, by which the entry is called. */
function changesFor(
  { attr, value }: NewName,
  entry: Entry,
  deletesOld: boolean,
  { namespace: { schema } }: WriteParts,
): readonly Change[] {
  const values = entry.attributes.get(attr) ?? []
  const [old] = values
  const matching = schema.matching(attr)
  const form = formOf(value, matching)
  const isNew = (one: Value) => formOf(scalarOf(one) ?? '', matching) === form
  if (old !== undefined && scalarOf(old) === value) return []
  const others = values.slice(1).filter((one) => !isNew(one))
  if (old === undefined || isNew(old) || deletesOld)
    return [{ op: 'replace', attr, values: [value, ...others] }]
  const strict = true
  return [
    { op: 'delete', attr, values: values.filter((one) => one === old || isNew(one)), strict },
    { op: 'add', attr, values: [value, old], strict },
  ]
}

/** An entry moves to another level by its value. */
function moving(
  attr: string,
  value: string | undefined,
  entry: Entry,
  { namespace: { schema } }: WriteParts,
): readonly Change[] {
  const [old] = entry.attributes.get(attr) ?? []
  if (value === undefined) return old === undefined ? [] : [{ op: 'replace', attr, values: [] }]
  const type = schema.attribute(attr)
  const wanted = type && schema.parse(attr, octetsOfName(type, value), 'equality')
  const matching = schema.matching(attr)
  if (wanted === undefined) throw new VitrineError('invalidDNSyntax', { message: `${attr} cannot be so` })
  const isThere = old !== undefined && formOf(scalarOf(old) ?? '', matching) === formOf(wanted, matching)
  return isThere ? [] : [{ op: 'replace', attr, values: [wanted] }]
}

function refusalOf(error: unknown, deletesOld: boolean): unknown {
  if (!(error instanceof VitrineError)) return error
  const { code } = error
  if (code === 'notModifiable')
    return new VitrineError('unwillingToPerform', { message: error.safeMessage, cause: error })
  if (code !== 'constraintViolation' || deletesOld) return error
  return new VitrineError('unwillingToPerform', {
    message: 'the old name cannot stay as a further value; say that it is to be deleted (deleteoldrdn)',
    cause: error,
  })
}
