/**
 * Scalars that may be written as a number or as text: text is what an environment variable yields. Says how
 * a schema attaches a remedy to its complaint; `report.ts` prints it.
 */
import { z } from 'zod'

export interface Complaint {
  /** A phrase without a full stop; a predicate, e.g. `is not a DN`, if `quote` is set. */
  readonly message: string
  /** A short imperative sentence. */
  readonly remedy?: string
  /** Begin the message with the text as the file has it. Only for what can hold no secret. */
  readonly quote?: boolean
  /** Words that the text may have been meant as. */
  readonly candidates?: readonly string[]
}

/** The complaint in the form in which zod's `refine` and `addIssue` carry it. */
export function complain(complaint: Complaint): { message: string; params: Record<string, unknown> } {
  return { message: complaint.message, params: { ...complaint } }
}

/** A schema that takes a number or text and yields what `parse` makes of the text; undefined is refused. */
export function scalarSchema<T>(parse: (text: string) => T | undefined, complaint: Complaint) {
  return z.union([z.number(), z.string()]).transform((input, ctx): T => {
    const value = parse(String(input).trim())
    if (value !== undefined) return value
    ctx.addIssue({ code: 'custom', ...complain({ quote: true, ...complaint }) })
    return z.NEVER
  })
}

/** A whole number between the bounds, both included. */
export function wholeNumber(min: number, max: number) {
  return scalarSchema(
    (text) => {
      const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
      return value >= min && value <= max ? value : undefined
    },
    { message: `is no whole number from ${min} to ${max}` },
  )
}

/** True or false. */
export function flag() {
  return z.union([z.boolean(), z.enum(['true', 'false'])]).transform((input) => String(input) === 'true')
}
