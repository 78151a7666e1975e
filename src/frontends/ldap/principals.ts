/** Principals by their DNs. */
import type { Identity, Principal } from '../../model/request.js'
import { keyOf, parseName } from './names.js'
import type { Namespace } from './namespace.js'

/** The normal form of a DN, in which equal names are identical. */
export function formOfDn(dn: string, namespace: Namespace): string {
  return keyOf(parseName(dn, namespace.schema).forms)
}

/** Whom a DN names: a service account, or what may be an entry; undefined if neither. */
export function identityNamed(
  dn: string,
  namespace: Namespace,
  serviceAccounts: readonly { readonly dn: string }[],
): Identity | undefined {
  const form = formOfDn(dn, namespace)
  const service = serviceAccounts.find((account) => formOfDn(account.dn, namespace) === form)
  if (service !== undefined) return { service: service.dn }
  const location = namespace.locate(parseName(dn, namespace.schema))
  return location.kind === 'entry' ? { view: location.view.name, names: location.names } : undefined
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
