/** Where configuration data stands, so that a problem can name file, line, column and key path. */
import type { ConfigProblem } from './config-error.js'

/** Keys and indexes that lead from the root of the data to a value. */
export type Path = readonly (string | number)[]

export interface Position {
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
}

/** A value has two places: its own, and that of the key it stands under. */
export type Spot = 'key' | 'value'

export type Place = Pick<ConfigProblem, 'file' | 'line' | 'column' | 'path'>

export interface Origin {
  /** Of something that is not there: the place of what it would stand in. */
  place(path: Path, spot: Spot): Place
  /** The value as its author wrote it, before interpolation. */
  written(path: Path): unknown
}

/** Data handed over as an object: it has paths, but no file. */
export function objectOrigin(data: unknown): Origin {
  return {
    place: (path) => ({ path: showPath(path) }),
    written: (path) => valueAt(data, path),
  }
}

/** The part of an origin below `prefix`. */
export function within(origin: Origin, prefix: Path): Origin {
  return {
    place: (path, spot) => origin.place([...prefix, ...path], spot),
    written: (path) => origin.written([...prefix, ...path]),
  }
}

/** `below`, except for what `above` puts in its place; maps of both are merged, and count as `below`'s. */
export function overlaid(above: unknown, below: Origin): Origin {
  const upper = objectOrigin(above)
  const originOf = (path: Path) => {
    const value = valueAt(above, path)
    if (value === undefined || path.length === 0) return below
    return isRecord(value) && below.written(path) !== undefined ? below : upper
  }
  return {
    place: (path, spot) => originOf(path).place(path, spot),
    written: (path) => originOf(path).written(path),
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Own properties and elements only; undefined if there is nothing. */
export function valueAt(data: unknown, path: Path): unknown {
  let value = data
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Readonly<Record<string | number, unknown>>)[key]
  }
  return value
}

/** `attributes.mail[1].column`; keys that are no plain names are quoted: `attributes["a.b"]`. */
export function showPath(path: Path): string {
  let text = ''
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`
    else if (!/^[\w$;-]+$/.test(key)) text += `[${JSON.stringify(key)}]`
    else text += text === '' ? key : `.${key}`
  }
  return text
}
