/**
 * A schema: every attribute type and object class a gateway knows, and how their values are read, compared and
 * described. The standard ones are in `definitions/`; mappings add their own to a copy.
 */
import type { Matching } from '../model/match.js'
import type { Scalar } from '../model/value.js'
import {
  type AttributeType,
  type CustomAttribute,
  canonicalDescription,
  defineAttribute,
  defineWithOptions,
} from './attribute-types.js'
import { standardAttributes, standardClasses } from './definitions/standard.js'
import * as describe from './describe.js'
import { Elements } from './elements.js'
import { findMatchingRule, type MatchingRule, matchingRuleOf, matchingRules } from './matching-rules.js'
import { type Identifiers, matchingBy } from './normal-forms.js'
import { type CustomObjectClass, defineObjectClass, type ObjectClass } from './object-classes.js'
import { SCIM_SYNTAX, syntaxes, syntaxOf } from './syntaxes.js'

export type { AttributeType } from './attribute-types.js'
export type { ObjectClass } from './object-classes.js'

/** Printable ASCII: its octets in UTF-8 are its characters. */
const PLAIN = /^[ -~]*$/

/** What an assertion value is meant for; each has its own rule and syntax. */
export type AssertionUse = 'equality' | 'ordering' | 'substring'

/** The subschema subentry's attributes (RFC 4512 4.2), each a list of definitions. */
export interface Subschema {
  readonly attributeTypes: readonly string[]
  readonly objectClasses: readonly string[]
  readonly ldapSyntaxes: readonly string[]
  readonly matchingRules: readonly string[]
  readonly matchingRuleUse: readonly string[]
}

export class Schema {
  readonly #elements: Elements
  readonly #identifiers: Identifiers
  /** By canonical attribute name. */
  readonly #matching = new Map<string, Matching>()
  #partMatching: Matching | undefined
  /** Those that some attribute has. */
  #options: ReadonlySet<string> | undefined
  /** By rule name. */
  readonly #ruleMatching = new Map<string, Matching>()

  constructor(elements: Elements) {
    this.#elements = elements
    this.#identifiers = {
      attributeName: (name) => this.attribute(name)?.name ?? name,
      objectIdentifier: (name) =>
        this.objectClass(name)?.oid ?? this.attribute(name)?.oid ?? name.toLowerCase(),
    }
  }

  get attributes(): readonly AttributeType[] {
    return this.#elements.attributes
  }

  get objectClasses(): readonly ObjectClass[] {
    return this.#elements.objectClasses
  }

  /**
   * By any name, in any case, or OID. With options, such as `;lang-en`, those alone that have been added with just these,
   * in whatever order: what else a description is about, `describedBy` tells.
   */
  attribute(description: string): AttributeType | undefined {
    const known = this.#elements.attribute(description)
    return known === undefined && description.includes(';')
      ? this.#elements.attribute(canonicalDescription(description, (name) => this.attribute(name)?.name))
      : known
  }

  /**
   * The attributes that a description is about (RFC 4512 2.5.2): its type and those derived from it, as far as they have
   * its options; none where no attribute has them. Undefined where the type or an option is not known.
   */
  describedBy(description: string): readonly AttributeType[] | undefined {
    if (!description.includes(';')) {
      const all = this.#elements.subtypesOf(description)
      return all.length === 0 ? undefined : all
    }
    const [name = '', ...options] = description.split(';')
    const type = this.attribute(name)
    if (type === undefined) return undefined
    const wanted = new Set(options.map((option) => option.toLowerCase()))
    for (const option of wanted) {
      if (option === 'binary' && type.syntax.kind === 'binary') wanted.delete(option)
      else if (!this.#isOption(option)) return undefined
    }
    const all = this.#elements.subtypesOf(name)
    return wanted.size === 0 ? all : all.filter((t) => [...wanted].every((o) => t.options.includes(o)))
  }

  /** Languages (RFC 3866), and whatever some attribute has. */
  #isOption(option: string): boolean {
    this.#options ??= new Set(this.attributes.flatMap((type) => type.options))
    return /^lang-[a-z0-9-]*$/.test(option) || this.#options.has(option)
  }

  /** By any name, in any case, or OID. */
  objectClass(nameOrOid: string): ObjectClass | undefined {
    return this.#elements.objectClass(nameOrOid)
  }

  /** The type and those derived from it at any depth (RFC 4512 2.5.1); a filter on it asks about all of them. */
  subtypesOf(nameOrOid: string): readonly AttributeType[] {
    return this.#elements.subtypesOf(nameOrOid)
  }

  /** The classes from which one is derived, at any depth, nearest first, without itself. */
  superclassesOf(nameOrOid: string): readonly ObjectClass[] {
    return this.#elements.superclassesOf(nameOrOid)
  }

  /**
   * An entry's classes with all their superclasses, in canonical spelling and without repetition. RFC 4512 3.3
   * lets `(objectClass=person)` select an inetOrgPerson; equality alone does not know that, so whoever makes
   * an entry gives its `objectClass` attribute the expanded list. Unknown classes stay as they are.
   */
  withSuperclasses(objectClasses: readonly string[]): readonly string[] {
    const all = new Set<string>()
    for (const name of objectClasses) all.add(this.objectClass(name)?.name ?? name)
    for (const name of objectClasses) for (const sup of this.superclassesOf(name)) all.add(sup.name)
    return [...all]
  }

  /**
   * A schema that also has these; one with options in its name is its type's, which is known already.
   * @throws SchemaError where a name is taken or a definition makes no sense.
   */
  withAttributes(attributes: readonly CustomAttribute[]): Schema {
    if (attributes.length === 0) return this
    const definitions = attributes.map((custom) => {
      const type = custom.hidden === true ? undefined : this.attribute(custom.name.split(';')[0] ?? '')
      return type !== undefined && custom.name.includes(';')
        ? defineWithOptions(custom.name, type)
        : defineAttribute(custom)
    })
    return new Schema(new Elements(definitions, [], this.#elements))
  }

  /** A schema that also has these. @throws SchemaError where a name is taken or something named is unknown. */
  withObjectClasses(objectClasses: readonly CustomObjectClass[]): Schema {
    return objectClasses.length === 0
      ? this
      : new Schema(new Elements([], objectClasses.map(defineObjectClass), this.#elements))
  }

  /**
   * How an attribute is compared, by its own rules or by a named one; a `MatchingOf`, bound to this schema. A
   * part of a complex attribute (`mail.type`) compares by what it is, `value` as the attribute itself. Undefined where the attribute is unknown or the rule is not for it (RFC 4511 4.5.1.7.7).
   */
  readonly matching = (attr: string, rule?: string): Matching | undefined => {
    const known = rule === undefined ? this.#matching.get(attr) : undefined
    if (known !== undefined) return known
    const type = this.attribute(attr)
    if (type === undefined) return this.#matchingOfPart(attr, rule)
    if (rule !== undefined) {
      const found = this.ruleFor(type.name, rule) ?? textOrdering(type, rule)
      return found && this.#matchingByRule(found)
    }
    const resolved = this.#matching.get(type.name)
    if (resolved !== undefined) return resolved
    const matching = {
      ...(type.equality && matchingBy(type.equality, this.#identifiers)),
      ...(type.ordering && matchingBy(type.ordering, this.#identifiers)),
      ...(type.substring && matchingBy(type.substring, this.#identifiers)),
    }
    this.#matching.set(type.name, matching)
    return matching
  }

  /** The rule by that name or OID, where an extensible assertion may use it on the attribute (RFC 4517 4.1). */
  ruleFor(attr: string, rule: string): MatchingRule | undefined {
    const type = this.attribute(attr)
    const found = findMatchingRule(rule)
    if (type === undefined || found === undefined || found.kind === 'substring') return undefined
    return found === type.equality || found.appliesTo.includes(type.syntax.name) ? found : undefined
  }

  /**
   * An assertion value, typed, as the matching rule for that use reads it: by the rule's syntax, which may
   * accept what the attribute's own does not. Pieces of a substring are checked like values for equality.
   * Undefined (RFC 4511 4.5.1.7) where the attribute or the rule is missing, the octets do not conform, or an
   * object class is unknown. A named rule replaces the attribute's own.
   */
  parse(attr: string, bytes: Uint8Array, use: AssertionUse, rule?: string): Scalar | undefined {
    const type = this.attribute(attr)
    if (type === undefined) return undefined
    if (rule === undefined && type[use] === undefined) return undefined
    const reader =
      rule !== undefined ? this.ruleFor(attr, rule) : use === 'substring' ? type.equality : type[use]
    if (reader === undefined) return undefined
    const value = syntaxOf(reader.syntax).parse(bytes)
    if (reader.normalizing === 'oid' && isClassName(type) && typeof value === 'string') {
      return this.objectClass(value)?.name
    }
    return value
  }

  /** What `parse` makes for equality of a text in UTF-8. */
  parseText(attr: string, text: string): Scalar | undefined {
    const rule = this.attribute(attr)?.equality
    const accepts =
      rule === undefined || rule.normalizing === 'oid' ? undefined : syntaxOf(rule.syntax).accepts
    if (accepts === undefined || !PLAIN.test(text)) return this.parse(attr, Buffer.from(text), 'equality')
    return accepts(text) ? text : undefined
  }

  /** What the subschema subentry shows. */
  describe(): Subschema {
    const rules = [...matchingRules.values()].filter((rule) => rule.syntax !== SCIM_SYNTAX)
    const shown = this.attributes.filter((type) => type.definition.hidden !== true)
    return {
      attributeTypes: shown.map(describe.describeAttributeType),
      objectClasses: this.objectClasses.map(describe.describeObjectClass),
      ldapSyntaxes: [...syntaxes.values()]
        .filter((syntax) => syntax.name !== SCIM_SYNTAX)
        .map(describe.describeSyntax),
      matchingRules: rules.map(describe.describeMatchingRule),
      matchingRuleUse: rules.flatMap((rule) => {
        const users = shown.filter((type) => this.ruleFor(type.name, rule.name) !== undefined)
        return describe.describeMatchingRuleUse(rule, users) ?? []
      }),
    }
  }

  #matchingByRule(found: MatchingRule): Matching {
    const known = this.#ruleMatching.get(found.name)
    if (known !== undefined) return known
    const matching = matchingBy(found, this.#identifiers)
    this.#ruleMatching.set(found.name, matching)
    return matching
  }

  #matchingOfPart(attr: string, rule: string | undefined): Matching | undefined {
    const dot = attr.lastIndexOf('.')
    const part = attr.slice(dot + 1)
    if (dot < 0 || this.attribute(attr.slice(0, dot)) === undefined) return undefined
    if (part === 'value') return this.matching(attr.slice(0, dot), rule)
    if (rule !== undefined) return undefined
    this.#partMatching ??= partMatching({
      ...this.matching('name'),
      ...this.#matchingByRule(matchingRuleOf('caseIgnoreOrderingMatch')),
    })
    return this.#partMatching
  }
}

/** Parts of elements compare by what they are: text ignoring case, everything else as itself. */
function partMatching(text: Matching): Matching {
  const plain = (value: Scalar): number | bigint | boolean | undefined =>
    value instanceof Date
      ? value.getTime()
      : typeof value === 'number' && Number.isInteger(value)
        ? BigInt(value)
        : typeof value === 'bigint' || typeof value === 'boolean' || Number.isFinite(value)
          ? (value as number | bigint | boolean)
          : undefined
  return {
    ...text,
    equality: (value) => (typeof value === 'string' ? text.equality?.(value) : plain(value)),
    ordering: (a, b) => {
      if (typeof a === 'string' && typeof b === 'string') return text.ordering?.(a, b)
      const [x, y] = [plain(a), plain(b)]
      if (x === undefined || y === undefined || (typeof x === 'boolean') !== (typeof y === 'boolean'))
        return undefined
      return x < y ? -1 : x > y ? 1 : 0
    },
  }
}

/** Any text can be put in order, though LDAP may know no assertion about it. */
function textOrdering(type: AttributeType, rule: string): MatchingRule | undefined {
  const isText = type.syntax.kind === 'text'
  return isText && (rule === 'caseIgnoreOrderingMatch' || rule === 'caseExactOrderingMatch')
    ? matchingRuleOf(rule)
    : undefined
}

function isClassName(type: AttributeType): boolean {
  return type.name === 'objectClass' || type.name === 'structuralObjectClass'
}

let standard: Schema | undefined

/** The schema of the standards and of the servers people know; always the same object. */
export function standardSchema(): Schema {
  standard ??= new Schema(new Elements(standardAttributes, standardClasses))
  return standard
}
