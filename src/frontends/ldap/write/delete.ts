/** Delete (RFC 4511 4.8). */
import { controlType, type DelRequest, findControl, type LdapResult } from '../../../ldap/index.js'
import { VitrineError } from '../../../model/errors.js'
import type { Context } from '../../../model/request.js'
import type { Container } from '../namespace.js'
import { type LdapOperation, NoSuchObject } from '../request.js'
import { below, isShown, withSubordinates } from '../subordinates.js'
import { hasTrees, removeTree } from './delete-tree.js'
import { atLevel, demandNamed, nameOf, placeOf, targetAt } from './target.js'
import { writeControlsOf } from './write-controls.js'
import { mayWrite, type WriteParts } from './write-parts.js'

export async function remove(
  parts: WriteParts,
  request: DelRequest,
  op: LdapOperation,
  ctx: Context,
): Promise<LdapResult> {
  const controls = writeControlsOf(op.controls, parts)
  const location = placeOf(nameOf(request.entry, parts), parts)
  mayWrite(parts, ctx)
  const isTree =
    hasTrees(parts.directory.views.values()) && findControl(op.controls, controlType.treeDelete) !== undefined
  if (location.kind === 'container') throw await whyItStays(location.container, isTree, parts, ctx)
  if (location.kind === 'level' && isTree) return removeTree(location, parts, controls, ctx)
  if (location.kind === 'level') throw await atLevel(location, parts, ctx, 'notAllowedOnNonLeaf')
  const target = await targetAt(location, parts, ctx)
  const { view, id } = target
  await controls.demand(target, ctx)
  await parts.directory.delete(
    {
      view: view.name,
      id,
      attributes: new Set([...view.rdn, ...controls.attributesOf(view)]),
      check: (entry) => {
        demandNamed(entry, target, parts)
        controls.before(entry, view)
      },
    },
    ctx,
  )
  return controls.after(undefined, view, ctx)
}

/** Containers are said in the configuration and go with it. */
async function whyItStays(
  container: Container,
  isTree: boolean,
  parts: WriteParts,
  ctx: Context,
): Promise<VitrineError> {
  const { directory } = parts
  if (!(await isShown(container, directory, ctx))) return new NoSuchObject()
  if (!isTree && below(await withSubordinates(container, 'any', directory, ctx)).any)
    return new VitrineError('notAllowedOnNonLeaf')
  return new VitrineError('unwillingToPerform', { message: 'this entry is not kept by any source' })
}
