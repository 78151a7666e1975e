/**
 * SCIM filters (RFC 7644 3.4.2.2) as the directory's, for the entries of one view. What the resource does not have is
 * without a value. Elements are asked in `question-elements.ts`, references in `question-references.ts`.
 */
import { VitrineError } from '../../model/errors.js'
import { FALSE, type Filter, TRUE } from '../../model/filter.js'
import type { EntryId } from '../../model/value.js'
import { caseExact } from '../../schema/normalize.js'
import type { AttributePath, ScimFilter } from '../filter-ast.js'
import { formatPath } from '../path.js'
import { checkType, compare } from './compare.js'
import { anyOf } from './fold.js'
import type { ComplexNode, Node, Outline, PlainNode } from './outline.js'
import { askElements } from './question-elements.js'
import { askReferences } from './question-references.js'
import { idIn } from './references.js'
import type { Question, Unknown } from './terms.js'
import { holds, holdsText, type Test, unknownName, walk } from './walk.js'

export function answerOf(outline: Outline, filter: ScimFilter, unknown: Unknown): Question {
  const { id, rest } = keyOf(outline, filter)
  const asked = rest === undefined ? TRUE : walk(rest, (test) => ask(outline, test, unknown))
  return { filter: asked, ...(id !== undefined && { id }) }
}

/** An `id` that the filter demands, as the key that it is; and what the filter demands besides. */
function keyOf(outline: Outline, filter: ScimFilter): { id?: EntryId; rest: ScimFilter | undefined } {
  if (outline.self.handles.declared) return { rest: filter }
  const conjuncts = filter.op === 'and' ? filter.of : [filter]
  for (const [at, conjunct] of conjuncts.entries()) {
    if (conjunct.op !== 'eq' || typeof conjunct.value !== 'string') continue
    if (outline.meaningOf(conjunct.path).kind !== 'id') continue
    const id = outline.locate(conjunct.value)?.id
    if (id === undefined) continue
    const of = conjuncts.toSpliced(at, 1)
    return { id, rest: of.length === 0 ? undefined : { op: 'and', of } }
  }
  return { rest: filter }
}

function ask(outline: Outline, test: Test, unknown: Unknown): Filter {
  const meaning = outline.meaningOf(test.path)
  switch (meaning.kind) {
    case 'node':
      return decidable(unknown, () => askNode(outline, meaning.node, meaning.sub, test, unknown))
    case 'unkept':
      return FALSE
    case 'unknown':
      return unknownName(test.path, unknown)
    case 'id':
      return decidable(unknown, () => askId(outline, test))
    case 'schemas':
      return askSchemas(outline, test)
    case 'schema':
      return askSchema(outline, meaning.urn, test)
    case 'meta':
      return decidable(unknown, () => askMeta(outline, meaning.sub, test, unknown))
  }
}

/** Asked of several types of resource at once, what one of them cannot answer is false for it. */
function decidable(unknown: Unknown, asked: () => Filter): Filter {
  if (unknown === 'refuse') return asked()
  try {
    return asked()
  } catch (error) {
    if (error instanceof VitrineError && error.code === 'inappropriateMatching') return FALSE
    throw error
  }
}

function askNode(
  outline: Outline,
  node: Node,
  sub: string | undefined,
  test: Test,
  unknown: Unknown,
): Filter {
  if (node.attribute.returned === 'never' || (node.kind === 'plain' && node.attr.verifyOnly)) {
    throw new VitrineError('inappropriateMatching', { message: `${node.attribute.name} cannot be asked for` })
  }
  switch (node.kind) {
    case 'plain':
      return askPlain(outline, node, test, unknown)
    case 'complex':
      return askComplex(outline, node, sub, test, unknown)
    case 'elements':
      return askElements(outline, node, inner(test, sub), unknown)
    case 'references':
      return askReferences(outline, node, inner(test, sub), unknown)
  }
}

/** What is asked of one element: `emails.type eq "work"` is `emails[type eq "work"]`. */
function inner(test: Test, sub: string | undefined): ScimFilter | undefined {
  if (test.op === 'element') {
    if (sub !== undefined) throw noElements(test.path)
    return test.of
  }
  if (test.op === 'pr') return sub === undefined ? undefined : { op: 'pr', path: { attribute: sub } }
  return { ...test, path: { attribute: sub ?? 'value' } }
}

function noElements(path: AttributePath): VitrineError {
  return new VitrineError('filterError', { message: `${formatPath(path)} has no elements` })
}

function askPlain(outline: Outline, node: PlainNode, test: Test, unknown: Unknown): Filter {
  const { attr, attribute } = node
  if (test.op === 'pr') return { op: 'present', attr: attr.name }
  if (test.op !== 'element') {
    const { kind, name } = attr
    return compare(
      outline.schema,
      { path: attribute.name, type: attribute.type, name, key: name, kind },
      test,
    )
  }
  if (!attribute.multiValued) throw noElements(test.path)
  return askElements(outline, node, test.of, unknown)
}

function askComplex(
  outline: Outline,
  node: ComplexNode,
  sub: string | undefined,
  test: Test,
  unknown: Unknown,
): Filter {
  const { attribute, urn, subs } = node
  if (test.op === 'element') {
    if (sub !== undefined) throw noElements(test.path)
    return walk(test.of, (part) => {
      if (part.op === 'element' || part.path.sub !== undefined || part.path.schema !== undefined)
        return unknownName(part.path, unknown)
      const path = { schema: urn, attribute: attribute.name, sub: part.path.attribute }
      return ask(outline, { ...part, path }, unknown)
    })
  }
  const found = subs.find((s) => s.attribute.name === sub)
  if (found !== undefined) {
    const { name, kind } = found.attr
    if (test.op === 'pr') return { op: 'present', attr: name }
    const { type } = found.attribute
    return compare(outline.schema, { path: `${attribute.name}.${sub}`, type, name, key: name, kind }, test)
  }
  if (test.op === 'pr') return anyOf(subs.map((s) => ({ op: 'present', attr: s.attr.name })))
  checkType({ path: attribute.name, type: 'complex' }, test.op, test.value)
  return FALSE
}

function askId(outline: Outline, test: Test): Filter {
  if (test.op === 'pr') return TRUE
  if (test.op === 'element') throw noElements(test.path)
  checkType({ path: 'id', type: 'string' }, test.op, test.value)
  if (test.op !== 'eq') {
    throw new VitrineError('inappropriateMatching', { message: `id cannot be compared by ${test.op}` })
  }
  return hasId(outline, String(test.value))
}

function hasId(outline: Outline, id: string): Filter {
  const found = outline.locate(id)
  if (found === undefined) return FALSE
  return found.id === undefined ? found.filter : { op: 'key', id: found.id }
}

/** An entry follows the core schema, and the extensions that it has values of. */
function askSchemas(outline: Outline, test: Test): Filter {
  if (test.op === 'pr') return TRUE
  if (test.op === 'element') throw noElements(test.path)
  const { schema, extensions } = outline.resource
  const urns = [schema.id, ...extensions.map((e) => e.schema.id)]
  checkType({ path: 'schemas', type: 'reference' }, test.op, test.value)
  return anyOf(
    urns
      .filter((urn) => holds(urn.toLowerCase(), test.op, String(test.value).toLowerCase()))
      .map((urn) => hasValueOf(outline, urn)),
  )
}

function askSchema(outline: Outline, urn: string, test: Test): Filter {
  if (test.op === 'pr') return hasValueOf(outline, urn)
  throw new VitrineError('filterError', { message: `${urn} is a schema: compare one of its attributes` })
}

function hasValueOf(outline: Outline, urn: string): Filter {
  if (urn === outline.resource.schema.id) return TRUE
  const nodes = outline.nodes.filter((n) => n.urn === urn && n.attribute.returned !== 'never')
  return anyOf(nodes.flatMap((node) => attributesOf(node).map((attr): Filter => ({ op: 'present', attr }))))
}

function attributesOf(node: Node): readonly string[] {
  if (node.kind === 'complex') return node.subs.map((s) => s.attr.name)
  if (node.kind === 'elements') return node.stores.map((s) => s.attr.name)
  return [node.attr.name]
}

function askMeta(outline: Outline, sub: string | undefined, test: Test, unknown: Unknown): Filter {
  if (test.op === 'element') {
    if (sub !== undefined) throw noElements(test.path)
    return walk(test.of, (part) =>
      ask(outline, { ...part, path: { attribute: 'meta', sub: part.path.attribute } }, unknown),
    )
  }
  const { type, created, lastModified } = outline.resource
  const name = sub?.toLowerCase()
  if (name === undefined || name === 'resourcetype' || name === 'location') {
    if (test.op === 'pr') return TRUE
    const operand = { path: formatPath(test.path), type: name === undefined ? 'complex' : 'string' } as const
    checkType(operand, test.op, test.value)
    const value = String(test.value)
    if (name === 'resourcetype') return holdsText(type, test.op, value, caseExact) ? TRUE : FALSE
    if (test.op === 'eq') {
      const id = idIn(value, outline.self)
      return id === undefined ? FALSE : hasId(outline, id)
    }
  }
  const attr = name === 'created' ? created : name === 'lastmodified' ? lastModified : undefined
  if (name === 'created' || name === 'lastmodified') {
    if (attr === undefined) return FALSE
    if (test.op === 'pr') return { op: 'present', attr }
    const kind = outline.view.attributes.get(attr)?.kind ?? 'time'
    return compare(
      outline.schema,
      { path: `meta.${sub}`, type: 'dateTime', name: attr, key: attr, kind },
      test,
    )
  }
  throw new VitrineError('inappropriateMatching', { message: `meta.${sub} cannot be asked for` })
}
