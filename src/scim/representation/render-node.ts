/** The values of one attribute as a member of a resource (RFC 7643 2): a closure for each way in which they are kept. */
import type { ScimAttribute } from '../../model/resource.js'
import { isComplex, Ref, scalarOf } from '../../model/value.js'
import type { JsonWriter } from './json-writer.js'
import { arrayOf, firstOf, keyOf, objectOf, type Show, type ShowOne, Start, takeBack } from './members.js'
import {
  type ComplexNode,
  type ElementsNode,
  handleOf,
  type Node,
  type ReferencesNode,
  type Store,
  type Target,
} from './outline.js'
import { type ShowScalar, shownAs } from './values.js'

/** An attribute, and which of its sub-attributes are shown. */
export interface ShownNode {
  readonly node: Node
  readonly subs: readonly ScimAttribute[]
}

export function showOf({ node, subs }: ShownNode): Show {
  const key = keyOf(node.attribute.name)
  switch (node.kind) {
    case 'plain':
      return showPlain(key, node.attr.name, node.attribute)
    case 'complex':
      return showComplex(key, node, subs)
    case 'elements':
      return showElements(key, node, subs)
    case 'references':
      return showReferences(key, node, subs)
  }
}

function showPlain(key: string, attr: string, attribute: ScimAttribute): Show {
  const show = shownAs(attribute.type)
  const start = new Start(attribute.multiValued ? '' : key)
  const one: ShowOne = (out, isFirst, value) => {
    const scalar = scalarOf(value)
    const shown = scalar === undefined ? undefined : show(scalar)
    if (shown === undefined) return false
    out.raw(start.at(isFirst))
    out.scalar(shown)
    return true
  }
  return attribute.multiValued ? arrayOf(key, [{ attr, one }]) : firstOf(attr, one)
}

function showComplex(key: string, node: ComplexNode, subs: readonly ScimAttribute[]): Show {
  const members = node.subs
    .filter(({ attribute }) => subs.includes(attribute))
    .map(({ attribute, attr }) => showPlain(keyOf(attribute.name), attr.name, attribute))
  return objectOf(key, members)
}

function showElements(key: string, node: ElementsNode, subs: readonly ScimAttribute[]): Show {
  const start = new Start(node.attribute.multiValued ? '{' : `${key}{`)
  const shown = node.stores.map((store) => ({ attr: store.attr.name, one: showElement(start, store, subs) }))
  if (node.attribute.multiValued) return arrayOf(key, shown)
  return (out, isFirst, values, base) => {
    for (const { attr, one } of shown)
      for (const value of values.get(attr) ?? []) if (one(out, isFirst, value, base)) return true
    return false
  }
}

function showElement(start: Start, store: Store, subs: readonly ScimAttribute[]): ShowOne {
  const parts = subs.flatMap((sub): Part[] => {
    const { name } = sub
    const constant =
      name === 'type' && store.type !== undefined
        ? store.type
        : name === 'primary' && store.isPrimary
          ? true
          : undefined
    return store.parts.has(name) || constant !== undefined
      ? [{ name, start: new Start(keyOf(name)), show: shownAs(sub.type), constant }]
      : []
  })
  return (out, isFirst, value) => {
    const { mark } = out
    out.raw(start.at(isFirst))
    let isEmpty = true
    for (const { name, start: member, show, constant } of parts) {
      const scalar = isComplex(value) ? value[name] : name === 'value' ? value : undefined
      const shown = (scalar === undefined ? undefined : show(scalar)) ?? constant
      if (shown === undefined) continue
      out.raw(member.at(isEmpty))
      out.scalar(shown)
      isEmpty = false
    }
    if (isEmpty) return takeBack(out, mark)
    out.raw('}')
    return true
  }
}

interface Part {
  readonly name: string
  readonly start: Start
  readonly show: ShowScalar
  readonly constant: string | true | undefined
}

function showReferences(key: string, node: ReferencesNode, subs: readonly ScimAttribute[]): Show {
  const names = new Set(subs.map((sub) => sub.name))
  const [hasValue, hasRef, hasType, hasDisplay, hasDisplayName] = [
    'value',
    '$ref',
    'type',
    'display',
    'displayName',
  ].map((name) => names.has(name))
  /** Is anything shown of a target besides what it is called? */
  const isShown = hasValue === true || hasRef === true || hasType === true
  const targets = new Map(
    node.targets.map((target) => [
      target.view,
      {
        target,
        writeId: idWriterFor(target),
        locate: locationOf(target, hasValue === true ? ',"$ref":' : '"$ref":'),
        type: new Start(`"type":${JSON.stringify(node.relation ?? target.resource.type)}}`),
      },
    ]),
  )
  const { multiValued } = node.attribute
  const start = new Start(`${multiValued ? '' : key}{${hasValue === true ? '"value":' : ''}`)
  const displays = [
    ...(hasDisplay === true ? [new Start('"display":')] : []),
    ...(hasDisplayName === true ? [new Start('"displayName":')] : []),
  ]
  const one: ShowOne = (out, isFirst, value, base) => {
    if (!(value instanceof Ref)) return false
    const found = targets.get(value.view)
    const id = found && handleOf(value, found.target)
    if (found === undefined || id === undefined) return false
    if (!isShown && value.display === undefined) return false
    out.raw(start.at(isFirst))
    if (hasValue === true) found.writeId(out, id)
    if (hasRef === true) found.locate(out, id, base)
    let isEmpty = hasValue !== true && hasRef !== true
    if (value.display !== undefined) {
      for (const member of displays) {
        out.raw(member.at(isEmpty))
        out.string(value.display)
        isEmpty = false
      }
    }
    out.raw(hasType === true ? found.type.at(isEmpty) : '}')
    return true
  }
  return multiValued ? arrayOf(key, [{ attr: node.attr.name, one }]) : firstOf(node.attr.name, one)
}

/** What of a path need not be escaped (RFC 3986 2.3). */
const UNRESERVED = /^[A-Za-z0-9._~-]+$/

/** @returns writes a resource's `id` as a value */
export function idWriterFor({ handles }: Target): (out: JsonWriter, id: string) => void {
  return handles.plain === true ? (out, id) => out.raw(`"${id}"`) : (out, id) => out.string(id)
}

/** @returns writes a member with the URL of a resource; `key` is what stands before it */
export function locationOf(
  { resource, handles }: Target,
  key: string,
): (out: JsonWriter, id: string, base: string) => void {
  // The base hardly ever changes.
  let lastBase: string | undefined
  let start = ''
  return (out, id, base) => {
    if (base !== lastBase) {
      lastBase = base
      start = `${key}"${base}${resource.endpoint}/`
    }
    const isPlain = handles.plain === true || UNRESERVED.test(id)
    out.raw(`${start}${isPlain ? id : encodeURIComponent(id)}"`)
  }
}
