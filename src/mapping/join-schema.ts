/** The grammar of `join` in a mapping file: tables of other sources that complete the rows of the view's own. */
import { z } from 'zod'
import { duration } from '../config/duration.js'

/** @param conditions what `where` may say */
export function joinSchema<C extends z.ZodType>(conditions: C) {
  const column = z.string().min(1)
  return z
    .record(
      z
        .string()
        .regex(/^[A-Za-z][A-Za-z0-9_-]*$/, 'letters, digits, - and _, starting with a letter')
        .describe('What the columns of this table begin with: hr for hr.emp_no'),
      z.strictObject({
        source: z.string().min(1).describe("Name of a source of the gateway's configuration"),
        from: z.string().min(1).describe('The table, with at most one row for each entry'),
        on: z
          .record(column, column)
          .refine((on) => Object.keys(on).length > 0, 'name at least one pair of columns')
          .describe("{ this table's column: column of `from` }; text is compared ignoring case"),
        key: column
          .optional()
          .describe('Its column that identifies a row; where it is left out, the one of `on`'),
        where: conditions.optional(),
        optional: z
          .boolean()
          .optional()
          .describe('Entries without a row in this table are shown too; without it, they are not'),
        caseExact: z.boolean().optional().describe('Case and spaces count where text of `on` is compared'),
        onFailure: z
          .enum(['fail', 'absent'])
          .optional()
          .describe(
            'While its source cannot be asked. fail: the view is unavailable. absent: its attributes are missing; only with optional',
          ),
        timeout: duration()
          .optional()
          .describe('How long its source may take to answer; with onFailure: absent, 3s where not told'),
        owned: z
          .boolean()
          .optional()
          .describe('Its row is deleted with the entry; without it, it stays as it is'),
      }),
    )
    .describe('Tables of other sources whose columns attributes may name as alias.column')
}
