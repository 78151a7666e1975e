/**
 * The grammar of a mapping file: one view, in the closed vocabulary of invertible operations. What each
 * operation does stands in `operations/`; `docs/mapping.md` explains them to people.
 */
import { z } from 'zod'
import { type Placement, placementOf } from './dn-template.js'
import { joinSchema } from './join-schema.js'

const scalar = z.union([z.string(), z.number(), z.boolean()])
const condition = z
  .union([
    z.null(),
    scalar,
    z.array(scalar).min(1),
    z.strictObject({ not: z.union([z.null(), scalar, z.array(scalar).min(1)]) }),
  ])
  .describe('null, a value, a list of values (any of them), or { not: ... }')
const conditions = z
  .record(z.string().min(1), condition)
  .describe('Column to the value it must have; all must hold')

const columnName = z
  .string()
  .min(1)
  .regex(/^[^{}]+$/, 'a column name holds no braces')

/** How the column's content is to be understood, where its database type does not say it. */
const columnType = z.enum([
  'text',
  'integer',
  'boolean',
  'date',
  'epoch',
  'epochMillis',
  'filetime',
  'binary',
  'hex',
  'base64',
  'uuid',
])

const transforms = {
  type: columnType.optional().describe('What the column holds, where its database type does not say it'),
  case: z.enum(['lower', 'upper']).optional().describe('Show the text in one case'),
  map: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .optional()
    .describe('Database value to directory value; a value that is not listed is not shown'),
  suffix: z
    .record(z.string().min(1), z.string().min(1))
    .optional()
    .describe(
      'For DNs: what is below the one suffix is shown below the other, e.g. { dc=corp: dc=example,dc=com }',
    ),
  syntax: z
    .string()
    .optional()
    .describe('For an attribute that the standard schema does not define: the name of its syntax'),
}

const single = z
  .boolean()
  .optional()
  .describe('Where the source keeps several values: show the first alone, by which entries are named')

const readOnly = z.boolean().optional().describe('Never written, whatever access rules allow')

const columnSpec = z.strictObject({
  column: columnName,
  ...transforms,
  single,
  readOnly,
  equals: z
    .union([scalar, z.array(scalar).min(1)])
    .optional()
    .describe('Boolean test: TRUE where the column has this value (or one of these)'),
  else: scalar.optional().describe('With equals: what the column is given for FALSE'),
  verifyOnly: z.boolean().optional().describe('A password hash: checked on bind, never shown nor searched'),
  cleartext: z.boolean().optional().describe('Accept cleartext passwords in this column'),
  hash: z
    .enum(['argon2id', 'bcrypt', 'scrypt', 'pbkdf2-sha256', 'ssha', 'ssha256', 'ssha512', 'sha512-crypt'])
    .optional()
    .describe('How a new password is hashed before it is stored; argon2id'),
  prehashed: z
    .enum(['keep', 'refuse', 'hash'])
    .optional()
    .describe(
      'What becomes of a value like {SSHA}... that LDAP clients give: it is stored as it is (keep, the default without hash or with ssha), refused (refuse, the default otherwise), or taken for a password (hash)',
    ),
})

const bitParts = {
  column: columnName,
  bit: z
    .number()
    .refine((bit) => bit >= 1 && Number.isInteger(Math.log2(bit)) && bit < 2 ** 53, {
      error: 'must be the value of one bit, such as 1, 2, 4 or 8',
    })
    .describe('The value of one bit of a column of numbers, e.g. 2'),
  is: z.enum(['set', 'clear']).optional().describe('What of the bit is TRUE; set'),
}

const bitSpec = z
  .strictObject({ ...bitParts, syntax: transforms.syntax, readOnly })
  .describe('TRUE where a bit of the column is set (or clear), FALSE everywhere else')

const constantSpec = z.strictObject({
  constant: z.union([scalar, z.array(scalar).min(1)]),
  syntax: transforms.syntax,
})

const templateSpec = z.strictObject({
  template: z.string().min(1).describe('Text with {column} in it'),
  case: transforms.case,
  syntax: transforms.syntax,
})

const on = z
  .union([columnName, z.record(columnName, columnName)])
  .describe("The child table's column that holds the view's key, or { child column: view's column }")

const join = z
  .strictObject({
    table: z.string().min(1),
    on: z.record(columnName, columnName).describe("{ joined table's column: child table's column }"),
    where: conditions.optional(),
  })
  .describe('A further table, joined to the child table; `value` and `parts` are then its columns')

const parts = z.record(
  z.string().min(1),
  z.union([
    columnName,
    z.strictObject({
      column: columnName,
      syntax: z
        .enum(['directoryString', 'integer', 'decimal', 'boolean', 'generalizedTime'])
        .describe('What the part is, if not text; primary is boolean'),
    }),
  ]),
)

const childSpec = z.strictObject({
  table: z.string().min(1),
  on,
  value: columnName,
  where: conditions.optional(),
  join: join.optional(),
  parts: parts.optional().describe('Further parts of each element, e.g. { type: kind, primary: is_main }'),
  ...transforms,
  readOnly,
})

const elementsSpec = z
  .strictObject({
    table: z.string().min(1),
    on,
    parts: parts.describe('The parts of each element, e.g. { streetAddress: street, locality: city }'),
    where: conditions.optional(),
    join: join.optional(),
    readOnly,
  })
  .describe('Elements that have parts but no value of their own, as addresses have')

const columnRefSpec = z.strictObject({
  ref: z.string().min(1).describe('Name of the view referred to'),
  column: columnName.describe("Holds the other entry's key"),
  readOnly,
})

const tableRefSpec = z.strictObject({
  ref: z.string().min(1).describe('Name of the view referred to'),
  table: z.string().min(1),
  on,
  value: columnName.describe("Holds the other entry's key"),
  where: conditions.optional(),
  readOnly,
})

const backRefSpec = z.strictObject({
  ref: z.string().min(1).describe('Name of the view whose entries refer here'),
  by: z.string().min(1).describe('Their attribute, a reference to this view; it is shown backwards'),
})

const dnSpec = z.strictObject({
  dn: z
    .string()
    .min(1)
    .describe('A DN with {column} in its values, e.g. uid={login},ou=people,dc=example,dc=com'),
})

const attributeSpec = z.union([
  z.string().min(1).describe('A column, or a template if there is a {column} in it'),
  columnSpec,
  bitSpec,
  constantSpec,
  templateSpec,
  childSpec,
  columnRefSpec,
  tableRefSpec,
  backRefSpec,
  dnSpec,
])

const oneOrMore = z.union([z.null(), scalar, z.array(scalar).min(1)])
const otherwise = z
  .union([z.null(), scalar])
  .optional()
  .describe('What the column is given for the opposite; without it the state is only shown')

const enabledSpec = z.union([
  columnName.describe('A boolean column'),
  z.strictObject({ column: columnName, equals: oneOrMore, else: otherwise }),
  z.strictObject({ column: columnName, not: oneOrMore, else: otherwise }),
  z.strictObject(bitParts),
])

const scimAttributeSpec = z.union([
  z.null().describe('Not shown'),
  z.strictObject({
    attribute: z.string().min(1).describe('An attribute of this mapping, shown under this name'),
  }),
  attributeSpec,
  elementsSpec,
])

const scimSpec = z
  .strictObject({
    resource: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9_-]*$/, 'letters, digits, - and _, starting with a letter')
      .describe('The resource type: User, Group, FidoDevice, Fido2Device, or one of your own'),
    endpoint: z
      .string()
      .regex(/^\/[A-Za-z][A-Za-z0-9_-]*$/, 'a / and a name, e.g. /Devices')
      .optional()
      .describe('Its path; the plural of its name'),
    schema: z
      .string()
      .regex(/^urn:[^\s:]+:\S+$/i, 'a URN')
      .optional()
      .describe('URN of the core schema of a resource type of your own'),
    description: z.string().optional(),
    operations: z
      .array(z.enum(['create', 'update', 'delete']))
      .optional()
      .describe('What clients may do besides reading; all three'),
    attributes: z
      .record(z.string().min(1), z.union([scimAttributeSpec, z.array(attributeSpec).min(1)]))
      .optional()
      .describe(
        'What the standard correspondence does not say: SCIM attributes, e.g. nickName, name.middleName or urn:…:User:costCenter',
      ),
  })
  .describe('How the view is shown over SCIM')

const objectClass = z.array(z.string().min(1)).min(1)

const placedSpec = z.strictObject({
  base: z
    .string()
    .describe(
      'Where the entries hang, relative to the suffix, e.g. ou=people; or a whole DN below any suffix',
    ),
  rdn: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).describe('The naming attribute'),
  objectClass,
})

const templateOfDn = z
  .string()
  .min(1)
  .transform((text, ctx): Placement => {
    const found = placementOf(text)
    if (!('message' in found)) return found
    const { message, remedy } = found
    ctx.addIssue({ code: 'custom', message, params: { message, quote: true, remedy } })
    return z.NEVER
  })
  .describe(
    'Their DN with attributes in braces, in place of base and rdn: uid={uid},ou={department},ou=people',
  )

const ldapSpec = z
  .union([
    placedSpec,
    z.strictObject({ dn: templateOfDn, objectClass }).transform(({ dn, ...rest }) => ({ ...dn, ...rest })),
  ])
  .transform((spec): LdapSpec => spec)

const attributeNames = z.array(z.string().min(1)).min(1)

const writableSpec = z
  .union([
    z.boolean(),
    attributeNames,
    z.strictObject({
      add: z.boolean().optional().describe('New entries may be added; false'),
      delete: z
        .union([z.boolean(), z.literal('tree')])
        .optional()
        .describe('Entries may be deleted; tree: also all of them below a level at once; false'),
      attributes: z
        .union([z.boolean(), attributeNames])
        .optional()
        .describe('true: all that can be; or these. false'),
    }),
  ])
  .describe(
    'What may be written, as far as access rules let it: true for all that can be, or a list of attributes, or { add, delete, attributes }. Without it entries are only read',
  )

export const mappingSchema = z
  .strictObject({
    view: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9_-]*$/, 'letters, digits, - and _, starting with a letter')
      .describe('Name of the view'),
    source: z.string().min(1).describe("Name of a source of the gateway's configuration"),
    from: z
      .string()
      .min(1)
      .describe('The table or database view with one row per entry; schema.table is allowed'),
    key: columnName
      .optional()
      .describe(
        'Its column that identifies a row for ever: a primary key; not needed where the source itself tells entries apart, as LDAP does',
      ),
    uuid: columnName.optional().describe('A unique column that holds a UUID, shown as entryUUID'),
    version: columnName.optional().describe('A column that changes whenever the row changes'),
    where: conditions.optional(),
    join: joinSchema(conditions).optional(),
    attributes: z
      .record(z.string().min(1), z.union([attributeSpec, z.array(attributeSpec).min(1)]))
      .prefault({}),
    authentication: z
      .enum(['hash', 'source'])
      .optional()
      .describe(
        'What checks passwords: the hashes that attributes have with verifyOnly (hash), or the source itself',
      ),
    writable: writableSpec.optional(),
    enabled: enabledSpec.optional().describe('Rows that fail this test cannot bind'),
    ldap: ldapSpec.optional().describe('Where LDAP shows the view; without it, it does not'),
    scim: scimSpec.optional(),
    create: z
      .record(columnName, z.union([scalar, z.array(scalar).min(1)]))
      .optional()
      .describe(
        'What new entries are given besides their attributes, by column: constants, templates for columns without a value; and dn, of an LDAP directory, the DN with {column} in it',
      ),
    deletions: z
      .strictObject({
        table: z.string().min(1),
        key: columnName.describe("Holds the deleted row's key"),
        at: columnName.describe('When it was deleted'),
      })
      .optional()
      .describe('A table that remembers deleted rows; what is deleted here is written there'),
  })
  .describe('A Vitrine mapping: one view')

/** Where LDAP shows a view; what a DN with braces says has been put in these words. */
export interface LdapSpec {
  readonly base: string
  readonly rdn: string | string[]
  readonly levels?: Placement['levels']
  readonly objectClass: string[]
}

export type MappingSpec = z.infer<typeof mappingSchema>
export type AttributeSpec = z.infer<typeof attributeSpec>
export type ColumnSpec = z.infer<typeof columnSpec>
export type BitSpec = z.infer<typeof bitSpec>
export type ChildSpec = z.infer<typeof childSpec>
export type BackRefSpec = z.infer<typeof backRefSpec>
export type DirectRefSpec = z.infer<typeof columnRefSpec> | z.infer<typeof tableRefSpec>
export type RefSpec = DirectRefSpec | BackRefSpec
export type PartSpec = z.infer<typeof parts>[string]
export type ElementsSpec = z.infer<typeof elementsSpec>
export type ScimSpec = z.infer<typeof scimSpec>
export type EnabledSpec = z.infer<typeof enabledSpec>
export type Conditions = z.infer<typeof conditions>
