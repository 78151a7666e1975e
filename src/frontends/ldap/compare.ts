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
import { satisfies } from './assertion.js'
import type { FilterTranslator } from './filter.js'
import { parseName } from './names.js'
import type { Namespace } from './namespace.js'
import type { LdapOperation } from './request.js'

const COMPARE_FALSE: LdapResult = { code: 5 }
const COMPARE_TRUE: LdapResult = { code: 6 }
const ASSERTION_FAILED: LdapResult = { code: 122 }

export interface CompareParts {
  readonly directory: Directory
  readonly namespace: Namespace
  readonly translator: FilterTranslator
}

export async function compare(
  parts: CompareParts,
  request: CompareRequest,
  op: LdapOperation,
  ctx: Context,
): Promise<LdapResult> {
  const { directory, namespace, translator } = parts
  const location = namespace.locate(parseName(request.entry, namespace.schema))
  const asserted = findControl(op.controls, controlType.assertion)
  const condition = asserted && parseAssertion(asserted)
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
  if (location.kind === 'nowhere') throw new VitrineError('noSuchObject')
  if (location.kind === 'container') {
    const { entry, viewsBelow } = location.container
    // A container is there for whoever can find anything below it.
    if (!viewsBelow.some(({ name }) => directory.isVisible(name, ctx.principal)))
      throw new VitrineError('noSuchObject')
    if (condition !== undefined && !(await satisfies(parts, location, condition, ctx)))
      return ASSERTION_FAILED
    if (!entry.attributes.has(type.name)) throw new VitrineError('noSuchAttribute')
    return match(assertion, entry, directory.matchingOf) === true ? COMPARE_TRUE : COMPARE_FALSE
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
  if (result === 'noSuchEntry') throw new VitrineError('noSuchObject')
  if (condition !== undefined && !(await satisfies(parts, location, condition, ctx))) return ASSERTION_FAILED
  if (result === 'absent') throw new VitrineError('noSuchAttribute')
  if (result === 'undefined') throw new VitrineError('inappropriateMatching')
  return result ? COMPARE_TRUE : COMPARE_FALSE
}
