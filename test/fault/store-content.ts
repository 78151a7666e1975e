/** What each snapshot of a writer holds, known from its number alone. */
import type { Person } from '../conformance/store/people.js'

const ROWS = 150

const ids = Array.from({ length: ROWS }, (_, i) => `p${String(i).padStart(3, '0')}`)

const isIn = (i: number, number: number) => (i + number) % 7 !== 0

/** By id: some rows change with every snapshot, in themselves or in what belongs to them, some never. */
export function contentOf(number: number): Readonly<Record<string, Person>> {
  const rows = ids.flatMap((id, i): (readonly [string, Person])[] => {
    if (!isIn(i, number)) return []
    const phones = Object.fromEntries(
      Array.from({ length: 1 + (i % 3) }, (_, n) => [
        `${n === 0 ? 'x' : number} ${n}`,
        `use ${i % 2 ? 0 : number}`,
      ]),
    )
    return [[id, { uid: `user${i}`, ...(i % 3 === 0 && { level: number }), ...(i % 4 > 0 && { phones }) }]]
  })
  return Object.fromEntries(rows)
}

/** Who was in the snapshot before, and is not in this one. */
export const goneIn = (number: number): readonly string[] => ids.filter((_, i) => !isIn(i, number))
