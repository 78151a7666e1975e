/**
 * Schema elements as RFC 4512 4.1 writes them, for the subschema subentry. Strict clients parse these: no
 * element is written without its numeric OID, and no list without a member.
 */
import type { AttributeType } from './attribute-types.js'
import type { MatchingRule } from './matching-rules.js'
import type { ObjectClass } from './object-classes.js'
import { type Syntax, syntaxOf } from './syntaxes.js'

/** RFC 4512 4.1.2; what is inherited is not repeated. */
export function describeAttributeType(type: AttributeType): string {
  const { definition } = type
  return parenthesized([
    type.oid,
    names(type.names),
    description(definition.description),
    type.sup && `SUP ${type.sup}`,
    definition.equality && `EQUALITY ${definition.equality}`,
    definition.ordering && `ORDERING ${definition.ordering}`,
    definition.substring && `SUBSTR ${definition.substring}`,
    definition.syntax && `SYNTAX ${type.syntax.oid}`,
    type.singleValued && 'SINGLE-VALUE',
    type.noUserModification && 'NO-USER-MODIFICATION',
    type.usage !== 'userApplications' && `USAGE ${type.usage}`,
  ])
}

/** RFC 4512 4.1.1. */
export function describeObjectClass(objectClass: ObjectClass): string {
  return parenthesized([
    objectClass.oid,
    names(objectClass.names),
    description(objectClass.definition.description),
    list('SUP', objectClass.sup),
    objectClass.kind.toUpperCase(),
    list('MUST', objectClass.must),
    list('MAY', objectClass.may),
  ])
}

/** RFC 4512 4.1.5, with the extensions of RFC 2252 by which clients know what is no text. */
export function describeSyntax(syntax: Syntax): string {
  return parenthesized([
    syntax.oid,
    description(syntax.description),
    syntax.binaryTransfer && "X-BINARY-TRANSFER-REQUIRED 'TRUE'",
    syntax.kind === 'binary' && "X-NOT-HUMAN-READABLE 'TRUE'",
  ])
}

/** RFC 4512 4.1.3. */
export function describeMatchingRule(rule: MatchingRule): string {
  return parenthesized([rule.oid, names([rule.name, ...rule.aliases]), `SYNTAX ${syntaxOf(rule.syntax).oid}`])
}

/** RFC 4512 4.1.4; undefined where there is no attribute with which the rule could be asked for by name. */
export function describeMatchingRuleUse(
  rule: MatchingRule,
  attributes: readonly AttributeType[],
): string | undefined {
  if (attributes.length === 0) return undefined
  return parenthesized([
    rule.oid,
    names([rule.name, ...rule.aliases]),
    list(
      'APPLIES',
      attributes.map((type) => type.name),
    ),
  ])
}

type Part = string | false | undefined

function parenthesized(parts: readonly Part[]): string {
  return `( ${parts.filter((part) => part !== false && part !== undefined && part !== '').join(' ')} )`
}

function names(all: readonly string[]): string {
  const quoted = all.map((name) => `'${name}'`)
  return quoted.length === 1 ? `NAME ${quoted[0]}` : `NAME ( ${quoted.join(' ')} )`
}

/** RFC 4512 4.1 `qdstring`: quotes and backslashes are written as hex. */
function description(text: string | undefined): Part {
  return text === undefined || text === ''
    ? undefined
    : `DESC '${text.replaceAll('\\', '\\5C').replaceAll("'", '\\27')}'`
}

function list(keyword: string, members: readonly string[]): Part {
  if (members.length === 0) return undefined
  return members.length === 1 ? `${keyword} ${members[0]}` : `${keyword} ( ${members.join(' $ ')} )`
}
