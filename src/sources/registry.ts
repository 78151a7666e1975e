/** The kinds of source that a configuration can name. */
import type { Log } from '../model/log.js'
import type { Tracing } from '../model/trace.js'
import type { IdentityOptions } from './ldap/identities.js'
import type { LdapSourceOptions } from './ldap/options.js'
import { createLdapSource } from './ldap/source.js'
import type { Source } from './source.js'
import { createSqlSource, type SqlOptions } from './sql/source.js'
import { surveySql } from './sql/survey/survey.js'
import type { Survey } from './survey.js'
import { tracedSource } from './traced.js'

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

/** The same, and what is asked of it is told as part of what goes on. */
export function createTracedSource(
  name: string,
  options: SourceOptions,
  tracing: Tracing,
  log?: Log,
): Source {
  const source = options.type === 'sql' ? createSqlSource(options, tracing) : createSource(options, log)
  const isLdap = options.type === 'ldap'
  const attributes = isLdap ? { 'db.system.name': 'ldap' } : {}
  return tracedSource(source, tracing, { name, elsewhere: isLdap, attributes })
}

/** What there is in a database, for whoever is to make a mapping for it. */
export function surveyOf(options: SqlOptions): Survey {
  return surveySql(options)
}
