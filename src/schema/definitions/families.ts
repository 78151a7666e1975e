/** The usual combinations of syntax and matching rules. */
import type { AttributeDefinition } from '../attribute-types.js'

type Family = Pick<AttributeDefinition, 'syntax' | 'equality' | 'ordering' | 'substring'>

export const directoryText: Family = {
  syntax: 'directoryString',
  equality: 'caseIgnoreMatch',
  substring: 'caseIgnoreSubstringsMatch',
}

export const printableText: Family = {
  syntax: 'printableString',
  equality: 'caseIgnoreMatch',
  substring: 'caseIgnoreSubstringsMatch',
}

export const ia5Text: Family = {
  syntax: 'ia5String',
  equality: 'caseIgnoreIA5Match',
  substring: 'caseIgnoreIA5SubstringsMatch',
}

export const exactIA5Text: Family = {
  syntax: 'ia5String',
  equality: 'caseExactIA5Match',
  substring: 'caseExactIA5SubstringsMatch',
}

export const ia5Word: Family = { syntax: 'ia5String', equality: 'caseIgnoreIA5Match' }

export const exactIA5Word: Family = { syntax: 'ia5String', equality: 'caseExactIA5Match' }

export const exactWord: Family = { syntax: 'directoryString', equality: 'caseExactMatch' }

export const telephone: Family = {
  syntax: 'telephoneNumber',
  equality: 'telephoneNumberMatch',
  substring: 'telephoneNumberSubstringsMatch',
}

export const numericText: Family = {
  syntax: 'numericString',
  equality: 'numericStringMatch',
  substring: 'numericStringSubstringsMatch',
}

export const postalLines: Family = {
  syntax: 'postalAddress',
  equality: 'caseIgnoreListMatch',
  substring: 'caseIgnoreListSubstringsMatch',
}

export const dn: Family = { syntax: 'distinguishedName', equality: 'distinguishedNameMatch' }

export const integer: Family = { syntax: 'integer', equality: 'integerMatch' }

export const orderedInteger: Family = {
  syntax: 'integer',
  equality: 'integerMatch',
  ordering: 'integerOrderingMatch',
}

export const boolean: Family = { syntax: 'boolean', equality: 'booleanMatch' }

export const time: Family = {
  syntax: 'generalizedTime',
  equality: 'generalizedTimeMatch',
  ordering: 'generalizedTimeOrderingMatch',
}

export const octets: Family = { syntax: 'octetString', equality: 'octetStringMatch' }

export const identifier: Family = { syntax: 'oid', equality: 'objectIdentifierMatch' }

export const uuid: Family = { syntax: 'uuid', equality: 'UUIDMatch', ordering: 'UUIDOrderingMatch' }

export const changeSequence: Family = {
  syntax: 'changeSequenceNumber',
  equality: 'CSNMatch',
  ordering: 'CSNOrderingMatch',
}
