/** Puts attributes of SCIM schemas together: what is not said has the default of RFC 7643 2.2. */
import type { ScimAttribute, ScimType } from '../../model/resource.js'

export type Traits = Partial<Omit<ScimAttribute, 'name' | 'type' | 'description'>>

/** Bytes and references are case-exact by nature (RFC 7643 2.3.6 and 2.3.7), text only where it is said to be. */
export function attribute(
  name: string,
  type: ScimType,
  description: string,
  traits: Traits = {},
): ScimAttribute {
  return {
    name,
    type,
    multiValued: false,
    description,
    required: false,
    caseExact: type === 'reference' || type === 'binary',
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'none',
    ...traits,
  }
}

export function text(name: string, description: string, traits: Traits = {}): ScimAttribute {
  return attribute(name, 'string', description, traits)
}

export function complex(
  name: string,
  description: string,
  subAttributes: readonly ScimAttribute[],
  traits: Traits = {},
): ScimAttribute {
  return attribute(name, 'complex', description, { ...traits, subAttributes })
}

/** A multi-valued attribute whose elements are `{ value, display, type, primary }` (RFC 7643 2.4). */
export function elements(
  name: string,
  description: string,
  value: ScimAttribute,
  types: readonly string[] = [],
): ScimAttribute {
  return complex(name, description, [value, text('display', 'How people read the value'), ...label(types)], {
    multiValued: true,
  })
}

/** What elements are told apart by (RFC 7643 2.4). */
export function label(types: readonly string[]): readonly ScimAttribute[] {
  return [
    text('type', 'What the value is for', types.length > 0 ? { canonicalValues: types } : {}),
    attribute('primary', 'boolean', 'Is it the preferred one? True for one element at most'),
  ]
}
