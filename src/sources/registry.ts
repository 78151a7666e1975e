/** The kinds of source that a configuration can name. */
import type { Source } from './source.js'
import { createSqlSource, type SqlOptions } from './sql/source.js'

export type SourceOptions = { readonly type: 'sql' } & SqlOptions

/** Are its columns LDAP attributes, of which each may have several values? */
export function isDirectory(options: { readonly type: string }): boolean {
  return options.type === 'ldap'
}

export function createSource(options: SourceOptions): Source {
  switch (options.type) {
    case 'sql':
      return createSqlSource(options)
  }
}
