/**
 * Finds out what ids refer to where an attribute may refer to several kinds of resource, the client did not say which
 * and the id could be of more than one: by looking which of them there is.
 */
import type { Directory } from '../../directory/directory.js'
import { type Filter, TRUE } from '../../model/filter.js'
import type { Context } from '../../model/request.js'
import { copyObject, isAbsent, isArray, isObject, type Json, type JsonObject } from '../json.js'
import { type Outline, type ReferencesNode, refTo, type Target } from './outline.js'
import { jsonAt, mentionIn, own } from './references.js'

type Searched = Pick<Directory, 'search' | 'schema'>

/** So many ids are looked up at a time. */
const AT_ONCE = 500

export async function settle(
  outline: Outline,
  json: JsonObject,
  directory: Searched,
  ctx: Context,
): Promise<JsonObject> {
  let result = json
  for (const node of outline.nodes) {
    if (node.kind !== 'references' || node.targets.length < 2) continue
    const given = jsonAt(json, node)
    if (isAbsent(given)) continue
    const elements = isArray(given) ? given : [given]
    const settled = await settleElements(node, elements, directory, ctx)
    if (settled === elements) continue
    result = withJson(result, node, isArray(given) ? settled : (settled[0] ?? null))
  }
  return result
}

export function withoutStrangers(outline: Outline, json: JsonObject): JsonObject {
  let result = json
  for (const node of outline.nodes) {
    if (node.kind !== 'references' || node.attribute.multiValued) continue
    const given = jsonAt(json, node)
    if (isAbsent(given) || mentionIn(node, given)?.candidates.length !== 0) continue
    result = withJson(result, node, null)
  }
  return result
}

function withJson(
  json: JsonObject,
  { urn, isExtension, attribute }: ReferencesNode,
  value: Json,
): JsonObject {
  const copy = copyObject(json)
  if (!isExtension) copy[attribute.name] = value
  else {
    const extension = own(json, urn)
    const inner = copyObject(isObject(extension) ? extension : {})
    inner[attribute.name] = value
    copy[urn] = inner
  }
  return copy
}

/** The same array where there is nothing to find out. */
export async function settleElements(
  node: ReferencesNode,
  elements: readonly Json[],
  directory: Searched,
  ctx: Context,
): Promise<readonly Json[]> {
  const open = new Map<string, readonly Target[]>()
  for (const element of elements) {
    const mention = mentionIn(node, element)
    if (mention !== undefined && mention.candidates.length > 1) {
      open.set(
        mention.id,
        mention.candidates.map((c) => c.target),
      )
    }
  }
  if (open.size === 0) return elements
  const found = new Map<string, Target>()
  for (const target of node.targets) {
    const ids = [...open].flatMap(([id, of]) => (of.includes(target) && !found.has(id) ? [id] : []))
    for await (const id of existing(target, ids, directory, ctx)) found.set(id, target)
  }
  return elements.map((element) => {
    const mention = mentionIn(node, element)
    const target = mention && mention.candidates.length > 1 ? found.get(mention.id) : undefined
    if (mention === undefined || target === undefined) return element
    const copy = copyObject(isObject(element) ? element : { value: element })
    copy.$ref = `${target.resource.endpoint}/${encodeURIComponent(mention.id)}`
    return copy
  })
}

/** Those of the ids that there are. */
async function* existing(
  target: Target,
  ids: readonly string[],
  directory: Searched,
  ctx: Context,
): AsyncIterable<string> {
  const uuids: { readonly id: string; readonly filter: Filter }[] = []
  for (const id of ids) {
    const value = directory.schema.parse('entryUUID', Buffer.from(id, 'utf8'), 'equality')
    if (value !== undefined) uuids.push({ id, filter: { op: 'eq', attr: 'entryUUID', value } })
    else if (await isThere(target, id, directory, ctx)) yield id
  }
  const attributes = new Set(['entryUUID'])
  for (let at = 0; at < uuids.length; at += AT_ONCE) {
    const some = uuids.slice(at, at + AT_ONCE)
    const byUuid = new Map(some.map(({ id }) => [id.toLowerCase(), id]))
    const filter: Filter = { op: 'or', of: some.map((each) => each.filter) }
    for await (const entries of directory.search(
      { view: target.view, filter, attributes, unordered: true },
      ctx,
    )) {
      for (const entry of entries) {
        const id = byUuid.get(String(entry.attributes.get('entryUUID')?.[0]).toLowerCase())
        if (id !== undefined) yield id
      }
    }
  }
}

async function isThere(target: Target, id: string, directory: Searched, ctx: Context): Promise<boolean> {
  const key = refTo(id, target)?.id
  if (key === undefined) return false
  const one = { id: key, attributes: new Set<string>(), limit: 1, unordered: true as const }
  const request = { view: target.view, filter: TRUE, ...one }
  for await (const entries of directory.search(request, ctx)) if (entries.length > 0) return true
  return false
}
