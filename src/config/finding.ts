/** One thing found wrong with data, before it is known where in a file it stands; the words for kinds of values. */
import type { Path } from './origin.js'
import type { Complaint } from './scalar.js'

export interface Finding extends Complaint {
  readonly path: Path
  /** `kind`: the value is of another kind altogether. `key`: the key itself is wrong. */
  readonly about: 'missing' | 'unknown' | 'kind' | 'key' | 'value'
  /** For `kind`: the kinds that would do. */
  readonly kinds?: readonly string[]
}

const kindNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  boolean: 'true/false',
  null: 'nothing',
  array: 'a list',
  object: 'a map',
  record: 'a map',
}

/** The value is of another kind than those expected. */
export function kindFinding(path: Path, kinds: readonly string[], value: unknown): Finding {
  const message = `expected ${orList(kinds)}, found ${kindOf(value)}`
  return { path, about: 'kind', kinds, message }
}

/** A schema type by the name that people know it by. */
export function kindName(type: string): string {
  return kindNames[type] ?? type
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  return kindNames[Array.isArray(value) ? 'array' : typeof value] ?? typeof value
}

export function orList(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}
