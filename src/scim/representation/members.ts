/** JSON objects and arrays of what entries hold, put together from closures that write their members. */
import type { Value } from '../../model/value.js'
import type { JsonWriter } from './json-writer.js'

export type Values = ReadonlyMap<string, readonly Value[]>

/** Writes a member of an object, if it has a value. Has it? */
export type Show = (out: JsonWriter, isFirst: boolean, values: Values, base: string) => boolean
/** The same of a value of an array. */
export type ShowOne = (out: JsonWriter, isFirst: boolean, value: Value, base: string) => boolean

/** What begins something in an object or array, by whether it is the first there. */
export class Start {
  readonly #first: string
  readonly #next: string

  constructor(text: string) {
    this.#first = text
    this.#next = `,${text}`
  }

  at(isFirst: boolean): string {
    return isFirst ? this.#first : this.#next
  }
}

/** All members of an object. Is one of them written? */
function writeMembers(out: JsonWriter, members: readonly Show[], values: Values, base: string): boolean {
  let isFirst = true
  for (const show of members) if (show(out, isFirst, values, base)) isFirst = false
  return !isFirst
}

/** An object of these members; none of it if no member has a value. */
export function objectOf(key: string, members: readonly Show[]): Show {
  const start = new Start(`${key}{`)
  return (out, isFirst, values, base) => {
    const { mark } = out
    out.raw(start.at(isFirst))
    if (!writeMembers(out, members, values, base)) return takeBack(out, mark)
    out.raw('}')
    return true
  }
}

export function takeBack(out: JsonWriter, mark: string): false {
  out.takeBack(mark)
  return false
}

/** The first value of a single-valued attribute. */
export function firstOf(attr: string, one: ShowOne): Show {
  return (out, isFirst, values, base) => {
    const first = values.get(attr)?.[0]
    return first !== undefined && one(out, isFirst, first, base)
  }
}

interface Shown {
  readonly attr: string
  readonly one: ShowOne
}

/** All values of these attributes; nothing in place of an empty array (RFC 7643 2.5). */
export function arrayOf(key: string, shown: readonly Shown[]): Show {
  const start = new Start(`${key}[`)
  return (out, isFirst, values, base) => {
    const { mark } = out
    out.raw(start.at(isFirst))
    let isEmpty = true
    for (const { attr, one } of shown) {
      const some = values.get(attr)
      if (some === undefined) continue
      for (const value of some) {
        if (!one(out, isEmpty, value, base)) continue
        isEmpty = false
        out.rest()
      }
    }
    if (isEmpty) return takeBack(out, mark)
    out.raw(']')
    return true
  }
}

/** A member's name with the colon behind it. */
export const keyOf = (name: string) => `${JSON.stringify(name)}:`
