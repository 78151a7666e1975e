/** Compare (RFC 4511 4.10). */

import type { Directory } from '../../directory/directory.js'
import {
  type CompareRequest,
  controlType,
  findControl,
  type LdapResult,
  parseAssertion,
} from '../../ldap/index.js'
import { VitrineError } from '../../model/errors.js'
import type { Filter } from '../../model/filter.js'
import { match } from '../../model/match.js'
import type { Context } from '../../model/request.js'
import type { AttributeType } from '../../schema/schema.js'
import { invisible, missing, missingEntry } from './absence.js'
import { holdsFor, satisfies } from './assertion.js'
import type { FilterTranslator } from './filter.js'
import { isOfTree } from './filter-tree.js'
import { levelThere } from './levels.js'
import type { Namespace } from './namespace.js'
import type { OwnEntry } from './own-entry.js'
import type { Places } from './places.js'
import type { LdapOperation } from './request.js'
import { isShown, levelWithSubordinates, wantedOf, withSubordinates } from './subordinates.js'

const COMPARE_FALSE: LdapResult = { code: 5 }
const COMPARE_TRUE: LdapResult = { code: 6 }
const ASSERTION_FAILED: LdapResult = { code: 122 }

export interface CompareParts {
  readonly directory: Directory
  readonly namespace: Namespace
  readonly places: Places
  readonly translator: FilterTranslator
  readonly rootDse: OwnEntry
  readonly subschema: OwnEntry
}

/** An entry of the tree itself. */
function compareOwn(
  { whole }: OwnEntry,
  assertion: Filter,
  types: readonly AttributeType[],
  { matchingOf }: Directory,
): LdapResult {
  if (!types.some(({ name }) => whole.attributes.has(name))) throw new VitrineError('noSuchAttribute')
  return match(assertion, whole, matchingOf) === true ? COMPARE_TRUE : COMPARE_FALSE
}

export async function compare(
  parts: CompareParts,
  request: CompareRequest,
  op: LdapOperation,
  ctx: Context,
): Promise<LdapResult> {
  const { directory, namespace, places, translator } = parts
  const location = places.baseAt(request.entry)
  const asserted = findControl(op.controls, controlType.assertion)
  const condition = asserted && parseAssertion(asserted)
  const types = namespace.schema.describedBy(request.attribute)
  const type = types?.[0] ?? namespace.schema.attribute(request.attribute.split(';')[0] ?? '')
  if (types === undefined || type === undefined) throw new VitrineError('undefinedAttributeType')
  const view = location.kind === 'entry' ? location.view : undefined
  const assertion = translator.translate(
    { tag: 'equality', attribute: request.attribute, value: request.value },
    view,
    location.kind === 'container' ? location.container : undefined,
  )
  if (assertion.op === 'const' && assertion.value === undefined) {
    throw new VitrineError(type.equality === undefined ? 'inappropriateMatching' : 'invalidAttributeSyntax')
  }
  if (location.kind === 'rootDse' || location.kind === 'subschema') {
    const own = location.kind === 'rootDse' ? parts.rootDse : parts.subschema
    if (condition !== undefined && !holdsFor(own, condition, parts)) return ASSERTION_FAILED
    return compareOwn(own, assertion, types, directory)
  }
  if (location.kind === 'nowhere') return missing(location.deepest, parts, ctx)
  if (location.kind === 'container') {
    const { container } = location
    if (!(await isShown(container, directory, ctx))) return invisible(ctx)
    if (condition !== undefined && !holdsFor(container, condition, parts)) return ASSERTION_FAILED
    const wanted = wantedOf((attr) => types.some(({ name }) => name === attr))
    const own = await withSubordinates(container, wanted, directory, ctx)
    return compareOwn(own, assertion, types, directory)
  }
  if (location.kind === 'level') {
    const level = await levelThere(location, parts, ctx)
    if (level === undefined) return missingEntry(location, parts, ctx)
    if (condition !== undefined && !holdsFor(level, condition, parts)) return ASSERTION_FAILED
    const wanted = wantedOf((attr) => types.some(({ name }) => name === attr))
    const own = await levelWithSubordinates(level, wanted, parts, ctx)
    return compareOwn(own, assertion, types, directory)
  }
  // What answers without asking the entry says nothing of it: it must still be there and have the attribute.
  const { view: at } = location
  const held = isOfTree(type)
    ? at.rdn
    : types.flatMap(({ name }) => (name === type.name || at.attributes.has(name) ? name : []))
  const present = held.map((attr) => ({ op: 'present', attr }) as const)
  const asked: Filter =
    assertion.op === 'const' || assertion.op === 'or'
      ? { op: 'and', of: [{ op: 'or', of: present }, assertion] }
      : assertion
  const result = await directory.compare({ view: at.name, names: location.names }, asked, ctx)
  if (result === 'noSuchEntry') return missingEntry(location, parts, ctx)
  if (condition !== undefined && !(await satisfies(parts, location, condition, ctx))) return ASSERTION_FAILED
  if (result === 'absent') throw new VitrineError('noSuchAttribute')
  if (result === 'undefined') throw new VitrineError('inappropriateMatching')
  return result ? COMPARE_TRUE : COMPARE_FALSE
}
