/** A constant: the same values for every row. Questions are answered here; the source is not asked. */
import type { MatchingOf } from '../../model/match.js'
import type { Scalar } from '../../model/value.js'
import { satisfies } from '../codecs/finite.js'
import { ALWAYS, NEVER, type Operation } from '../mapping.js'

/** `implied` are values that count in questions but are not shown, as superclasses do (RFC 4512 2.4). */
export function constantOperation(
  values: readonly Scalar[],
  matchingOf: MatchingOf,
  implied: readonly Scalar[] = [],
): Operation {
  const all = [...values, ...implied]
  return {
    fields: [],
    reader: () => () => values,
    rewrite: (question) => (all.some((value) => satisfies(value, question, matchingOf)) ? ALWAYS : NEVER),
  }
}
