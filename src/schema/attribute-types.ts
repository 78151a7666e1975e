/**
 * Attribute types (RFC 4512 2.5): how they are written down, and with what they inherit from their supertype
 * filled in. Which there are is said in `definitions/`; they are looked up in a `Schema`.
 */
import { createHash } from 'node:crypto'
import { type MatchingRule, type MatchingRuleName, matchingRuleOf } from './matching-rules.js'
import { findSyntax, SCIM_SYNTAX, type Syntax, type SyntaxName, syntaxOf } from './syntaxes.js'

type AttributeUsage = 'userApplications' | 'directoryOperation' | 'distributedOperation' | 'dSAOperation'

/** An attribute type as its standard defines it; what is left out comes from `sup` or does not exist. */
export interface AttributeDefinition {
  readonly oid: string
  /** The name that values are kept under, then its aliases. */
  readonly names: readonly [string, ...string[]]
  readonly description?: string
  readonly sup?: string
  readonly syntax?: SyntaxName
  readonly equality?: MatchingRuleName
  readonly ordering?: MatchingRuleName
  readonly substring?: MatchingRuleName
  readonly singleValued?: boolean
  readonly noUserModification?: boolean
  readonly usage?: AttributeUsage
  /** Of no concern to LDAP: its name is none there, and nothing of it is published. */
  readonly hidden?: boolean
}

export interface AttributeType {
  readonly definition: AttributeDefinition
  readonly oid: string
  /** The spelling under which entries hold it. */
  readonly name: string
  readonly names: readonly string[]
  /** The name of its supertype. */
  readonly sup: string | undefined
  readonly syntax: Syntax
  readonly equality: MatchingRule | undefined
  readonly ordering: MatchingRule | undefined
  readonly substring: MatchingRule | undefined
  readonly singleValued: boolean
  readonly noUserModification: boolean
  readonly usage: AttributeUsage
  /** Is it shown only where it is asked for (RFC 4512 3.4)? */
  readonly operational: boolean
  /** What stands behind the type in its name, such as `lang-de` (RFC 4512 2.5.2), in lower case. */
  readonly options: readonly string[]
}

/** An attribute type of one's own: a name and what its values are. Its matching rules follow from the syntax. */
export interface CustomAttribute {
  readonly name: string
  readonly aliases?: readonly string[]
  /** Made from the name where none is registered. */
  readonly oid?: string
  readonly description?: string
  /** A supertype; brings its syntax and rules where no syntax is given. */
  readonly sup?: string
  /** A syntax by its name or OID; `directoryString` where neither it nor a supertype is given. */
  readonly syntax?: string
  /** Letters of different case are different; for the text syntaxes that have the choice. */
  readonly caseExact?: boolean
  readonly singleValued?: boolean
  /** Maintained by the server and shown only where it is asked for. */
  readonly operational?: boolean
  /** Of no concern to LDAP; it may be named as one likes. */
  readonly hidden?: boolean
}

/** A definition that contradicts the schema it is added to. Its message is for whoever wrote the definition. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError'
}

type Rules = Pick<AttributeDefinition, 'equality' | 'ordering' | 'substring'>

const ignoreText: Rules = {
  equality: 'caseIgnoreMatch',
  ordering: 'caseIgnoreOrderingMatch',
  substring: 'caseIgnoreSubstringsMatch',
}
const exactText: Rules = {
  equality: 'caseExactMatch',
  ordering: 'caseExactOrderingMatch',
  substring: 'caseExactSubstringsMatch',
}
const ignoreIA5: Rules = { equality: 'caseIgnoreIA5Match', substring: 'caseIgnoreIA5SubstringsMatch' }
const exactIA5: Rules = { equality: 'caseExactIA5Match', substring: 'caseExactIA5SubstringsMatch' }

const usual: { readonly [S in SyntaxName]?: Rules } = {
  directoryString: ignoreText,
  printableString: ignoreText,
  countryString: ignoreText,
  ia5String: ignoreIA5,
  telephoneNumber: { equality: 'telephoneNumberMatch', substring: 'telephoneNumberSubstringsMatch' },
  numericString: {
    equality: 'numericStringMatch',
    ordering: 'numericStringOrderingMatch',
    substring: 'numericStringSubstringsMatch',
  },
  postalAddress: { equality: 'caseIgnoreListMatch', substring: 'caseIgnoreListSubstringsMatch' },
  integer: { equality: 'integerMatch', ordering: 'integerOrderingMatch' },
  decimal: { equality: 'decimalMatch', ordering: 'decimalOrderingMatch' },
  boolean: { equality: 'booleanMatch' },
  generalizedTime: { equality: 'generalizedTimeMatch', ordering: 'generalizedTimeOrderingMatch' },
  octetString: { equality: 'octetStringMatch', ordering: 'octetStringOrderingMatch' },
  distinguishedName: { equality: 'distinguishedNameMatch' },
  nameAndOptionalUid: { equality: 'uniqueMemberMatch' },
  uuid: { equality: 'UUIDMatch', ordering: 'UUIDOrderingMatch' },
  oid: { equality: 'objectIdentifierMatch' },
  bitString: { equality: 'bitStringMatch' },
}

/** The matching rules that a syntax usually goes with; none for syntaxes whose values are not compared. */
function usualRules(syntax: SyntaxName, caseExact: boolean): Rules {
  const rules = usual[syntax] ?? {}
  if (!caseExact) return rules
  return rules === ignoreText ? exactText : rules === ignoreIA5 ? exactIA5 : rules
}

/**
 * The definition of a custom attribute.
 * @throws SchemaError where there is no such syntax, or the name is none.
 */
export function defineAttribute(custom: CustomAttribute): AttributeDefinition {
  const names = [custom.name, ...(custom.aliases ?? [])] as const
  if (custom.hidden !== true) for (const name of names) checkName(name)
  const syntaxName = custom.syntax ?? (custom.sup === undefined ? 'directoryString' : undefined)
  const syntax = syntaxName === undefined ? undefined : findSyntax(syntaxName)
  if (
    syntaxName !== undefined &&
    (syntax === undefined || (syntax.name === SCIM_SYNTAX && custom.hidden !== true))
  ) {
    throw new SchemaError(`attribute ${custom.name}: there is no syntax "${syntaxName}"`)
  }
  return {
    oid: custom.oid ?? oidFor(custom.name),
    names,
    ...(custom.description !== undefined && { description: custom.description }),
    ...(custom.sup !== undefined && { sup: custom.sup }),
    ...(syntax !== undefined && {
      syntax: syntax.name,
      ...usualRules(syntax.name, custom.caseExact ?? false),
    }),
    ...(custom.singleValued === true && { singleValued: true }),
    ...(custom.hidden === true && { hidden: true }),
    ...(custom.operational === true && { noUserModification: true, usage: 'directoryOperation' as const }),
  }
}

/**
 * A definition with everything it inherits.
 * @throws SchemaError where it has neither a syntax nor a supertype to take one from.
 */
export function resolveAttribute(
  definition: AttributeDefinition,
  sup: AttributeType | undefined,
): AttributeType {
  const syntax = definition.syntax === undefined ? sup?.syntax : syntaxOf(definition.syntax)
  if (syntax === undefined) throw new SchemaError(`attribute ${definition.names[0]} has no syntax`)
  const rule = (name: MatchingRuleName | undefined) => (name === undefined ? undefined : matchingRuleOf(name))
  const usage = definition.usage ?? sup?.usage ?? 'userApplications'
  return {
    definition,
    oid: definition.oid,
    name: definition.names[0],
    names: definition.names,
    sup: sup?.name,
    syntax,
    equality: rule(definition.equality) ?? sup?.equality,
    ordering: rule(definition.ordering) ?? sup?.ordering,
    substring: rule(definition.substring) ?? sup?.substring,
    singleValued: definition.singleValued ?? false,
    noUserModification: definition.noUserModification ?? false,
    usage,
    operational: usage !== 'userApplications',
    options: definition.names[0].split(';').slice(1),
  }
}

/** A type with options in the one form in which it is kept: the type's own name, the options in lower case and in order. */
export function canonicalDescription(
  description: string,
  nameOf: (nameOrOid: string) => string | undefined,
): string {
  const [name = '', ...options] = description.split(';')
  const lower = options.map((option) => option.toLowerCase())
  return [nameOf(name) ?? name, ...new Set(lower.sort())].join(';')
}

/**
 * The definition of a known type with options: an attribute of its own, derived from the type without them.
 * @throws SchemaError where the options are none, or mean a way of transfer.
 */
export function defineWithOptions(description: string, type: AttributeType): AttributeDefinition {
  const name = canonicalDescription(description, () => type.name)
  const [, ...options] = name.split(';')
  if (options.length === 0 || options.some((o) => !/^[a-z0-9-]+$/.test(o) || o === 'binary')) {
    throw new SchemaError(
      `"${description}" has no such options: ;lang-de, ;x-work, letters, digits and hyphens`,
    )
  }
  return {
    oid: oidFor(name),
    names: [name],
    sup: type.name,
    hidden: true,
    ...(type.singleValued && { singleValued: true }),
    ...(type.noUserModification && { noUserModification: true }),
  }
}

/** An OID for a name that has none registered: under 2.25 (ITU-T X.667), always the same for the same name. */
export function oidFor(name: string): string {
  const hash = createHash('sha256').update(`vitrine:${name.toLowerCase()}`).digest('hex').slice(0, 32)
  return `2.25.${BigInt(`0x${hash}`)}`
}

/**
 * A name as RFC 4512 1.4 allows it (`descr`).
 * @throws SchemaError where it is none.
 */
export function checkName(name: string): void {
  if (!/^[A-Za-z][A-Za-z0-9-]*$/.test(name)) {
    throw new SchemaError(`"${name}" is no name for a schema element: letters, digits and hyphens only`)
  }
}
