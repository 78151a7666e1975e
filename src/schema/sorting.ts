/** Putting values in order (RFC 2891): the forms that are compared, under an attribute's own rule or another one. */
import type { NormalForm } from '../model/match.js'
import type { Scalar } from '../model/value.js'
import type { AttributeType } from './attribute-types.js'
import { findMatchingRule, type Normalizing } from './matching-rules.js'
import { matchingBy } from './normal-forms.js'

export type SortForm = (value: Scalar) => NormalForm | undefined

const TEXTS: ReadonlySet<Normalizing> = new Set([
  'caseIgnore',
  'caseExact',
  'caseIgnoreIA5',
  'caseExactIA5',
  'list',
  'telephone',
  'numeric',
])
const OTHERS: ReadonlySet<Normalizing> = new Set([
  'integer',
  'decimal',
  'boolean',
  'time',
  'octets',
  'uuid',
  'csn',
])
const NAMES = { attributeName: (name: string) => name, objectIdentifier: (name: string) => name }

/**
 * By which form values come in order: under the ordering rule of that name or OID, or without one, under the attribute's
 * own, else by how its equality rule compares. Undefined where there is no such rule, or none that puts these values
 * in order.
 */
export function sortForm(type: AttributeType, rule?: string): SortForm | undefined {
  const found = rule === undefined ? (type.ordering ?? type.equality) : findMatchingRule(rule)
  if (found === undefined || (found.kind !== 'ordering' && found.kind !== 'equality')) return undefined
  const { normalizing } = found
  const isText = TEXTS.has(normalizing)
  if (!isText && !OTHERS.has(normalizing)) return undefined
  // Whatever can be written as text can be put in the order of texts.
  const own = type.ordering ?? type.equality
  const fits = isText ? type.syntax.kind !== 'binary' : own?.normalizing === normalizing
  return fits ? matchingBy({ ...found, kind: 'equality' }, NAMES).equality : undefined
}
