/**
 * Which part of a resource is shown (RFC 7644 3.9, RFC 7643 7 `returned`): from the lists of a client to the
 * attributes that are fetched and the closures that show them, which `render.ts` makes.
 */
import { VitrineError } from '../../model/errors.js'
import type { ScimAttribute } from '../../model/resource.js'
import type { AttributePath } from '../filter-ast.js'
import type { JsonObject } from '../json.js'
import { parsePath } from '../path.js'
import { JsonWriter } from './json-writer.js'
import type { Node, Outline } from './outline.js'
import { type MetaPart, metaParts, rendererOf } from './render.js'
import type { ShownNode } from './render-node.js'
import type { Asked, Selection } from './terms.js'

/** What a list names of an attribute: all of it, or sub-attributes by name. */
type Named = 'all' | Set<string>

interface List {
  readonly nodes: ReadonlyMap<Node, Named>
  /** Schemas named as a whole. */
  readonly schemas: ReadonlySet<string>
  readonly meta: Named | undefined
}

interface Choice {
  readonly include: List | undefined
  readonly exclude: List
  readonly withoutDisplays: boolean
}

const NOTHING: List = { nodes: new Map(), schemas: new Set(), meta: undefined }

/** So many selections are remembered, by lists of up to so many characters. */
const MOST_REMEMBERED = 500
const LONGEST_REMEMBERED = 2000
/** Of lists, in characters. */
const LONGEST = 50_000

export class Selections {
  readonly #outline: Outline
  readonly #made = new Map<string, Selection>()

  constructor(outline: Outline) {
    this.#outline = outline
  }

  /** @throws VitrineError `protocolError` for a list that is far too long */
  select(asked: Asked): Selection {
    const { attributes = '', excludedAttributes = '', withoutDisplays = false } = asked
    if (attributes.length + excludedAttributes.length > LONGEST) {
      throw new VitrineError('protocolError', { message: 'the lists of attributes are too long' })
    }
    const isWhole = attributes === '' && excludedAttributes === ''
    const key = isWhole
      ? `whole ${withoutDisplays}`
      : JSON.stringify([attributes, excludedAttributes, withoutDisplays])
    return this.#remembered(key, () => {
      const include = attributes.trim() === '' ? undefined : this.#listed(attributes)
      return this.#selection({ include, exclude: this.#listed(excludedAttributes), withoutDisplays })
    })
  }

  /** What clients may both store and see, or those of it that are named. */
  stored(only: readonly AttributePath[] | undefined): Selection {
    const wanted = only && this.#list(only.map(({ sub: _, ...path }) => path))
    return this.#remembered(JSON.stringify(['stored', wanted && [...keysOf(wanted)]]), () => {
      const shown = this.#outline.nodes.flatMap((node): readonly ShownNode[] => {
        const { mutability, returned } = node.attribute
        if (mutability === 'readOnly' || mutability === 'writeOnly' || returned === 'never') return []
        if (wanted !== undefined && !isListed(node, wanted)) return []
        return shownWith(node, (sub) => sub.returned !== 'never')
      })
      return selectionOf(this.#outline, shown, [])
    })
  }

  #remembered(key: string, make: () => Selection): Selection {
    const known = this.#made.get(key)
    if (known !== undefined) return known
    const selection = make()
    if (key.length <= LONGEST_REMEMBERED) {
      const [oldest] = this.#made.keys()
      if (this.#made.size >= MOST_REMEMBERED && oldest !== undefined) this.#made.delete(oldest)
      this.#made.set(key, selection)
    }
    return selection
  }

  #selection(choice: Choice): Selection {
    const shown = this.#outline.nodes.flatMap((node) => shownOf(node, choice))
    return selectionOf(this.#outline, shown, shownMeta(choice))
  }

  #listed(text: string): List {
    // A filter among the names, as some clients send it, chooses no elements: all are shown.
    return this.#list(
      withoutFilters(text)
        .split(',')
        .flatMap((item) => pathOf(item) ?? []),
    )
  }

  #list(paths: readonly AttributePath[]): List {
    if (paths.length === 0) return NOTHING
    const nodes = new Map<Node, Named>()
    const schemas = new Set<string>()
    let meta: Named | undefined
    for (const path of paths) {
      const meaning = this.#outline.meaningOf(path)
      if (meaning.kind === 'schema') schemas.add(meaning.urn)
      else if (meaning.kind === 'meta') meta = withName(meta, meaning.sub)
      else if (meaning.kind === 'node') {
        nodes.set(meaning.node, withName(nodes.get(meaning.node), meaning.sub))
      }
    }
    return { nodes, schemas, meta }
  }
}

/** Once through the text, whatever it is made of. */
function withoutFilters(text: string): string {
  let names = ''
  let from = 0
  for (let at = text.indexOf('['); at >= 0; at = text.indexOf('[', from)) {
    const end = endOfFilter(text, at)
    if (end === undefined) break
    names += text.slice(from, at)
    from = end
  }
  return names + text.slice(from)
}

/** Behind the bracket that closes the one at `at`; brackets in strings do not. */
function endOfFilter(text: string, at: number): number | undefined {
  let isQuoted = false
  for (let i = at + 1; i < text.length; i++) {
    const character = text[i]
    if (character === '"') isQuoted = !isQuoted
    else if (isQuoted && character === '\\') i++
    else if (!isQuoted && character === ']') return i + 1
  }
  return undefined
}

function pathOf(item: string): AttributePath | undefined {
  try {
    return parsePath(item)
  } catch {
    return undefined
  }
}

function withName(named: Named | undefined, sub: string | undefined): Named {
  if (sub === undefined || named === 'all') return 'all'
  return new Set(named).add(sub)
}

function* keysOf({ nodes, schemas }: List): Iterable<string> {
  for (const { urn, attribute } of nodes.keys()) yield `${urn}:${attribute.name}`
  yield* schemas
}

function isListed(node: Node, { nodes, schemas }: List): boolean {
  return nodes.has(node) || schemas.has(node.urn)
}

function shownOf(node: Node, { include, exclude, withoutDisplays }: Choice): readonly ShownNode[] {
  const { returned } = node.attribute
  if (returned === 'never') return []
  const named =
    include === undefined
      ? undefined
      : (include.nodes.get(node) ?? (include.schemas.has(node.urn) ? 'default' : undefined))
  const isShown =
    returned === 'always' ||
    (returned === 'request' ? named === 'all' || named instanceof Set : include === undefined || !!named)
  if (!isShown) return []
  const excluded = exclude.nodes.get(node) ?? (exclude.schemas.has(node.urn) ? 'all' : undefined)
  if (excluded === 'all' && returned !== 'always') return []
  return shownWith(node, (sub) => {
    if (sub.returned === 'never') return false
    if (withoutDisplays && isDisplay(node, sub)) return false
    if (sub.returned === 'always') return true
    if (excluded instanceof Set && excluded.has(sub.name)) return false
    return named instanceof Set ? named.has(sub.name) : sub.returned === 'default'
  })
}

function shownWith(node: Node, isShown: (sub: ScimAttribute) => boolean): readonly ShownNode[] {
  if (node.kind === 'plain') return [{ node, subs: [] }]
  const subs = (node.attribute.subAttributes ?? []).filter(isShown)
  return subs.length === 0 ? [] : [{ node, subs }]
}

function isDisplay(node: Node, sub: ScimAttribute): boolean {
  return node.kind === 'references' && (sub.name === 'display' || sub.name === 'displayName')
}

function shownMeta({ include, exclude }: Choice): readonly MetaPart[] {
  const named = include === undefined ? 'all' : include.meta
  if (named === undefined || exclude.meta === 'all') return []
  return metaParts.filter(
    (part) => (named === 'all' || named.has(part)) && !(exclude.meta as Set<string> | undefined)?.has(part),
  )
}

function selectionOf(outline: Outline, shown: readonly ShownNode[], meta: readonly MetaPart[]): Selection {
  const { created, lastModified } = outline.resource
  const attributes = new Set<string>()
  let displays = false
  if (outline.self.handles.declared) attributes.add('entryUUID')
  if (created !== undefined && meta.includes('created')) attributes.add(created)
  if (lastModified !== undefined && meta.includes('lastModified')) attributes.add(lastModified)
  for (const { node, subs } of shown) {
    for (const attr of attributesOf(node, subs)) attributes.add(attr)
    if (node.kind !== 'references') continue
    const isDeclared = node.targets.some((target) => target.handles.declared)
    if (subs.some((sub) => isDisplay(node, sub) || isDeclared)) displays = true
  }
  const write = rendererOf(outline, shown, meta)
  const render: Selection['render'] = (entry, base, version) => {
    const out = new JsonWriter()
    return write(out, entry, base, version) ? out.finish() : undefined
  }
  const resource: Selection['resource'] = (entry, base, version) => {
    const text = render(entry, base, version)
    return text === undefined ? undefined : (JSON.parse(text.toString()) as JsonObject)
  }
  return { attributes, displays, write, render, resource }
}

function attributesOf(node: Node, subs: readonly ScimAttribute[]): readonly string[] {
  switch (node.kind) {
    case 'complex':
      return node.subs.filter((s) => subs.includes(s.attribute)).map((s) => s.attr.name)
    case 'elements':
      return node.stores.map((s) => s.attr.name)
    default:
      return [node.attr.name]
  }
}
