/** The rules by which OpenLDAP relates names in the tree: which there are, and when they hold. */

const relations = {
  /** The value is right below the asserted name. */
  dnOneLevelMatch: (value, asserted) => value.length === asserted.length + 1 && isBelow(value, asserted),
  /** The value is the asserted name or below it. */
  dnSubtreeMatch: (value, asserted) => value.length >= asserted.length && isBelow(value, asserted),
  /** The value is below the asserted name. */
  dnSubordinateMatch: (value, asserted) => value.length > asserted.length && isBelow(value, asserted),
  /** The value is above the asserted name. */
  dnSuperiorMatch: (value, asserted) => value.length < asserted.length && isBelow(asserted, value),
} as const satisfies Record<string, (value: readonly string[], asserted: readonly string[]) => boolean>

export type DnRelation = keyof typeof relations

export function isDnRelation(rule: string): rule is DnRelation {
  return Object.hasOwn(relations, rule)
}

/** Does the rule hold between two names? Both as RDNs in normal form, leaf first. */
export function areRelated(rule: DnRelation, value: readonly string[], asserted: readonly string[]): boolean {
  return relations[rule](value, asserted)
}

function isBelow(lower: readonly string[], upper: readonly string[]): boolean {
  const depth = lower.length - upper.length
  return upper.every((rdn, i) => lower[depth + i] === rdn)
}
