/**
 * The grammar of a mapping file that is a union: one view whose entries are those of several others. What each of its
 * members maps stands in a file of its own, see `schema.ts`.
 */
import { z } from 'zod'
import { mappingSchema } from './schema.js'

const { view, ldap, scim } = mappingSchema.shape

const memberName = z.string().min(1)

const unionScim = scim
  .unwrap()
  .extend({
    attributes: z
      .record(
        z.string().min(1),
        z.union([
          z.null().describe('Not shown'),
          z.strictObject({
            attribute: z.string().min(1).describe('An attribute of the members, shown under this name'),
          }),
        ]),
      )
      .optional()
      .describe('Attributes under other names than the standard correspondence gives them, or hidden'),
  })
  .describe('How the union is shown over SCIM')

export const unionSchema = z
  .strictObject({
    view,
    union: z
      .strictObject({
        members: z
          .array(memberName)
          .min(2)
          .describe('The views whose entries these are, the one that has precedence first'),
        by: z
          .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
          .optional()
          .describe('Attributes whose equality makes two entries of different members the same; the rdn'),
        duplicates: z
          .enum(['error', 'first', 'merge'])
          .prefault('error')
          .describe(
            'Of entries that are the same: error refuses to show them, first shows that of the first member, merge shows it completed by the others',
          ),
        onFailure: z
          .enum(['fail', 'partial'])
          .prefault('fail')
          .describe('While a member cannot be asked: no answer, or that of the others, marked as partial'),
        create: memberName.optional().describe('The member that new entries are created in'),
      })
      .describe('Which views are shown as one'),
    ldap,
    scim: unionScim.optional(),
  })
  .refine((spec) => spec.ldap !== undefined || spec.scim !== undefined, {
    path: ['ldap'],
    error: 'shown nowhere: neither ldap nor scim says where. Add one of them',
  })
  .describe('A Vitrine mapping: a union of views')

export type UnionSpec = z.infer<typeof unionSchema>
