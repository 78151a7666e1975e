/** The kinds of source that a configuration can name. */
import type { Log } from '../model/log.js'
import type { IdentityOptions } from './ldap/identities.js'
import type { LdapSourceOptions } from './ldap/options.js'
import { createLdapSource } from './ldap/source.js'
import type { Source } from './source.js'
import { createSqlSource, type SqlOptions } from './sql/source.js'
import { surveySql } from './sql/survey/survey.js'
import type { Survey } from './survey.js'

export type SourceOptions =
  | ({ readonly type: 'sql' } & SqlOptions)
  | ({ readonly type: 'ldap' } & LdapSourceOptions & IdentityOptions)

/** Are its columns LDAP attributes, of which each may have several values? */
export function isDirectory({ type }: Pick<SourceOptions, 'type'>): boolean {
  return type === 'ldap'
}

/** @param log hears what is no error of anybody's request, such as why a password was refused */
export function createSource(options: SourceOptions, log?: Log): Source {
  switch (options.type) {
    case 'sql':
      return createSqlSource(options)
    case 'ldap':
      return createLdapSource(options, log)
  }
}

/** What there is in a database, for whoever is to make a mapping for it. */
export function surveyOf(options: SqlOptions): Survey {
  return surveySql(options)
}
