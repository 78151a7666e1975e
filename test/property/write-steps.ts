/** Random requests to write, before it is known what is there: numbers choose among that. */
import fc from 'fast-check'
import type { Change } from '../../src/model/request.js'

export interface Step {
  readonly kind: 'add' | 'modify' | 'delete'
  readonly view: 'people' | 'grps'
  /** 0 is nobody. */
  readonly target: number
  readonly uid: number | undefined
  readonly changes: readonly {
    readonly op: Change['op']
    readonly attr: number
    readonly values: readonly number[]
    /** To take away what is there. */
    readonly held: boolean
  }[]
}

const number = fc.nat(7 ** 5)
export const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    kind: fc.constantFrom(
      'add' as const,
      'modify' as const,
      'modify' as const,
      'modify' as const,
      'modify' as const,
      'modify' as const,
      'delete' as const,
    ),
    view: fc.constantFrom('people' as const, 'people' as const, 'people' as const, 'grps' as const),
    target: fc.nat(24),
    uid: fc.option(fc.nat(8), { nil: undefined, freq: 9 }),
    changes: fc.array(
      fc.record({
        op: fc.constantFrom('add' as const, 'delete' as const, 'replace' as const),
        // Half of them to the same, so that they meet what others left there.
        attr: fc.oneof(fc.constant(0), fc.nat(20)),
        values: fc.array(number, { maxLength: 3, size: 'max' }),
        held: fc.boolean(),
      }),
      { minLength: 1, maxLength: 3, size: 'max' },
    ),
  }),
  { minLength: 6, maxLength: 10, size: 'max' },
)
