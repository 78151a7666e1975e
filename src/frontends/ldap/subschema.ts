/** The subschema subentry (RFC 4512 4.2): what the schema holds, in the words clients parse. */
import type { Entry } from '../../model/entry.js'
import type { Schema } from '../../schema/schema.js'

export const SUBSCHEMA_DN = 'cn=Subschema'

export function subschemaEntry(schema: Schema): Entry {
  const described = schema.describe()
  return {
    view: '',
    id: SUBSCHEMA_DN,
    attributes: new Map<string, readonly string[]>([
      ['objectClass', ['top', 'subentry', 'subschema', 'extensibleObject']],
      ['structuralObjectClass', ['subentry']],
      ['cn', ['Subschema']],
      ['attributeTypes', described.attributeTypes],
      ['objectClasses', described.objectClasses],
      ['ldapSyntaxes', described.ldapSyntaxes],
      ['matchingRules', described.matchingRules],
      ['matchingRuleUse', described.matchingRuleUse],
    ]),
  }
}
