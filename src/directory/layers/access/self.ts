/** Whether a name is the asker's own. */
import type { Identity, Principal } from '../../../model/request.js'
import { Ref } from '../../../model/value.js'
import type { Directory } from '../../directory.js'

/** Is it they themselves whom this names? */
export function isSelf(principal: Principal, identity: Identity, directory: Directory): boolean {
  if ('service' in identity) return principal.kind === 'service' && principal.name === identity.service
  return (
    principal.kind === 'entry' &&
    principal.view === identity.view &&
    sameName(new Ref(identity.view, principal.names), new Ref(identity.view, identity.names), directory)
  )
}

/** Names are compared as the references of the view's entries are. */
function sameName(a: Ref, b: Ref, { matchingOf, views }: Directory): boolean {
  const [attr] = views.get(a.view)?.rdn ?? []
  const formOf = attr === undefined ? undefined : matchingOf(attr)?.equality
  const form = formOf?.(a)
  return form !== undefined && form === formOf?.(b)
}
