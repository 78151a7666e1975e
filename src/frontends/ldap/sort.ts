/** What a sort control asks for (RFC 2891), and the order of entries that follows from it. */
import {
  type Control,
  parseSortRequest,
  resultCode,
  type SortKey,
  type SortResult,
} from '../../ldap/index.js'
import type { Entry } from '../../model/entry.js'
import type { NormalForm } from '../../model/match.js'
import { type Scalar, scalarOf } from '../../model/value.js'
import { findMatchingRule } from '../../schema/matching-rules.js'
import { compareForms } from '../../schema/normal-forms.js'
import type { Schema } from '../../schema/schema.js'
import { type SortForm, sortForm } from '../../schema/sorting.js'

/** One of the keys by which entries are ordered. */
interface Key {
  /** As the schema spells it. */
  readonly attr: string
  readonly reverse: boolean
  readonly form: SortForm
  /** Is it the order that the attribute has by itself? */
  readonly isOwn: boolean
}

/** What an entry is put in order by: a form for each key; undefined where it has no value. */
export type Forms = readonly (NormalForm | undefined)[]

/** More keys than these nobody needs. */
const MOST_KEYS = 16

export class SortOrder {
  readonly keys: readonly Key[]

  constructor(keys: readonly Key[]) {
    this.keys = keys
  }

  /** The attributes that decide. */
  get attributes(): ReadonlySet<string> {
    return new Set(this.keys.map(({ attr }) => attr))
  }

  /** Of several values the least counts (RFC 2891 section 2.2). */
  formsOf(entry: Entry, isKnown: (attr: string) => boolean): Forms {
    return this.keys.map(({ attr, form }) => {
      if (!isKnown(attr)) return undefined
      let least: NormalForm | undefined
      for (const value of entry.attributes.get(attr) ?? []) {
        const scalar = scalarOf(value)
        const one = scalar === undefined ? undefined : form(scalar)
        if (one !== undefined && (least === undefined || compareForms(one, least) < 0)) least = one
      }
      return least
    })
  }

  /** What lacks a value is greater than everything, and so comes first in reverse. */
  compare(a: Forms, b: Forms): number {
    for (const [i, { reverse }] of this.keys.entries()) {
      const c = compareOne(a[i], b[i])
      if (c !== 0) return reverse ? -c : c
    }
    return 0
  }

  /** Does what has this value come before another in the order of the first key? */
  compareFirst(form: NormalForm | undefined, other: NormalForm): number {
    const c = compareOne(form, other)
    return this.keys[0]?.reverse === true ? -c : c
  }

  /** An assertion value as the first key compares it. */
  firstForm(value: Scalar): NormalForm | undefined {
    return this.keys[0]?.form(value)
  }
}

function compareOne(a: NormalForm | undefined, b: NormalForm | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1
  return compareForms(a, b)
}

/** The order that is asked for, or why there can be none. @throws MessageError for a malformed control */
export function sortOrderOf(control: Control, schema: Schema): SortOrder | SortResult {
  const asked = parseSortRequest(control)
  if (asked.length > MOST_KEYS) return { code: resultCode.adminLimitExceeded }
  const keys: Key[] = []
  for (const key of asked) {
    const found = keyOf(key, schema)
    if ('code' in found) return found
    keys.push(found)
  }
  return new SortOrder(keys)
}

function keyOf({ attribute, orderingRule, reverse }: SortKey, schema: Schema): Key | SortResult {
  const [described] = schema.describedBy(attribute) ?? []
  const type = described ?? schema.attribute(attribute.split(';')[0] ?? '')
  if (type === undefined || schema.describedBy(attribute) === undefined)
    return { code: resultCode.noSuchAttribute, attribute }
  const form = sortForm(type, orderingRule)
  if (form === undefined) return { code: resultCode.inappropriateMatching, attribute }
  // The options are known, but nothing has them.
  if (described === undefined) return { attr: type.name, reverse, form: () => undefined, isOwn: false }
  const own = type.ordering ?? type.equality
  const isOwn = orderingRule === undefined || findMatchingRule(orderingRule)?.normalizing === own?.normalizing
  return { attr: type.name, reverse, form, isOwn }
}
