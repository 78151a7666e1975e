/** Add (RFC 4511 4.7): a new entry of the view whose place its name is in. */
import type { AddRequest, LdapResult } from '../../../ldap/index.js'
import { VitrineError } from '../../../model/errors.js'
import type { Context } from '../../../model/request.js'
import type { Scalar, Value } from '../../../model/value.js'
import { namingAttributes, type View } from '../../../model/view.js'
import { levelThere } from '../levels.js'
import type { Name } from '../names.js'
import { type Location, upFrom } from '../namespace.js'
import type { LdapOperation } from '../request.js'
import { isShown } from '../subordinates.js'
import { attributesOf, formOf, type Given } from './given.js'
import { idOf, LEVEL, nameOf, noSuchObject, placeOf } from './target.js'
import { writeControlsOf } from './write-controls.js'
import { mayWrite, type WriteParts } from './write-parts.js'

export async function add(
  parts: WriteParts,
  request: AddRequest,
  op: LdapOperation,
  ctx: Context,
): Promise<LdapResult> {
  const { directory, namespace } = parts
  const controls = writeControlsOf(op.controls, parts)
  const name = nameOf(request.entry, parts)
  const given = attributesOf(request.attributes, namespace.schema)
  mayWrite(parts, ctx)
  const location = placeOf(name, parts)
  if (location.kind === 'container') throw new VitrineError('entryAlreadyExists')
  if (location.kind === 'nowhere') throw await noPlace(name, parts, ctx)
  if (location.kind === 'level') {
    if ((await levelThere(location, parts, ctx)) !== undefined) throw new VitrineError('entryAlreadyExists')
    throw new VitrineError('unwillingToPerform', { message: LEVEL })
  }
  const { view, names } = location
  const rules = parts.rulesOf(view)
  rules.demandFit(given.get('objectClass')?.values.map(String))
  const named = withNames(given, view, names, parts)
  for (const attr of named.keys()) rules.demandAllowed(attr)
  rules.demandWhole((attr) => named.has(attr))
  const attributes = new Map(
    [...named.values()]
      .filter(({ type }) => type.name !== 'objectClass')
      .map((one) => [one.type.name, valuesIn(view, one, parts)]),
  )
  if ((await idOf(view, names, parts, ctx)) !== undefined) throw new VitrineError('entryAlreadyExists')
  controls.demandOf(attributes, view)
  try {
    const id = await directory.add({ view: view.name, attributes, names, prehashed: true }, ctx)
    return await controls.after(id, view, ctx)
  } catch (error) {
    if (!(error instanceof VitrineError && error.code === 'entryAlreadyExists')) throw error
    // What is taken may be the name, or something else that is to be unique. A copy may not have heard of it yet.
    const uncopied: Context = { ...ctx, signal: ctx.signal, uncopied: true }
    if ((await idOf(view, names, parts, uncopied)) !== undefined) throw error
    throw new VitrineError('constraintViolation', { message: error.safeMessage, cause: error })
  }
}

/** Why there can be no entry of this name. */
async function noPlace(name: Name, parts: WriteParts, ctx: Context): Promise<VitrineError> {
  const above = parts.namespace.locate(upFrom(name, 1))
  if (above.kind === 'nowhere') return noSuchObject(above.deepest, parts, ctx)
  const refused = (message: string) => new VitrineError('unwillingToPerform', { message })
  if (above.kind === 'entry') {
    const exists = (await idOf(above.view, above.names, parts, ctx)) !== undefined
    return exists
      ? refused('entries here have no others below them')
      : noSuchObject({ kind: 'container', container: above.parent } satisfies Location, parts, ctx)
  }
  if (above.kind === 'level')
    return new VitrineError('namingViolation', {
      message: `entries here are named by ${above.of.map(({ view: { rdn } }) => rdn.join(' and ')).join(', or ')}`,
    })
  const { container } = above
  if (!(await isShown(container, parts.directory, ctx))) return noSuchObject(undefined, parts, ctx)
  if (container.views.length === 0) return refused('nothing can be added here')
  const ways = container.views.map(({ rdn }) => rdn.join(' and '))
  return new VitrineError('namingViolation', { message: `entries here are named by ${ways.join(', or ')}` })
}

/** With the values that the name is made of in front, which are implied where they are not given. */
function withNames(
  given: ReadonlyMap<string, Given>,
  view: View,
  names: readonly string[],
  { namespace: { schema } }: WriteParts,
): ReadonlyMap<string, Given> {
  const all = new Map(given)
  const next = view.levels?.[names.length - view.rdn.length]
  if (next !== undefined && given.has(next.attr))
    throw new VitrineError('namingViolation', { message: `the name says nothing of ${next.attr}` })
  namingAttributes(view)
    .slice(0, names.length)
    .forEach((attr, i) => {
      const isLevel = i >= view.rdn.length
      const type = schema.attribute(attr)
      const value = type?.syntax.parse(Buffer.from(names[i] ?? ''))
      if (type === undefined || value === undefined)
        throw new VitrineError('invalidDNSyntax', { message: `${attr} cannot be called so` })
      const matching = schema.matching(attr)
      const form = formOf(value, matching)
      const values = given.get(attr)?.values ?? []
      const own = values.find((one) => formOf(one, matching) === form)
      if (own === undefined && values.length > 0 && (isLevel || type.singleValued))
        throw new VitrineError('namingViolation', { message: `${attr} has another value than the name` })
      all.set(attr, { type, values: [own ?? value, ...values.filter((one) => one !== own)] })
    })
  return all
}

function valuesIn(view: View, { type, values }: Given, { namespace }: WriteParts): readonly Value[] {
  const described = view.attributes.get(type.name)
  if (described?.verifyOnly === true && values.length > 1)
    throw new VitrineError('constraintViolation', { message: `${type.name} holds one value at most` })
  const refers = described?.refers ?? []
  return refers.length === 0
    ? values
    : values.map((value: Scalar) => {
        const ref = typeof value === 'string' ? namespace.refTo(value, refers) : undefined
        if (ref !== undefined || described?.mixed === true) return ref ?? value
        throw new VitrineError('constraintViolation', {
          message: `${type.name}: there is no such entry to refer to`,
        })
      })
}
