/** What samples of a column say that it holds. No word that is said here holds anything of a sample. */
import { readStored } from '../directory/password/schemes.js'
import type { Cell } from '../sources/source.js'
import type { SampleRow, SurveyedColumn, SurveyedTable } from '../sources/survey.js'

/** A table with some of its rows. */
export class Sampled {
  readonly table: SurveyedTable
  readonly #rows: readonly SampleRow[]
  readonly #at: ReadonlyMap<string, number>

  /** @param columns those of the rows, in their order */
  constructor(table: SurveyedTable, columns: readonly SurveyedColumn[], rows: readonly SampleRow[]) {
    this.table = table
    this.#rows = rows
    this.#at = new Map(columns.map(({ name }, at) => [name, at]))
  }

  get size(): number {
    return this.#rows.length
  }

  /** Its values, without NULL and blank text. */
  values(column: string): readonly Exclude<Cell, null>[] {
    return this.pairs(column, column).map(([value]) => value)
  }

  /** The values of two columns in rows that have both. */
  pairs(first: string, second: string): readonly (readonly [Exclude<Cell, null>, Exclude<Cell, null>])[] {
    const a = this.#at.get(first)
    const b = this.#at.get(second)
    if (a === undefined || b === undefined) return []
    return this.#rows.flatMap((row) => {
      const left = row[a] ?? null
      const right = row[b] ?? null
      return isValue(left) && isValue(right) ? [[left, right] as const] : []
    })
  }
}

function isValue(cell: Cell): cell is Exclude<Cell, null> {
  return cell !== null && (typeof cell !== 'string' || cell.trim() !== '')
}

/** How many of some values are of a kind. */
export interface Share {
  readonly some: number
  readonly all: number
}

export const ratio = ({ some, all }: Share) => (all === 0 ? 0 : some / all)

function share(values: readonly Exclude<Cell, null>[], test: (text: string) => boolean): Share {
  return { some: values.filter((value) => test(String(value))).length, all: values.length }
}

type Values = readonly Exclude<Cell, null>[]

export const addresses = (values: Values) => share(values, (text) => /^[^\s@]+@[^\s@]+$/.test(text.trim()))

export const numbersOfPhones = (values: Values) =>
  share(values, (text) => /^[+(]?[\d][\d\s()./-]{4,24}(?:\s*(?:x|ext\.?)\s*\d+)?$/i.test(text.trim()))

export const uuids = (values: Values) =>
  share(values, (text) => /^\{?[\da-f]{8}-?(?:[\da-f]{4}-?){3}[\da-f]{12}\}?$/i.test(text))

export const urls = (values: Values) => share(values, (text) => /^https?:\/\/\S+$/i.test(text))

/** Names of people and things: letters, and neither an address nor a number. */
export const namesOfPeople = (values: Values) =>
  share(values, (text) => /^[\p{L}\p{M}'’.,\- ]+$/u.test(text.trim()) && /\p{L}/u.test(text))

export const withSpaces = (values: Values) => share(values, (text) => /\S\s+\S/.test(text.trim()))

/** What people put before a name. */
export const salutations = (values: Values) =>
  share(values, (text) =>
    /^(?:mr|mrs|ms|miss|mx|dr|prof|herr|frau|m|mme|mlle|sr|sra|sig|dhr|mevr)\b\.?$/i.test(text.trim()),
  )

/** What log-in names are made of. */
export const logins = (values: Values) => share(values, (text) => /^[^\s/\\]{1,64}$/.test(text))

/** How many values are different, in any case of letters. */
export function different(values: Values): number {
  return new Set(values.map((value) => String(value).trim().toLowerCase())).size
}

export function isDistinct(values: Values): boolean {
  return different(values) === values.length
}

/** What stored passwords are. */
export interface Hashes extends Share {
  /** Those that are verified, by what they begin with or are well known as. */
  readonly schemes: readonly string[]
  /** What the rest looks like, where it can be told. */
  readonly others: readonly string[]
}

const UNVERIFIED: readonly (readonly [RegExp, string])[] = [
  [/^AQAAAA[\w+/]+=*$/, 'ASP.NET Core Identity'],
  [/^AA[A-Za-z0-9+/]{64}==$/, 'ASP.NET Identity 2'],
  [/^[\da-f]{32}$/i, 'MD5 without salt'],
  [/^[\da-f]{40}$/i, 'SHA-1 without salt'],
  [/^[\da-f]{64}$/i, 'SHA-256 without salt'],
  [/^[\da-f]{128}$/i, 'SHA-512 without salt'],
  [/^\*[\dA-F]{40}$/, 'MySQL PASSWORD()'],
  [/^[./A-Za-z\d]{13}$/, 'DES crypt'],
]

export function hashes(values: Values): Hashes {
  const schemes = new Set<string>()
  const others = new Set<string>()
  let some = 0
  for (const value of values) {
    const text = String(value)
    // What begins like this is nobody's password.
    if (/^[!*]/.test(text) && !/^\*[\dA-F]{40}$/.test(text)) continue
    const { scheme, hash } = readStored(text)
    if (typeof hash === 'object') {
      some++
      schemes.add(NAMES[scheme ?? ''] ?? scheme ?? '')
    } else {
      const known = UNVERIFIED.find(([form]) => form.test(text))?.[1]
      if (known !== undefined) others.add(known)
      else if (scheme !== undefined) others.add(scheme)
    }
  }
  return { some, all: values.length, schemes: [...schemes].sort(), others: [...others].sort() }
}

const NAMES: Readonly<Record<string, string>> = {
  $2a$: 'bcrypt',
  $2b$: 'bcrypt',
  $2y$: 'bcrypt',
  $argon2id$: 'Argon2id',
  $argon2i$: 'Argon2i',
  $argon2d$: 'Argon2d',
  $1$: 'MD5-crypt',
  $5$: 'SHA-256-crypt',
  $6$: 'SHA-512-crypt',
  $P$: 'phpass',
  $H$: 'phpass',
  $wp$: 'WordPress bcrypt',
  pbkdf2_sha256$: 'Django PBKDF2',
}

/** Do numbers look like times, counted from 1970 in seconds or milliseconds? */
export function epoch(values: Values): 'epoch' | 'epochMillis' | undefined {
  const numbers = values.map(Number)
  const within = (least: number, most: number) =>
    numbers.length > 0 && numbers.every((n) => Number.isInteger(n) && n >= least && n <= most)
  if (within(100_000_000, 5_000_000_000)) return 'epoch'
  return within(100_000_000_000, 5_000_000_000_000) ? 'epochMillis' : undefined
}

/** 16 octets, as UUIDs are. */
export const sixteenOctets = (values: Values): Share => ({
  some: values.filter((value) => value instanceof Uint8Array && value.length === 16).length,
  all: values.length,
})

export const jpegs = (values: Values): Share => ({
  some: values.filter((value) => value instanceof Uint8Array && value[0] === 0xff && value[1] === 0xd8)
    .length,
  all: values.length,
})
