/** Compare (RFC 4511 4.10). */

import type { Directory } from '../../directory/directory.js'
import type { CompareRequest, LdapResult } from '../../ldap/index.js'
import { VitrineError } from '../../model/errors.js'
import type { Filter } from '../../model/filter.js'
import { match } from '../../model/match.js'
import type { Context } from '../../model/request.js'
import type { AttributeType } from '../../schema/schema.js'
import { invisible, missing, missingEntry } from './absence.js'
import type { FilterTranslator } from './filter.js'
import { levelThere } from './levels.js'
import type { Namespace } from './namespace.js'
import type { OwnEntry } from './own-entry.js'
import type { Places } from './places.js'
import { isShown, withSubordinates } from './subordinates.js'

const COMPARE_FALSE: LdapResult = { code: 5 }
const COMPARE_TRUE: LdapResult = { code: 6 }

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
  type: AttributeType,
  { schema, matchingOf }: Directory,
): LdapResult {
  const all = schema.subtypesOf(type.name)
  if (!all.some(({ name }) => whole.attributes.has(name))) throw new VitrineError('noSuchAttribute')
  return match(assertion, whole, matchingOf) === true ? COMPARE_TRUE : COMPARE_FALSE
}

export async function compare(
  parts: CompareParts,
  request: CompareRequest,
  ctx: Context,
): Promise<LdapResult> {
  const { directory, namespace, places, translator } = parts
  const location = places.baseAt(request.entry)
  const type = namespace.schema.attribute(request.attribute.split(';')[0] ?? '')
  if (type === undefined) throw new VitrineError('undefinedAttributeType')
  const view = location.kind === 'entry' ? location.view : undefined
  const assertion = translator.translate(
    { tag: 'equality', attribute: request.attribute, value: request.value },
    view,
  )
  if (assertion.op === 'const' && assertion.value === undefined) {
    throw new VitrineError(type.equality === undefined ? 'inappropriateMatching' : 'invalidAttributeSyntax')
  }
  if (location.kind === 'rootDse') return compareOwn(parts.rootDse, assertion, type, directory)
  if (location.kind === 'subschema') return compareOwn(parts.subschema, assertion, type, directory)
  if (location.kind === 'nowhere') return missing(location.deepest, parts, ctx)
  if (location.kind === 'container') {
    const { container } = location
    if (!(await isShown(container, directory, ctx))) return invisible(ctx)
    return compareOwn(
      type.name === 'hasSubordinates' ? await withSubordinates(container, directory, ctx) : container,
      assertion,
      type,
      directory,
    )
  }
  if (location.kind === 'level') {
    const level = await levelThere(location, parts, ctx)
    if (level === undefined) return missingEntry(location, parts, ctx)
    return compareOwn(level, assertion, type, directory)
  }
  // What answers without asking the entry says nothing of it: it must still be there and have the attribute.
  const { view: at } = location
  const present = namespace.schema
    .subtypesOf(type.name)
    .filter((t) => t === type || at.attributes.has(t.name))
    .map((t) => ({ op: 'present', attr: t.name }) as const)
  const asked: Filter =
    assertion.op === 'const' || assertion.op === 'or'
      ? { op: 'and', of: [{ op: 'or', of: present }, assertion] }
      : assertion
  const result = await directory.compare({ view: at.name, names: location.names }, asked, ctx)
  if (result === 'noSuchEntry') return missingEntry(location, parts, ctx)
  if (result === 'absent') throw new VitrineError('noSuchAttribute')
  if (result === 'undefined') throw new VitrineError('inappropriateMatching')
  return result ? COMPARE_TRUE : COMPARE_FALSE
}
