/** A constant: the same values for every row. Questions are answered here; the source is not asked. */
import type { MatchingOf } from '../../model/match.js'
import type { Scalar } from '../../model/value.js'
import { ALWAYS, anyOf, NEVER } from '../../sources/logic.js'
import { satisfies } from '../codecs/finite.js'
import type { Operation } from '../mapping.js'
import { rewriteValue } from '../rewrite.js'

/** `implied` are values that count in questions but are not shown, as superclasses do (RFC 4512 2.4). */
export function constantOperation(
  attr: string,
  values: readonly Scalar[],
  matchingOf: MatchingOf,
  implied: readonly Scalar[] = [],
): Operation {
  const all = [...values, ...implied]
  return {
    fields: [],
    reader: () => () => values,
    rewrite: (question) => (all.some((value) => satisfies(value, question, matchingOf)) ? ALWAYS : NEVER),
    rewriteElement: (of) =>
      anyOf(
        values.map((value) =>
          rewriteValue(of, attr, (question) => (satisfies(value, question, matchingOf) ? ALWAYS : NEVER)),
        ),
      ),
  }
}
