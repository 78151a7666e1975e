/** Reads the file that is imported: its text, what it holds as the product wrote it, and where each key stands. */
import { z } from 'zod'
import { ConfigError } from '../config/config-error.js'
import { type Origin, type Path, valueAt } from '../config/origin.js'
import { problem, schemaProblems } from '../config/report.js'
import { parseYaml } from '../config/yaml-source.js'
import { parseFilter } from '../ldap/filter-text.js'
import { parseDn } from '../ldap/index.js'
import type { Remark } from './imported.js'

/** What is said beside the file. */
export interface ImportSettings {
  /** Opens passwords of Janssen. */
  readonly salt?: string
  /** The URL of a SCIM service that people are pushed to. */
  readonly target?: string
}

export interface Input {
  /** As problems name it. */
  readonly file: string
  readonly text: string
}

/** What an imported file holds, and how to complain of it. */
export class Parsed<T> {
  readonly #origin: Origin

  constructor(
    readonly data: T,
    origin: Origin,
  ) {
    this.#origin = origin
  }

  /** @throws ConfigError with file, line and key */
  fail(path: Path, message: string, remedy: string): never {
    throw new ConfigError([problem(this.#origin, path, { message, remedy })])
  }

  /** A search filter in parentheses, also where it was written without. @throws ConfigError */
  filter(path: Path): string | undefined {
    const written = valueAt(this.data, path)
    const text = typeof written === 'string' ? written.trim() : ''
    if (text === '') return undefined
    return this.filterOf(path, text.startsWith('(') ? text : `(${text})`)
  }

  /** The filter, which was made of what stands at the path. @throws ConfigError where it is none */
  filterOf(path: Path, filter: string): string {
    try {
      parseFilter(filter)
      return filter
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      return this.fail(path, `is no LDAP filter: ${reason}`, 'Correct it, or remove it.')
    }
  }

  /** A distinguished name. @throws ConfigError */
  dn(path: Path): string {
    const written = valueAt(this.data, path)
    try {
      if (typeof written === 'string' && parseDn(written).length > 0) return written.trim()
    } catch {
      // Said below.
    }
    return this.fail(path, 'is no distinguished name', 'Correct it, e.g. ou=people,dc=example,dc=com.')
  }
}

/** YAML, or JSON, which is YAML too. @throws ConfigError */
export function parseInput<S extends z.ZodType>({ file, text }: Input, schema: S): Parsed<z.output<S>> {
  const source = parseYaml(text, file)
  if (!source.usable || source.problems.length > 0) throw new ConfigError(source.problems)
  return checked(source.data, source.origin, schema)
}

/** @throws ConfigError with everything that the schema has against the data */
export function checked<S extends z.ZodType>(data: unknown, origin: Origin, schema: S): Parsed<z.output<S>> {
  const { data: parsed, error } = schema.safeParse(data)
  if (error !== undefined) throw new ConfigError(schemaProblems(error, schema, data, origin))
  return new Parsed(parsed as z.output<S>, origin)
}

/** Text; numbers and truth values as they would be written. */
export const text = z.union([z.string(), z.number(), z.boolean()]).transform(String)

/** A truth value as JSON has it, or as text. */
export const truth = z
  .union([z.boolean(), z.string().regex(/^(?:true|false|yes|no|1|0)$/i, 'is neither true nor false')])
  .transform((value) => /^(?:true|yes|1)$/i.test(String(value)))

export const count = z
  .union([z.number().int().nonnegative(), z.string().regex(/^\d{1,9}$/, 'is no whole number')])
  .transform(Number)

/** Keys of the file that no importer reads: those of which it is known why, and others. */
export function leftOver(
  data: object,
  prefix: string,
  read: Iterable<string>,
  reasons: Readonly<Record<string, string>>,
): readonly Remark[] {
  const known = new Set(read)
  return Object.keys(data).flatMap((key): Remark[] =>
    known.has(key)
      ? []
      : [{ key: `${prefix}${key}`, kind: 'none', text: reasons[key] ?? 'not known to this importer' }],
  )
}
