/**
 * The schema of a directory that stands behind the gateway: attributes and classes of its own, named by nothing that the
 * gateway shows. What is kept in them is in `population.ts` and `company.ts`.
 */

/** Of the numbers that RFC 5612 keeps for examples. */
const arc = '1.3.6.1.4.1.32473.7'
const syntax = (number: number) => `SYNTAX 1.3.6.1.4.1.1466.115.121.1.${number}`

const text = `EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch ${syntax(15)}`
const telephone = `EQUALITY telephoneNumberMatch SUBSTR telephoneNumberSubstringsMatch ${syntax(50)}`
const integer = `EQUALITY integerMatch ORDERING integerOrderingMatch ${syntax(27)} SINGLE-VALUE`
const reference = `EQUALITY distinguishedNameMatch ${syntax(12)}`

const attributes: Readonly<Record<string, string>> = {
  acmeId: `EQUALITY numericStringMatch ${syntax(36)} SINGLE-VALUE`,
  acmeLogin: `${text} SINGLE-VALUE`,
  acmeFullName: text,
  acmeFirstName: text,
  acmeLastName: text,
  acmeMail: `EQUALITY caseIgnoreIA5Match SUBSTR caseIgnoreIA5SubstringsMatch ${syntax(26)}`,
  acmeWorkPhone: telephone,
  acmeMobilePhone: telephone,
  // Can be asked for by whole values only.
  acmeTitle: `EQUALITY caseIgnoreMatch ${syntax(15)}`,
  // Tells upper from lower case, which departmentNumber does not.
  acmeDepartment: `EQUALITY caseExactMatch SUBSTR caseExactSubstringsMatch ${syntax(15)}`,
  acmeNumber: integer,
  acmeKind: integer,
  acmeBadge: `${text} SINGLE-VALUE`,
  acmeRemark: text,
  acmeUnixNumber: integer,
  acmeUnixGroup: integer,
  acmePhoto: syntax(28),
  acmeBoss: `${reference} SINGLE-VALUE`,
  acmeStatus: `${text} SINGLE-VALUE`,
  acmeDeletedAt: `${text} SINGLE-VALUE`,
  acmeName: `${text} SINGLE-VALUE`,
  acmeMember: reference,
}

const classes: Readonly<Record<string, string>> = {
  acmePerson:
    'MAY ( acmeLogin $ acmeFullName $ acmeFirstName $ acmeLastName $ acmeMail $ acmeWorkPhone $ acmeMobilePhone $ ' +
    'acmeTitle $ acmeDepartment $ acmeNumber $ acmeKind $ acmeBadge $ acmeRemark $ acmeUnixNumber $ acmeUnixGroup $ ' +
    'acmePhoto $ acmeBoss $ acmeStatus $ acmeDeletedAt $ userPassword )',
  acmeGroup: 'MAY ( acmeName $ acmeRemark $ acmeMember $ acmeDeletedAt )',
}

/** Lines of slapd.conf(5). */
export const upstreamSchema: readonly string[] = [
  ...Object.entries(attributes).map(
    ([name, rules], i) => `attributetype ( ${arc}.1.${i + 1} NAME '${name}' ${rules} )`,
  ),
  ...Object.entries(classes).map(
    ([name, rules], i) =>
      `objectclass ( ${arc}.2.${i + 1} NAME '${name}' SUP top STRUCTURAL MUST acmeId ${rules} )`,
  ),
]
