/**
 * The matching rules (RFC 4517 4.2, RFC 4530, the bit and chain rules of Microsoft, OpenLDAP's on names): which there are, on
 * which syntaxes they work and by which form they compare. The forms are made in `normal-forms.ts`; which
 * attribute has which rule is said in `definitions/`.
 */
import type { Scalar } from '../model/value.js'
import { integerOf } from './scalars.js'
import type { SyntaxName } from './syntaxes.js'

/**
 * How values are brought into the form in which the rule compares them. A source that evaluates a filter
 * itself switches on this; what it does not know it must leave to `match`. `none`: the rule cannot be
 * evaluated by comparing forms.
 */
export type Normalizing =
  | 'caseIgnore'
  | 'caseExact'
  | 'caseIgnoreIA5'
  | 'caseExactIA5'
  | 'list'
  | 'telephone'
  | 'numeric'
  | 'integer'
  | 'decimal'
  | 'boolean'
  | 'time'
  | 'octets'
  | 'bits'
  | 'uuid'
  | 'csn'
  | 'dn'
  | 'nameAndUid'
  | 'oid'
  | 'firstOid'
  | 'firstInteger'
  | 'none'

export interface MatchingRule {
  readonly oid: string
  /** The name that filters carry. */
  readonly name: string
  /** Other names by which clients may ask for it. */
  readonly aliases: readonly string[]
  /** `extensible`: to be asked for by name only, and not decided by comparing normal forms. */
  readonly kind: 'equality' | 'ordering' | 'substring' | 'extensible'
  /** The syntax of assertion values. */
  readonly syntax: SyntaxName
  /** The attribute syntaxes on which an extensible assertion may use it. */
  readonly appliesTo: readonly SyntaxName[]
  readonly normalizing: Normalizing
  /** Where the rule is a test of a value against an assertion: does it hold? Undefined for unfit values. */
  readonly test?: (value: Scalar, assertion: Scalar) => boolean | undefined
}

const directoryStrings: readonly SyntaxName[] = [
  'directoryString',
  'countryString',
  'printableString',
  'telephoneNumber',
]
const oidDescriptions: readonly SyntaxName[] = [
  'oid',
  'attributeTypeDescription',
  'ditContentRuleDescription',
  'ldapSyntaxDescription',
  'matchingRuleDescription',
  'matchingRuleUseDescription',
  'nameFormDescription',
  'objectClassDescription',
]

type Row = readonly [
  oid: string,
  kind: MatchingRule['kind'],
  syntax: SyntaxName,
  normalizing: Normalizing,
  appliesTo?: readonly SyntaxName[],
]

const table = {
  objectIdentifierMatch: ['2.5.13.0', 'equality', 'oid', 'oid'],
  distinguishedNameMatch: ['2.5.13.1', 'equality', 'distinguishedName', 'dn'],
  caseIgnoreMatch: ['2.5.13.2', 'equality', 'directoryString', 'caseIgnore', directoryStrings],
  caseIgnoreOrderingMatch: ['2.5.13.3', 'ordering', 'directoryString', 'caseIgnore', directoryStrings],
  caseIgnoreSubstringsMatch: ['2.5.13.4', 'substring', 'substringAssertion', 'caseIgnore', directoryStrings],
  caseExactMatch: ['2.5.13.5', 'equality', 'directoryString', 'caseExact', directoryStrings],
  caseExactOrderingMatch: ['2.5.13.6', 'ordering', 'directoryString', 'caseExact', directoryStrings],
  caseExactSubstringsMatch: ['2.5.13.7', 'substring', 'substringAssertion', 'caseExact', directoryStrings],
  numericStringMatch: ['2.5.13.8', 'equality', 'numericString', 'numeric'],
  numericStringOrderingMatch: ['2.5.13.9', 'ordering', 'numericString', 'numeric'],
  numericStringSubstringsMatch: [
    '2.5.13.10',
    'substring',
    'substringAssertion',
    'numeric',
    ['numericString'],
  ],
  caseIgnoreListMatch: ['2.5.13.11', 'equality', 'postalAddress', 'list'],
  caseIgnoreListSubstringsMatch: ['2.5.13.12', 'substring', 'substringAssertion', 'list', ['postalAddress']],
  booleanMatch: ['2.5.13.13', 'equality', 'boolean', 'boolean'],
  integerMatch: ['2.5.13.14', 'equality', 'integer', 'integer'],
  integerOrderingMatch: ['2.5.13.15', 'ordering', 'integer', 'integer'],
  decimalMatch: ['2.25.226511179666900637011304202385288927152', 'equality', 'decimal', 'decimal'],
  decimalOrderingMatch: ['2.25.112028949692373669100818965683791237858', 'ordering', 'decimal', 'decimal'],
  bitStringMatch: ['2.5.13.16', 'equality', 'bitString', 'bits'],
  octetStringMatch: ['2.5.13.17', 'equality', 'octetString', 'octets'],
  octetStringOrderingMatch: ['2.5.13.18', 'ordering', 'octetString', 'octets'],
  telephoneNumberMatch: ['2.5.13.20', 'equality', 'telephoneNumber', 'telephone'],
  telephoneNumberSubstringsMatch: [
    '2.5.13.21',
    'substring',
    'substringAssertion',
    'telephone',
    ['telephoneNumber'],
  ],
  presentationAddressMatch: ['2.5.13.22', 'equality', 'presentationAddress', 'none'],
  uniqueMemberMatch: ['2.5.13.23', 'equality', 'nameAndOptionalUid', 'nameAndUid'],
  protocolInformationMatch: ['2.5.13.24', 'equality', 'protocolInformation', 'none'],
  generalizedTimeMatch: ['2.5.13.27', 'equality', 'generalizedTime', 'time'],
  generalizedTimeOrderingMatch: ['2.5.13.28', 'ordering', 'generalizedTime', 'time'],
  integerFirstComponentMatch: [
    '2.5.13.29',
    'equality',
    'integer',
    'firstInteger',
    ['integer', 'ditStructureRuleDescription'],
  ],
  objectIdentifierFirstComponentMatch: ['2.5.13.30', 'equality', 'oid', 'firstOid', oidDescriptions],
  certificateExactMatch: ['2.5.13.34', 'equality', 'certificateExactAssertion', 'none', ['certificate']],
  caseExactIA5Match: ['1.3.6.1.4.1.1466.109.114.1', 'equality', 'ia5String', 'caseExactIA5'],
  caseIgnoreIA5Match: ['1.3.6.1.4.1.1466.109.114.2', 'equality', 'ia5String', 'caseIgnoreIA5'],
  caseIgnoreIA5SubstringsMatch: [
    '1.3.6.1.4.1.1466.109.114.3',
    'substring',
    'substringAssertion',
    'caseIgnoreIA5',
    ['ia5String'],
  ],
  caseExactIA5SubstringsMatch: [
    '1.3.6.1.4.1.4203.1.2.1',
    'substring',
    'substringAssertion',
    'caseExactIA5',
    ['ia5String'],
  ],
  UUIDMatch: ['1.3.6.1.1.16.2', 'equality', 'uuid', 'uuid'],
  UUIDOrderingMatch: ['1.3.6.1.1.16.3', 'ordering', 'uuid', 'uuid'],
  CSNMatch: ['1.3.6.1.4.1.4203.666.11.2.2', 'equality', 'changeSequenceNumber', 'csn'],
  CSNOrderingMatch: ['1.3.6.1.4.1.4203.666.11.2.3', 'ordering', 'changeSequenceNumber', 'csn'],
  /** Every bit of the assertion is set in the value. */
  bitAnd: ['1.2.840.113556.1.4.803', 'extensible', 'integer', 'none'],
  /** Some bit of the assertion is set in the value. */
  bitOr: ['1.2.840.113556.1.4.804', 'extensible', 'integer', 'none'],
  /** The value names the asserted entry or one from which it is reached by the same attribute, at any depth. */
  inChain: ['1.2.840.113556.1.4.1941', 'extensible', 'distinguishedName', 'none'],
  /** How names stand to each other in the tree: see `dn-relations.ts`. */
  dnOneLevelMatch: ['1.3.6.1.4.1.4203.666.4.8', 'extensible', 'distinguishedName', 'dn'],
  dnSubtreeMatch: ['1.3.6.1.4.1.4203.666.4.9', 'extensible', 'distinguishedName', 'dn'],
  dnSubordinateMatch: ['1.3.6.1.4.1.4203.666.4.10', 'extensible', 'distinguishedName', 'dn'],
  dnSuperiorMatch: ['1.3.6.1.4.1.4203.666.4.11', 'extensible', 'distinguishedName', 'dn'],
} as const satisfies Record<string, Row>

export type MatchingRuleName = keyof typeof table

const ALIASES: { readonly [name: string]: readonly string[] } = {
  bitAnd: ['integerBitAndMatch'],
  bitOr: ['integerBitOrMatch'],
}

const TESTS: { readonly [name: string]: NonNullable<MatchingRule['test']> } = {
  bitAnd: (value, assertion) => bits(value, assertion, (both, mask) => both === mask),
  bitOr: (value, assertion) => bits(value, assertion, (both) => both !== 0n),
}

/** Every matching rule, by name. */
export const matchingRules: ReadonlyMap<MatchingRuleName, MatchingRule> = new Map(
  (Object.keys(table) as MatchingRuleName[]).map((name) => {
    const [oid, kind, syntax, normalizing, appliesTo = [syntax]]: Row = table[name]
    const test = TESTS[name]
    const rule = { oid, name, aliases: ALIASES[name] ?? [], kind, syntax, appliesTo, normalizing }
    return [name, test === undefined ? rule : { ...rule, test }]
  }),
)

const byIdentifier = new Map<string, MatchingRule>()
for (const rule of matchingRules.values()) {
  for (const name of [rule.oid, rule.name, ...rule.aliases]) byIdentifier.set(name.toLowerCase(), rule)
}

/** A rule by any of its names (in any case) or its OID. */
export function findMatchingRule(nameOrOid: string): MatchingRule | undefined {
  return byIdentifier.get(nameOrOid) ?? byIdentifier.get(nameOrOid.toLowerCase())
}

/** A rule that is known to exist. */
export function matchingRuleOf(name: MatchingRuleName): MatchingRule {
  const rule = matchingRules.get(name)
  if (rule === undefined) throw new Error(`no matching rule ${name}`)
  return rule
}

function bits(
  value: Scalar,
  assertion: Scalar,
  decide: (both: bigint, mask: bigint) => boolean,
): boolean | undefined {
  const number = integerOf(value)
  const mask = integerOf(assertion)
  if (number === undefined || mask === undefined) return undefined
  return decide(BigInt(number) & BigInt(mask), BigInt(mask))
}
