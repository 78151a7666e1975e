/** The subschema subentry (RFC 4512 4.2): what the schema holds, in the words clients parse. */
import type { Entry } from '../../model/entry.js'
import type { Value } from '../../model/value.js'
import type { Schema } from '../../schema/schema.js'

export const SUBSCHEMA_DN = 'cn=Subschema'

/** @param since when the schema is as it is, by which clients tell whether they must read it again */
export function subschemaEntry(schema: Schema, since: Date): Entry {
  const described = schema.describe()
  return {
    view: '',
    id: SUBSCHEMA_DN,
    attributes: new Map<string, readonly Value[]>([
      ['objectClass', ['top', 'subentry', 'subschema', 'extensibleObject']],
      ['structuralObjectClass', ['subentry']],
      ['cn', ['Subschema']],
      ['createTimestamp', [since]],
      ['modifyTimestamp', [since]],
      ['attributeTypes', described.attributeTypes],
      ['objectClasses', described.objectClasses],
      ['ldapSyntaxes', described.ldapSyntaxes],
      ['matchingRules', described.matchingRules],
      ['matchingRuleUse', described.matchingRuleUse],
    ]),
  }
}
