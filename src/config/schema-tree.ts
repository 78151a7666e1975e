/** The grammar of `suffix` and `containers`: the tree that entries hang in. What the schema allows is told later. */
import { z } from 'zod'
import type { Frozen } from './freeze.js'
import { dn, oneOrMore } from './schema-access.js'

export const suffixSchema = oneOrMore(dn).describe(
  'The DN under which all views hang, e.g. dc=example,dc=com',
)

const scalar = z.union([z.string(), z.number(), z.boolean()])

const containerSchema = z
  .object({
    dn: z
      .union([z.literal(''), dn])
      .describe(
        'Relative to the suffix, e.g. ou=people; a whole DN below any suffix; or "", the suffix itself',
      ),
  })
  .catchall(z.union([scalar, z.array(scalar).min(1)]))
  .transform(({ dn, ...attributes }) => ({
    dn,
    attributes: Object.fromEntries(
      Object.entries(attributes).map(([name, values]) => [name, [values].flat().map(String)]),
    ),
  }))

export const containersSchema = z
  .array(containerSchema)
  .describe('What the entries above the views hold, and further such entries: dn, and attributes by name')

export type ContainerConfig = Frozen<z.output<typeof containerSchema>>
