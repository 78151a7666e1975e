/** The kinds of source that a configuration can name. */
import type { Source } from './source.js'
import { createSqlSource, type SqlOptions } from './sql/source.js'

export type SourceOptions = { readonly type: 'sql' } & SqlOptions

export function createSource(options: SourceOptions): Source {
  switch (options.type) {
    case 'sql':
      return createSqlSource(options)
  }
}
