/** References as clients write them (`value`, `$ref`, `type`), as references of the directory. */
import { VitrineError } from '../../model/errors.js'
import type { Ref } from '../../model/value.js'
import { isArray, isObject, type Json, type JsonObject } from '../json.js'
import { type ReferencesNode, refTo, type Target } from './outline.js'

/** The `id` at the end of a URI of such a resource, absolute or not. */
export function idIn(uri: string, { resource }: Target): string | undefined {
  const slash = uri.lastIndexOf('/')
  const collection = `/${uri.slice(0, Math.max(slash, 0))}`
  if (!collection.endsWith(resource.endpoint) || slash + 1 === uri.length) return undefined
  try {
    return decodeURIComponent(uri.slice(slash + 1))
  } catch {
    return undefined
  }
}

/** What one element says: an id, and what it could refer to going by all that the element says. */
export interface Mention {
  readonly id: string
  readonly candidates: readonly { readonly target: Target; readonly ref: Ref }[]
}

/** Undefined for an element that refers to nothing. */
export function mentionIn(node: ReferencesNode, element: Json): Mention | undefined {
  const { value, $ref, type } = partsOf(element)
  let id = value
  if ($ref !== undefined) {
    for (const target of node.targets) {
      const referred = idIn($ref, target)
      if (referred === undefined) continue
      id ??= referred
      const ref = refTo(id, target)
      if (ref !== undefined) return { id, candidates: [{ target, ref }] }
    }
  }
  if (id === undefined) return undefined
  const wanted = type?.toLowerCase()
  const said = node.targets.filter((target) => target.resource.type.toLowerCase() === wanted)
  const candidates = candidatesOf(id, said)
  return { id, candidates: candidates.length > 0 ? candidates : candidatesOf(id, node.targets) }
}

function candidatesOf(id: string, targets: readonly Target[]): Mention['candidates'] {
  return targets.flatMap((target) => {
    const ref = refTo(id, target)
    return ref === undefined ? [] : [{ target, ref }]
  })
}

function partsOf(element: Json): { value?: string; $ref?: string; type?: string } {
  if (typeof element === 'string') return element === '' ? {} : { value: element }
  if (!isObject(element)) return {}
  const { value, $ref, type } = element
  return {
    ...(typeof value === 'string' && value !== '' && { value }),
    ...(typeof $ref === 'string' && { $ref }),
    ...(typeof type === 'string' && { type }),
  }
}

/** @throws VitrineError `constraintViolation` for an id that nothing can have, `invalidAttributeSyntax` for none */
export function refsIn(node: ReferencesNode, json: Json): readonly Ref[] {
  const refs = new Map<string, Ref>()
  for (const element of isArray(json) ? json : [json]) {
    const mention = mentionIn(node, element)
    if (mention === undefined) {
      if (!node.attribute.multiValued || !isObject(element) || Object.keys(element).length === 0) continue
      throw new VitrineError('invalidAttributeSyntax', {
        message: `${node.attribute.name}: an element needs a value`,
      })
    }
    const ref = mention.candidates[0]?.ref
    if (ref === undefined) throw unknownReference(node, mention.id)
    refs.set(keyOf(ref), ref)
  }
  return [...refs.values()]
}

export function unknownReference({ attribute }: ReferencesNode, id: string): VitrineError {
  const shown = id.length > 100 ? `${id.slice(0, 100)}…` : id
  return new VitrineError('constraintViolation', {
    message: `${attribute.name}: there is no resource with the id ${JSON.stringify(shown)}`,
  })
}

/** The same for references to the same entry. */
function keyOf(ref: Ref): string {
  return JSON.stringify([ref.view, ref.id, ref.uuid])
}

/** What the resource has under an attribute's name, that of an extension under the extension's. */
export function jsonAt(
  json: JsonObject,
  { urn, isExtension, attribute }: Pick<ReferencesNode, 'urn' | 'isExtension' | 'attribute'>,
): Json | undefined {
  if (!isExtension) return own(json, attribute.name)
  const extension = own(json, urn)
  return isObject(extension) ? own(extension, attribute.name) : undefined
}

export function own(json: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(json, name) ? json[name] : undefined
}
