/** Attributes as clients write them: known, of their syntaxes, no value twice. What an entry makes of them is told later. */
import type { Attribute, Change, ModifyOperation } from '../../../ldap/index.js'
import { VitrineError } from '../../../model/errors.js'
import type { Matching, NormalForm } from '../../../model/match.js'
import type { Scalar } from '../../../model/value.js'
import type { AttributeType, Schema } from '../../../schema/schema.js'

export interface Given {
  readonly type: AttributeType
  /** DNs are texts still. */
  readonly values: readonly Scalar[]
}

/** One of the changes of a modify request (RFC 4511 4.6, RFC 4525). */
export interface Modification extends Given {
  readonly operation: ModifyOperation
}

/** @throws VitrineError for what no entry can be changed in such a way */
export function modificationsOf(changes: readonly Change[], schema: Schema): readonly Modification[] {
  for (const { operation, attribute } of changes) demandValues(operation, attribute)
  const modifications = changes.map(({ operation, attribute }): Modification => {
    const given = givenOf(attribute, schema, operation === 'delete')
    if (operation === 'increment' && given.type.syntax.kind !== 'integer')
      throw new VitrineError('constraintViolation', { message: `${given.type.name} is no number` })
    return { operation, ...given }
  })
  demandModifiable(modifications)
  return modifications
}

/** The attributes of a new entry. @throws VitrineError for those that no entry can have */
export function attributesOf(attributes: readonly Attribute[], schema: Schema): ReadonlyMap<string, Given> {
  if (attributes.length === 0) throw new VitrineError('protocolError', { message: 'an entry has attributes' })
  if (attributes.some(({ values }) => values.length === 0))
    throw new VitrineError('protocolError', { message: 'an attribute has values' })
  const all = new Map<string, Given>()
  for (const attribute of attributes) {
    const given = givenOf(attribute, schema, false)
    const { name } = given.type
    if (all.has(name))
      throw new VitrineError('attributeOrValueExists', { message: `${name} is given more than once` })
    all.set(name, given)
  }
  demandModifiable([...all.values()])
  return all
}

function demandValues(operation: ModifyOperation, { type, values }: Attribute): void {
  if (operation === 'add' && values.length === 0)
    throw new VitrineError('protocolError', {
      message: `values of ${type} are to be added, but none is given`,
    })
  if (operation === 'increment' && values.length !== 1)
    throw new VitrineError('protocolError', { message: `${type} is to be incremented by one value` })
}

function givenOf({ type: description, values }: Attribute, schema: Schema, mayRepeat: boolean): Given {
  const [name = '', ...options] = description.split(';')
  const type = schema.attribute(name)
  if (type === undefined)
    throw new VitrineError('undefinedAttributeType', { message: `there is no attribute ${name}` })
  if (options.some((option) => option.toLowerCase() !== 'binary'))
    throw new VitrineError('unwillingToPerform', { message: `${type.name} has no options here` })
  if (options.length > 0 && !type.syntax.binaryTransfer)
    throw new VitrineError('undefinedAttributeType', { message: `${type.name} is not transferred in binary` })
  const scalars = values.map((octets) => scalarOf(octets, type, schema))
  if (type.singleValued && scalars.length > 1)
    throw new VitrineError('constraintViolation', { message: `${type.name} has one value` })
  if (!mayRepeat) demandDistinct(type, scalars, schema)
  return { type, values: scalars }
}

function scalarOf(octets: Buffer, type: AttributeType, schema: Schema): Scalar {
  // Buffers are views of what was received.
  const value = type.name === 'objectClass' ? classOf(octets, schema) : type.syntax.parse(Buffer.from(octets))
  // A text of spaces alone reads as none.
  if (value !== undefined && !(typeof value === 'string' && value !== '' && !/[^ ]/.test(value))) return value
  throw new VitrineError('invalidAttributeSyntax', { message: `${type.name}: a value is malformed` })
}

const classOf = (octets: Buffer, schema: Schema) => schema.objectClass(octets.toString('utf8'))?.name

function demandDistinct(type: AttributeType, values: readonly Scalar[], schema: Schema): void {
  const matching = schema.matching(type.name)
  if (new Set(values.map((value) => formOf(value, matching))).size < values.length)
    throw new VitrineError('attributeOrValueExists', { message: `${type.name}: a value is given twice` })
}

/** The form in which a value is compared; where no rule says how, its octets. */
export function formOf(value: Scalar, matching: Matching | undefined): NormalForm {
  const form = matching?.equality?.(value)
  if (form !== undefined) return form
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)
}

function demandModifiable(given: readonly Given[]): void {
  const fixed = given.find(({ type }) => type.noUserModification)
  if (fixed !== undefined)
    throw new VitrineError('notModifiable', { message: `${fixed.type.name} is not for clients to change` })
}
