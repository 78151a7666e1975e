/**
 * Where `bulkId:name` stands for the id of a resource that the same bulk request creates (RFC 7644 3.7.2): in paths of
 * operations, in values, in references by URI, and in the paths of PATCH operations.
 */
import { copyObject, emptyObject, isArray, isObject, type Json, type JsonObject } from '../../scim/json.js'

export type BulkMethod = 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** An operation whose references are resolved. */
export interface BulkOperation {
  readonly method: BulkMethod
  /** As the client wrote it, e.g. `/Users/1`. */
  readonly path: string
  readonly version?: string
  readonly data?: Json
}

/** The id behind a bulkId. */
export type Resolve = (name: string) => string | undefined

/** A path without slashes around it. */
export function withoutSlashes(path: string): string {
  let [from, end] = [0, path.length]
  while (path[from] === '/') from++
  while (end > from && path[end - 1] === '/') end--
  return path.slice(from, end)
}

const PREFIX = 'bulkId:'
/** In `/Users/bulkId:x`. */
const AT_END = /\/bulkId:([^/?#]+)$/
/** In `members[value eq "bulkId:x"]`. */
const QUOTED = /"bulkId:([^"\\]+)"/g

/**
 * Every bulkId that the operation needs. A value that only looks like one, and names no creation, is text, unless it
 * stands where only a reference makes sense.
 */
export function bulkIdsIn(operation: BulkOperation, isKnown: (name: string) => boolean): ReadonlySet<string> {
  const names = new Set<string>()
  const found = AT_END.exec(operation.path)?.[1]
  if (found !== undefined) names.add(decoded(found))
  if (operation.data !== undefined) {
    collect(operation.data, undefined, (name, key) => {
      if (key === 'value' || key === 'path' || key === '$ref' || isKnown(name)) names.add(name)
    })
  }
  return names
}

export function resolveBulkIds(operation: BulkOperation, resolve: Resolve): BulkOperation {
  const { data } = operation
  return {
    ...operation,
    path: operation.path.replace(AT_END, (whole, name: string) => {
      const id = resolve(decoded(name))
      return id === undefined ? whole : `/${encodeURIComponent(id)}`
    }),
    ...(data !== undefined && { data: replaced(data, undefined, resolve) }),
  }
}

/**
 * A new resource without what refers to some bulkIds, and the PATCH operations that add it when they are there. Whole
 * elements are left out of lists, and else whole attributes.
 */
export function withoutBulkIds(
  data: JsonObject,
  names: ReadonlySet<string>,
): { data: JsonObject; operations: readonly JsonObject[] } {
  const operations: JsonObject[] = []
  const leaveOut = (object: JsonObject, prefix: string): JsonObject => {
    const rest = emptyObject()
    for (const name in object) {
      const value = object[name]
      if (value === undefined) continue
      const path = `${prefix}${name}`
      if (!mentions(value, name, names)) rest[name] = value
      else if (isExtension(name) && isObject(value)) rest[name] = leaveOut(value, `${name}:`)
      else if (isArray(value)) {
        const left = value.filter((element) => !mentions(element, name, names))
        if (left.length > 0) rest[name] = left
        operations.push({ op: 'add', path, value: value.filter((element) => mentions(element, name, names)) })
      } else operations.push({ op: 'add', path, value })
    }
    return rest
  }
  return { data: leaveOut(data, ''), operations }
}

function isExtension(name: string): boolean {
  return /^urn:/i.test(name)
}

function mentions(json: Json, key: string, names: ReadonlySet<string>): boolean {
  let found = false
  collect(json, key, (name) => {
    if (names.has(name)) found = true
  })
  return found
}

function collect(
  json: Json,
  key: string | undefined,
  found: (name: string, key: string | undefined) => void,
): void {
  if (typeof json === 'string') {
    if (json.startsWith(PREFIX)) found(json.slice(PREFIX.length), key)
    else if (key === 'path') for (const [, name] of json.matchAll(QUOTED)) found(name ?? '', key)
    else if (key === '$ref') {
      const name = AT_END.exec(json)?.[1]
      if (name !== undefined) found(decoded(name), key)
    }
  } else if (isArray(json)) for (const element of json) collect(element, key, found)
  else if (isObject(json)) for (const name in json) collect(json[name] ?? null, name.toLowerCase(), found)
}

function replaced(json: Json, key: string | undefined, resolve: Resolve): Json {
  if (typeof json === 'string') {
    if (json.startsWith(PREFIX)) return resolve(json.slice(PREFIX.length)) ?? json
    if (key === 'path') {
      return json.replace(QUOTED, (whole, name: string) => {
        const id = resolve(name)
        return id === undefined ? whole : JSON.stringify(id)
      })
    }
    if (key === '$ref') {
      return json.replace(AT_END, (whole, name: string) => {
        const id = resolve(decoded(name))
        return id === undefined ? whole : `/${encodeURIComponent(id)}`
      })
    }
    return json
  }
  if (isArray(json)) return json.map((element) => replaced(element, key, resolve))
  if (!isObject(json)) return json
  const object = copyObject(json)
  for (const name in object) object[name] = replaced(object[name] ?? null, name.toLowerCase(), resolve)
  return object
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
