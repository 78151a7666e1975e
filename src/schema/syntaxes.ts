/**
 * The LDAP syntaxes (RFC 4517 3.3 and those of RFC 2307, 4530 and OpenLDAP): octets of an attribute or assertion
 * value to the typed value every room uses, and back. Comparing values belongs to `matching-rules.ts`.
 */
import type { Scalar, ValueKind } from '../model/value.js'
import * as is from './character-sets.js'
import { isBitString, isDn } from './dn-value.js'
import { renderGeneralizedTime } from './generalized-time.js'
import {
  booleanOf,
  decimalOf,
  decodeUtf8,
  integerOf,
  MAX_DIGITS,
  octetsOf,
  textOf,
  timeOf,
  uuidOf,
} from './scalars.js'

export interface Syntax {
  readonly oid: string
  readonly name: SyntaxName
  readonly kind: ValueKind
  /** As RFC 4517 names it; shown in `ldapSyntaxes`. */
  readonly description: string
  /** Does the `;binary` transfer option belong to it (RFC 4522)? */
  readonly binaryTransfer: boolean
  /** Octets from the wire as a typed value; undefined where the syntax refuses them. */
  readonly parse: (bytes: Uint8Array) => Scalar | undefined
  /** Of those whose values are their text: is it one? */
  readonly accepts?: (text: string) => boolean
  /**
   * A typed value as LDAP sends it; undefined where it has no such form, e.g. text that is no number. Text of a
   * source is shown even where the syntax would not accept it from a client, unless it is empty and must not be.
   */
  readonly render: (value: Scalar) => string | Uint8Array | undefined
}

type Form = Pick<Syntax, 'kind' | 'parse' | 'accepts' | 'render'>

function text(accepts: (text: string) => boolean, mayBeEmpty = false): Form {
  return {
    kind: 'text',
    parse: (bytes) => {
      const value = decodeUtf8(bytes)
      return value !== undefined && accepts(value) ? value : undefined
    },
    accepts,
    render: (value) => {
      const rendered = textOf(value)
      return rendered === '' && !mayBeEmpty ? undefined : rendered
    },
  }
}

function binary(accepts: (bytes: Uint8Array) => boolean = () => true): Form {
  return {
    kind: 'binary',
    parse: (bytes) => (accepts(bytes) ? bytes : undefined),
    render: (value) => octetsOf(value),
  }
}

const integer: Form = {
  kind: 'integer',
  parse: (bytes) => {
    if (bytes.length > MAX_DIGITS) return undefined
    const value = decodeUtf8(bytes)
    return value !== undefined && /^(?:0|-?[1-9]\d*)$/.test(value) ? integerOf(value) : undefined
  },
  render: (value) => integerOf(value)?.toString(),
}

/** Numbers with a fraction, which LDAP does not know. */
const decimal: Form = {
  kind: 'decimal',
  parse: (bytes) => decimalOf(bytes),
  render: (value) => decimalOf(value)?.toString(),
}

const boolean: Form = {
  kind: 'boolean',
  parse: (bytes) => booleanOf(bytes),
  render: (value) => {
    const truth = booleanOf(value)
    return truth === undefined ? undefined : truth ? 'TRUE' : 'FALSE'
  },
}

const generalizedTime: Form = {
  kind: 'time',
  parse: (bytes) => timeOf(bytes),
  render: (value) => {
    const time = timeOf(value)
    return time === undefined ? undefined : renderGeneralizedTime(time)
  },
}

const uuid: Form = { ...text(is.isUuid), render: (value) => uuidOf(value) }

/** One BER element of definite length and nothing behind it; `tag` restricts its first octet. */
function isBerElement(bytes: Uint8Array, tag?: number): boolean {
  const [first, length] = bytes
  if (first === undefined || length === undefined || (tag !== undefined && first !== tag)) return false
  if (length < 0x80) return bytes.length === 2 + length
  const octets = length - 0x80
  if (octets === 0 || octets > 4 || bytes.length < 2 + octets) return false
  let size = 0
  for (const octet of bytes.subarray(2, 2 + octets)) size = size * 256 + octet
  return bytes.length === 2 + octets + size
}

const sequence = binary((bytes) => isBerElement(bytes, 0x30))
const berValue = binary((bytes) => isBerElement(bytes))
const octets = binary()
const anyText = text(is.isAnyText, true)

const standard = '1.3.6.1.4.1.1466.115.121.1.'

const table = {
  attributeTypeDescription: [`${standard}3`, 'Attribute Type Description', anyText],
  audio: [`${standard}4`, 'Audio', octets],
  binary: [`${standard}5`, 'Binary', berValue],
  bitString: [`${standard}6`, 'Bit String', text(isBitString)],
  boolean: [`${standard}7`, 'Boolean', boolean],
  certificate: [`${standard}8`, 'Certificate', sequence],
  certificateList: [`${standard}9`, 'Certificate List', sequence],
  certificatePair: [`${standard}10`, 'Certificate Pair', sequence],
  countryString: [`${standard}11`, 'Country String', text(is.isCountryString)],
  distinguishedName: [`${standard}12`, 'DN', text(isDn, true)],
  dataQuality: [`${standard}13`, 'Data Quality', anyText],
  decimal: ['2.25.261581368843727995917853052559431211152', 'Decimal', decimal],
  deliveryMethod: [`${standard}14`, 'Delivery Method', text(is.isDeliveryMethod)],
  directoryString: [`${standard}15`, 'Directory String', text(is.isDirectoryString)],
  ditContentRuleDescription: [`${standard}16`, 'DIT Content Rule Description', anyText],
  ditStructureRuleDescription: [`${standard}17`, 'DIT Structure Rule Description', anyText],
  dsaQuality: [`${standard}19`, 'DSA Quality', anyText],
  enhancedGuide: [`${standard}21`, 'Enhanced Guide', anyText],
  facsimileTelephoneNumber: [`${standard}22`, 'Facsimile Telephone Number', text(is.isPrintableStrings)],
  fax: [`${standard}23`, 'Fax', octets],
  generalizedTime: [`${standard}24`, 'Generalized Time', generalizedTime],
  guide: [`${standard}25`, 'Guide', anyText],
  ia5String: [`${standard}26`, 'IA5 String', text(is.isIA5String, true)],
  integer: [`${standard}27`, 'INTEGER', integer],
  jpeg: [`${standard}28`, 'JPEG', octets],
  matchingRuleDescription: [`${standard}30`, 'Matching Rule Description', anyText],
  matchingRuleUseDescription: [`${standard}31`, 'Matching Rule Use Description', anyText],
  nameAndOptionalUid: [`${standard}34`, 'Name And Optional UID', text(is.isNameAndOptionalUid, true)],
  nameFormDescription: [`${standard}35`, 'Name Form Description', anyText],
  numericString: [`${standard}36`, 'Numeric String', text(is.isNumericString)],
  objectClassDescription: [`${standard}37`, 'Object Class Description', anyText],
  oid: [`${standard}38`, 'OID', text(is.isOidOrDescriptor)],
  otherMailbox: [`${standard}39`, 'Other Mailbox', text(is.isIA5String, true)],
  octetString: [`${standard}40`, 'Octet String', octets],
  postalAddress: [`${standard}41`, 'Postal Address', text(is.isPostalAddress, true)],
  protocolInformation: [`${standard}42`, 'Protocol Information', anyText],
  presentationAddress: [`${standard}43`, 'Presentation Address', anyText],
  printableString: [`${standard}44`, 'Printable String', text(is.isPrintableString)],
  subtreeSpecification: [`${standard}45`, 'Subtree Specification', anyText],
  supportedAlgorithm: [`${standard}49`, 'Supported Algorithm', berValue],
  telephoneNumber: [`${standard}50`, 'Telephone Number', text(is.isPrintableString)],
  teletexTerminalIdentifier: [`${standard}51`, 'Teletex Terminal Identifier', anyText],
  telexNumber: [`${standard}52`, 'Telex Number', text(is.isPrintableStrings)],
  ldapSyntaxDescription: [`${standard}54`, 'LDAP Syntax Description', anyText],
  substringAssertion: [`${standard}58`, 'Substring Assertion', anyText],
  nisNetgroupTriple: ['1.3.6.1.1.1.0.0', 'NIS Netgroup Triple', text(is.isNetgroupTriple)],
  bootParameter: ['1.3.6.1.1.1.0.1', 'Boot Parameter', text(is.isBootParameter)],
  uuid: ['1.3.6.1.1.16.1', 'UUID', uuid],
  certificateExactAssertion: [
    '1.3.6.1.1.15.1',
    'Certificate Exact Assertion',
    text(is.isCertificateAssertion),
  ],
  changeSequenceNumber: ['1.3.6.1.4.1.4203.666.11.2.1', 'Change Sequence Number', text(is.isCsn)],
} as const satisfies Record<string, readonly [oid: string, description: string, form: Form]>

/** Of SCIM alone: not shown to LDAP. */
export const SCIM_SYNTAX: SyntaxName = 'decimal'

/** The name by which definitions and mappings choose a syntax. */
export type SyntaxName = keyof typeof table

const BINARY_TRANSFER: ReadonlySet<string> = new Set([
  'certificate',
  'certificateList',
  'certificatePair',
  'supportedAlgorithm',
])

/** Every syntax, by name. */
export const syntaxes: ReadonlyMap<SyntaxName, Syntax> = new Map(
  (Object.keys(table) as SyntaxName[]).map((name) => {
    const [oid, description, form] = table[name]
    return [name, { oid, name, description, binaryTransfer: BINARY_TRANSFER.has(name), ...form }]
  }),
)

const byOid = new Map([...syntaxes.values()].map((syntax) => [syntax.oid, syntax]))

/** A syntax by its name here (in any case) or its OID. */
export function findSyntax(nameOrOid: string): Syntax | undefined {
  const exact = syntaxes.get(nameOrOid as SyntaxName) ?? byOid.get(nameOrOid)
  if (exact !== undefined) return exact
  const lower = nameOrOid.toLowerCase()
  for (const syntax of syntaxes.values()) if (syntax.name.toLowerCase() === lower) return syntax
  return undefined
}

/** A syntax that is known to exist. */
export function syntaxOf(name: SyntaxName): Syntax {
  const syntax = syntaxes.get(name)
  if (syntax === undefined) throw new Error(`no syntax ${name}`)
  return syntax
}
