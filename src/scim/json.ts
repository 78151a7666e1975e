/** JSON as requests and answers hold it. Objects made from what a client sent have no prototype. */

export type Json = null | string | number | boolean | readonly Json[] | JsonObject

export interface JsonObject {
  readonly [name: string]: Json
}

/** An object that is still being put together; it has no prototype, so that every name is only a name. */
export interface MutableJsonObject {
  [name: string]: Json
}

export function emptyObject(): MutableJsonObject {
  return Object.create(null) as MutableJsonObject
}

/** The same members in an object of their own. */
export function copyObject(object: JsonObject): MutableJsonObject {
  return Object.assign(emptyObject(), object)
}

export function isObject(json: Json | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

export function isArray(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json)
}

/** Has the attribute no value? `null` and the empty array say so too (RFC 7643 2.5). */
export function isAbsent(json: Json | undefined): json is undefined | null | readonly [] {
  return json === undefined || json === null || (Array.isArray(json) && json.length === 0)
}
