/** The mapping of a copied view over its tables in the store: another file's words for what `tables.ts` has laid out. */
import type { GivenSpec } from '../../mapping/given.js'
import type { AttributeSpec, MappingSpec, PartSpec, ScimSpec } from '../../mapping/schema.js'
import {
  type CopiedAttribute,
  type CopiedView,
  ENABLED_COLUMN,
  KEY,
  type Kept,
  TARGET,
  UUID_COLUMN,
  VALUE,
  VERSION,
} from './tables.js'

/** @param source what the store is called among the sources */
export function copySpec(spec: MappingSpec, copied: CopiedView, source: string): MappingSpec {
  const attributes: Record<string, AttributeSpec | AttributeSpec[]> = {}
  // All copies say which entries may bind; where the mapping does not, nobody is shown it.
  const ofScim: NonNullable<ScimSpec['attributes']> = copied.hasEnabled ? {} : { active: null }
  for (const [name, given] of Object.entries(spec.scim?.attributes ?? {})) {
    if (given === null || (typeof given === 'object' && 'attribute' in given)) ofScim[name] = given
  }
  for (const attribute of copied.attributes) {
    const specs = specsOf(attribute)
    const [only, ...others] = specs
    if (only === undefined) continue
    const [section, name, key] = attribute.path
    const given = (others.length === 0 ? only : specs) as AttributeSpec | AttributeSpec[]
    if (section === 'attributes') attributes[String(name)] = given
    else ofScim[String(key)] = given
  }
  for (const { path, column, cleartext } of copied.secrets) {
    const [section, name, key] = path
    const target = section === 'attributes' ? attributes : ofScim
    const at = String(section === 'attributes' ? name : key)
    const secret = { column, verifyOnly: true, cleartext }
    const known = target[at]
    target[at] = known === undefined || known === null ? secret : ([known, secret].flat() as AttributeSpec[])
  }
  return {
    view: spec.view,
    source,
    from: copied.table,
    key: KEY,
    ...(copied.hasUuid && { uuid: UUID_COLUMN }),
    ...(copied.hasVersion && { version: VERSION }),
    enabled: ENABLED_COLUMN,
    attributes,
    ...(spec.ldap && { ldap: spec.ldap }),
    ...(spec.scim && { scim: { ...spec.scim, attributes: ofScim } }),
  }
}

const specsOf = ({ kept, back }: CopiedAttribute): readonly GivenSpec[] => [...kept.map(specOf), ...back]

function specOf(kept: Kept): GivenSpec {
  switch (kept.in) {
    case 'cell':
      return { column: kept.column }
    case 'values':
      return { table: kept.table, on: KEY, value: VALUE }
    case 'elements': {
      const parts = Object.fromEntries(
        kept.parts
          .filter((part) => part.name !== VALUE)
          .map((part): [string, PartSpec] => [
            part.name,
            { column: part.column, syntax: syntaxes[part.kind] },
          ]),
      )
      const hasValue = kept.parts.some((part) => part.name === VALUE)
      return { table: kept.table, on: KEY, ...(hasValue && { value: VALUE }), parts }
    }
    case 'reference':
      return { ref: kept.view, column: kept.column }
    case 'references':
      return { ref: kept.view, table: kept.table, on: KEY, value: TARGET }
  }
}

const syntaxes = {
  text: 'directoryString',
  integer: 'integer',
  decimal: 'decimal',
  boolean: 'boolean',
  time: 'generalizedTime',
  // No part is of bytes.
  binary: 'directoryString',
} as const
