/** The kinds of source that a configuration can name. */
import type { IdentityOptions } from './ldap/identities.js'
import type { LdapSourceOptions } from './ldap/options.js'
import { createLdapSource } from './ldap/source.js'
import type { Source } from './source.js'
import { createSqlSource, type SqlOptions } from './sql/source.js'

export type SourceOptions =
  | ({ readonly type: 'sql' } & SqlOptions)
  | ({ readonly type: 'ldap' } & LdapSourceOptions & IdentityOptions)

/** Are its columns LDAP attributes, of which each may have several values? */
export function isDirectory({ type }: Pick<SourceOptions, 'type'>): boolean {
  return type === 'ldap'
}

export function createSource(options: SourceOptions): Source {
  switch (options.type) {
    case 'sql':
      return createSqlSource(options)
    case 'ldap':
      return createLdapSource(options)
  }
}
