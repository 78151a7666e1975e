/** Principals by their DNs. */
import type { Principal } from '../../model/request.js'
import { parseName } from './names.js'
import type { Namespace } from './namespace.js'

/** The normal form of a DN, in which equal names are identical. */
export function formOfDn(dn: string, namespace: Namespace): string {
  return parseName(dn, namespace.schema).forms.join('\x01')
}

/** Is a principal the service account or the entry that the DN names? */
export function principalNamed(dn: string, namespace: Namespace): (principal: Principal) => boolean {
  const form = formOfDn(dn, namespace)
  const location = namespace.locate(parseName(dn, namespace.schema))
  return (principal) => {
    if (principal.kind === 'service') return formOfDn(principal.name, namespace) === form
    if (principal.kind !== 'entry' || location.kind !== 'entry' || principal.view !== location.view.name)
      return false
    return formOfDn(namespace.dnOfRef(principal, location.view), namespace) === form
  }
}
