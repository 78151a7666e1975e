/**
 * Questions of a residual that entries cannot answer, or only by loading all they refer to: assertions on references.
 * The source answers them with each row; the residual then looks at the answers as if they were attributes.
 */
import type { Decoder } from '../mapping/decode.js'
import type { Mapping } from '../mapping/mapping.js'
import { rewrite } from '../mapping/rewrite.js'
import { type Filter, mapAssertions, TRUE } from '../model/filter.js'
import { Ref, type Value } from '../model/value.js'
import type { Field, Source } from '../sources/source.js'
import { isExact } from './plan.js'

export interface Answered {
  readonly residual: Filter
  readonly fields: readonly Field[]
}

/** Further references are decided on the entries. */
const MOST_ANSWERS = 50

export function answered(
  residual: Filter,
  mapping: Mapping,
  source: Pick<Source, 'support' | 'decides'>,
): Answered {
  const fields: Field[] = []
  const rest = mapAssertions(withConstants(residual, mapping), (assertion) => {
    if (!('value' in assertion) || !(assertion.value instanceof Ref)) return assertion
    const filter = rewrite(assertion, mapping)
    if (fields.length >= MOST_ANSWERS || !isExact(filter, source)) return assertion
    return { op: 'present', attr: answerName(fields.push({ kind: 'answer', filter }) - 1) }
  })
  return { residual: rest, fields }
}

/**
 * What the mapping says is true of all its entries, though they may not show it: of an inetOrgPerson, that it is a person
 * (RFC 4512 3.3).
 */
export function withConstants(filter: Filter, mapping: Mapping): Filter {
  return mapAssertions(filter, (assertion) => {
    const operations = mapping.attributes.get(assertion.attr)?.operations
    if (operations?.every(({ fields }) => fields.length === 0) !== true) return assertion
    const rewritten = rewrite(assertion, mapping)
    return rewritten.op === 'const' && rewritten.value ? TRUE : assertion
  })
}

/** No attribute is called so. */
const answerName = (index: number) => `?${index}`

/** Adds the answers to the entries that a decoder makes. */
export function withAnswers(decoder: Decoder, answers: readonly Field[]): Decoder {
  if (answers.length === 0) return decoder
  const first = decoder.fields.length
  return {
    fields: [...decoder.fields, ...answers],
    decode: (row) => {
      const entry = decoder.decode(row)
      const attributes = new Map<string, readonly Value[]>(entry.attributes)
      answers.forEach((_, i) => {
        if (row[first + i] === true) attributes.set(answerName(i), [true])
      })
      return { ...entry, attributes }
    },
  }
}
