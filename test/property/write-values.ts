/** Values that are given to attributes, each the choice of a number: text of every kind and blank, times, elements. */
import type { Scalar, Value } from '../../src/model/value.js'
import { caseIgnore } from '../../src/schema/normalize.js'
import { awkwardTexts } from '../data/text.js'

const forms = new Set<string>()
/** None is blank, and no two are equal to a rule that ignores case. */
const texts: readonly string[] = [
  ...[
    'é',
    'e',
    'Bar baz',
    'foo',
    'ß',
    '%',
    '_',
    'a\\b',
    "O'Reilly",
    ' lead',
    'trail ',
    '日本',
    '😀',
    'x'.repeat(60),
  ],
  ...awkwardTexts,
].filter((text) => {
  const form = caseIgnore(text)
  const isNew = /[^ ]/.test(text) && text.length <= 80 && !forms.has(form)
  forms.add(form)
  return isNew
})
/** One that is there; mostly one of few, so that they meet. */
export const text = (n: number): string => texts[n % (n % 3 === 0 ? texts.length : 4)] ?? ''
/** The same in capitals now and then: a column holds equal ones once, however they are spelt. */
export const inAnyCase = (n: number): string => (n % 5 === 0 ? textOrBlank(n).toUpperCase() : textOrBlank(n))
/** Blank now and then, which is no value. */
export const textOrBlank = (n: number): string => (n % 11 === 0 ? '' : n % 13 === 0 ? '  ' : text(n))
/** One of these by a number. */
export const pick =
  <T>(...values: readonly [T, ...T[]]) =>
  (n: number): T =>
    values[n % values.length] ?? values[0]
export const times = pick(
  new Date('2025-01-02T03:04:05.678Z'),
  new Date('1999-12-31T23:59:59.001Z'),
  new Date('2030-06-15T00:00:00Z'),
)
export const kinds = pick<string | undefined>(undefined, 'work', 'home', 'é')

/** Some of an element's parts. */
type Parts = Readonly<Record<string, Scalar | undefined>>
/** What is undefined is left out. */
export const element = (parts: Parts): Value =>
  Object.fromEntries(
    Object.entries(parts).flatMap(([name, v]) => (v === undefined ? [] : [[name, v] as const])),
  )
/** Independent choices by one number. */
const digit = (n: number, place: number) => Math.floor(n / 7 ** place)
/** Parts besides a value. */
export const further = (n: number): Parts =>
  n % 5 < 2
    ? {}
    : {
        type: kinds(digit(n, 1)),
        primary: pick<boolean | undefined>(undefined, true, false)(digit(n, 2)),
        rank: pick<number | undefined>(undefined, 0, -7)(digit(n, 3)),
        since: n % 3 === 0 ? times(digit(n, 1)) : undefined,
      }
/** The columns that hold them. */
export const parts = {
  type: 'kind',
  primary: 'main',
  rank: { column: 'num', syntax: 'integer' },
  since: { column: 'since', syntax: 'generalizedTime' },
}
