/** What has to be changed of an entry for its resource to become another one (RFC 7644 3.5.1, 3.5.2). */
import type { Directory } from '../../directory/directory.js'
import { VitrineError } from '../../model/errors.js'
import type { Change, Context } from '../../model/request.js'
import type { Value } from '../../model/value.js'
import type { AttributePath } from '../filter-ast.js'
import { isAbsent, type Json, type JsonObject } from '../json.js'
import type { Node, Outline, ReferencesNode } from './outline.js'
import { jsonAt, mentionIn, unknownReference } from './references.js'
import { settleElements } from './settle.js'
import { agreed, isGiven, isKept, keyOfValue, type Stored, storedOf } from './store.js'

/** What becomes of one attribute of the view on behalf of one of the resource. */
interface Replacement {
  readonly stored: Stored
  readonly changes: readonly Change[]
}

export function changesOf(
  outline: Outline,
  before: JsonObject,
  after: JsonObject,
  only: readonly AttributePath[] | undefined,
): readonly Change[] {
  const wanted = only && nodesOf(outline, only)
  const given = new Set<string>()
  const changes = outline.nodes.flatMap((node) => {
    if (!isGiven(node.attribute) || wanted?.has(node) === false) return []
    if (wanted !== undefined && isAbsent(jsonAt(after, node))) {
      const taken = secretTaken(node)
      if (taken !== undefined) return [taken]
    }
    return changesOfNode(node, jsonAt(before, node), jsonAt(after, node), given)
  })
  return withoutRepetition(changes, given)
}

/** A password that is removed by name; one that a PUT leaves out stays as it is. */
function secretTaken(node: Node): Replacement | undefined {
  if (node.kind !== 'plain' || node.attribute.mutability !== 'writeOnly') return undefined
  const { attr, attribute } = node
  return {
    stored: { attr, attribute, values: [] },
    changes: [{ op: 'delete', attr: attr.name, values: [] }],
  }
}

/** An attribute that holds several of the resource's is changed by one of them, and cleared by all of them. */
function withoutRepetition(changes: readonly Replacement[], given: ReadonlySet<string>): readonly Change[] {
  const result = new Map<string, Replacement>()
  for (const change of changes) {
    const { attr, attribute, values } = change.stored
    if (values.length === 0 && given.has(attr.name)) continue
    const other = result.get(attr.name)
    if (other === undefined) result.set(attr.name, change)
    else if (agreed(attr, attribute, other.stored.values, values) === values) result.set(attr.name, change)
  }
  return [...result.values()].flatMap((change) => change.changes)
}

function nodesOf(outline: Outline, paths: readonly AttributePath[]): ReadonlySet<Node> {
  const found = new Set<Node>()
  for (const { sub: _, ...path } of paths) {
    const meaning = outline.meaningOf(path)
    if (meaning.kind === 'node') found.add(meaning.node)
    if (meaning.kind === 'schema') {
      for (const node of outline.nodes) if (node.urn === meaning.urn) found.add(node)
    }
  }
  return found
}

function changesOfNode(
  node: Node,
  before: Json | undefined,
  after: Json | undefined,
  given: Set<string>,
): readonly Replacement[] {
  const { mutability } = node.attribute
  if (isAbsent(after) && (mutability !== 'readWrite' || isState(node))) return []
  // Nothing to compare what nobody may read with.
  const old = mutability === 'writeOnly' ? [] : storedOf(node, before)
  const changes = storedOf(node, after).flatMap((stored, i): readonly Replacement[] => {
    if (stored.values.length > 0) given.add(stored.attr.name)
    const byDifference = node.kind === 'references' && node.attribute.multiValued
    const made = changesOfStored(stored, old[i]?.values ?? [], byDifference)
    return made.length === 0 ? [] : [{ stored, changes: made }]
  })
  if (mutability === 'immutable' && changes.length > 0 && !isAbsent(before))
    throw unchangeable(node.attribute.name)
  return changes
}

/** Who leaves out whether an account is in use has not said that it is not. */
function isState({ attribute, isExtension }: Node): boolean {
  return attribute.name === 'active' && !isExtension
}

function changesOfStored(stored: Stored, old: readonly Value[], byDifference: boolean): readonly Change[] {
  const { attr, attribute, values } = stored
  const { name } = attr
  const had = new Set(old.map(keyOfValue))
  const has = new Set(values.map(keyOfValue))
  const added = values.filter((v) => !had.has(keyOfValue(v)))
  const removed = old.filter((v) => !has.has(keyOfValue(v)))
  if (added.length === 0 && removed.length === 0) return []
  if (!isKept(attr, attribute)) {
    if (added.length === 0 || !isGiven(attribute)) return []
    throw unchangeable(attribute.name)
  }
  if (attribute.mutability === 'immutable' && old.length > 0) {
    if (values.length === 0) return []
    throw unchangeable(attribute.name)
  }
  if (byDifference && values.length > 0) {
    return [
      ...(removed.length > 0 ? [{ op: 'delete', attr: name, values: removed } as const] : []),
      ...(added.length > 0 ? [{ op: 'add', attr: name, values: added } as const] : []),
    ]
  }
  return [{ op: 'replace', attr: name, values }]
}

function unchangeable(name: string): VitrineError {
  return new VitrineError('notModifiable', { message: `${name} cannot be changed` })
}

export async function membershipChanges(
  outline: Outline,
  attribute: string,
  ids: { readonly add: readonly string[]; readonly remove: readonly string[] },
  directory: Pick<Directory, 'search' | 'schema'>,
  ctx: Context,
): Promise<readonly Change[]> {
  const meaning = outline.meaningOf({ attribute })
  const node = meaning.kind === 'node' ? meaning.node : undefined
  if (node?.kind !== 'references' || !isKept(node.attr, node.attribute)) throw unchangeable(attribute)
  const refs = async (of: readonly string[], isNeeded: boolean): Promise<readonly Value[]> => {
    const elements = of.map((value) => ({ value }))
    const settled = await settleElements(node, elements, directory, ctx)
    return settled.flatMap((element): readonly Value[] => refsIn(node, element, isNeeded))
  }
  const attr = node.attr.name
  const removed = await refs(ids.remove, false)
  const added = await refs(ids.add, true)
  return [
    ...(removed.length > 0 ? [{ op: 'delete', attr, values: removed } as const] : []),
    ...(added.length > 0 ? [{ op: 'add', attr, values: added } as const] : []),
  ]
}

function refsIn(node: ReferencesNode, element: Json, isNeeded: boolean): readonly Value[] {
  const mention = mentionIn(node, element)
  const ref = mention?.candidates[0]?.ref
  if (ref === undefined && isNeeded) throw unknownReference(node, mention?.id ?? '')
  return ref === undefined ? [] : [ref]
}
