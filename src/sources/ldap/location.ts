/** Where entries of a mapping are: `base??scope?filter`, as an LDAP URL has it behind its slash (RFC 4516 2). */
import type { LdapFilter } from '../../ldap/filter.js'
import { parseFilter } from '../../ldap/filter-text.js'
import type { SearchScope } from '../../ldap/message.js'
import { NoTable } from '../source.js'
import { isBelow, type Names, superiorOf } from './names.js'

export interface Location {
  /** As it is written. */
  readonly base: string
  /** In the form in which names are compared. */
  readonly canonicalBase: string
  readonly scope: SearchScope
  readonly filter: LdapFilter | undefined
}

const scopes: Readonly<Record<string, SearchScope>> = {
  '': 'wholeSubtree',
  base: 'baseObject',
  one: 'singleLevel',
  sub: 'wholeSubtree',
}

/** @throws NoTable */
export function parseLocation(text: string, names: Names): Location {
  const wrong = (what: string) =>
    new NoTable(`${text} is no place in a directory: ${what}`, 'Write it as base??scope?filter')
  const [base = '', attributes = '', scopeText = '', ...rest] = text.split('?')
  const filterText = rest.join('?')
  if (attributes !== '') throw wrong('which attributes are read, the mapping tells')
  const scope = scopes[scopeText.toLowerCase()]
  if (scope === undefined) throw wrong(`its scope is base, one or sub, not ${scopeText}`)
  const canonicalBase = names.canonical(base)
  if (canonicalBase === undefined) throw wrong(`${base} is no distinguished name`)
  try {
    return { base, canonicalBase, scope, filter: filterText === '' ? undefined : parseFilter(filterText) }
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error))
  }
}

/** Can the entry of this canonical name be found there? */
export function isWithin(name: string, { canonicalBase, scope }: Location): boolean {
  switch (scope) {
    case 'baseObject':
      return name === canonicalBase
    case 'singleLevel':
      return superiorOf(name) === canonicalBase
    case 'subordinateSubtree':
      return name !== canonicalBase && isBelow(name, canonicalBase)
    case 'wholeSubtree':
      return isBelow(name, canonicalBase)
  }
}
