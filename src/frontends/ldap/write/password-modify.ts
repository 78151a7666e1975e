/** Password Modify (RFC 3062): whose password, whether the old one is right, and a new one, made here if none is given. */
import { randomInt } from 'node:crypto'
import {
  type ExtendedRequest,
  type ExtendedResult,
  parsePasswordModify,
  passwordModifyResponse,
} from '../../../ldap/index.js'
import { VitrineError } from '../../../model/errors.js'
import type { Context } from '../../../model/request.js'
import type { View } from '../../../model/view.js'
import { NoSuchObject } from '../request.js'
import { demandNamed, idOf, nameOf, placeOf, type Target, targetAt } from './target.js'
import type { WriteParts } from './write-parts.js'

/** Without those that look alike. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'
const LENGTH = 16

/** Can passwords of its entries be set? */
export const hasPasswords = (view: View) => secretOf(view)?.writable === true

export async function modifyPassword(
  parts: WriteParts,
  request: ExtendedRequest,
  ctx: Context,
): Promise<ExtendedResult> {
  const { directory } = parts
  const { userIdentity = '', oldPassword, newPassword } = parsePasswordModify(request.value)
  if (ctx.principal.kind === 'anonymous')
    throw new VitrineError('strongerAuthRequired', { message: 'only who has bound may change passwords' })
  if (newPassword?.length === 0)
    throw new VitrineError('unwillingToPerform', { message: 'a password cannot be empty' })
  const target = await whose(userIdentity, parts, ctx)
  const { view, names, id } = target
  const secret = secretOf(view)
  if (secret === undefined) parts.rulesOf(view).demandAllowed('userPassword')
  if (secret?.writable !== true)
    throw new VitrineError('unwillingToPerform', { message: 'passwords are not set here' })
  if (
    oldPassword !== undefined &&
    (await directory.authenticate({ view: view.name, names }, oldPassword, ctx)) === undefined
  )
    throw new VitrineError('unwillingToPerform', { message: 'the old password is not the right one' })
  const password = newPassword ?? generated()
  await directory.modify(
    {
      view: view.name,
      id,
      attributes: new Set(view.rdn),
      change: (entry) => {
        demandNamed(entry, target, parts)
        return [{ op: 'replace', attr: secret.name, values: [password] }]
      },
    },
    ctx,
  )
  return { code: 0, ...(newPassword === undefined && { value: passwordModifyResponse(password) }) }
}

function secretOf({ attributes }: View) {
  const standard = attributes.get('userPassword')
  return standard?.verifyOnly === true ? standard : [...attributes.values()].find((a) => a.verifyOnly)
}

/** A DN, the same behind `dn:`, `u:` and what entries that bind are called by, or nothing for who asks. */
async function whose(identity: string, parts: WriteParts, ctx: Context): Promise<Target> {
  const { principal } = ctx
  if (identity === '') {
    if (principal.kind !== 'entry')
      throw new VitrineError('unwillingToPerform', {
        message: 'the password of this account is said in the configuration',
      })
    return found(principal.view, principal.names, principal.id, parts)
  }
  const user = /^u:(.+)$/is.exec(identity)?.[1]
  if (user !== undefined) return ofUser(user, parts, ctx)
  const dn = identity.replace(/^dn:/i, '')
  return targetAt(placeOf(nameOf(dn, parts), parts), parts, ctx)
}

async function ofUser(user: string, parts: WriteParts, ctx: Context): Promise<Target> {
  for (const view of parts.directory.views.values()) {
    if (!view.bindable || view.rdn.length !== 1) continue
    const id = await idOf(view, [user], parts, ctx)
    if (id !== undefined) return found(view.name, [user], id, parts)
  }
  throw new NoSuchObject()
}

function found(name: string, names: readonly string[], id: string, parts: WriteParts): Target {
  const view = parts.directory.views.get(name)
  if (view === undefined) throw new NoSuchObject()
  const dn = parts.namespace.dnOfRef({ view: name, names }, view)
  return { view, names, id, name: nameOf(dn, parts), parent: parts.namespace.parentOf(name) }
}

function generated(): Buffer {
  return Buffer.from(Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join(''))
}
