/** The grammars of both kinds of file as JSON Schema (draft 2020-12), for editors. */
import { z } from 'zod'
import { mappingSchema } from '../mapping/schema.js'
import { unionSchema } from '../mapping/union-schema.js'
import { gatewaySchema } from './schema.js'

/** Of the gateway's configuration file. */
export function gatewayJsonSchema(): Record<string, unknown> {
  return jsonSchema(gatewaySchema, 'Vitrine gateway')
}

/** Of a mapping file. */
export function mappingJsonSchema(): Record<string, unknown> {
  return jsonSchema(z.union([mappingSchema, unionSchema]), 'Vitrine mapping')
}

function jsonSchema(schema: z.ZodType, title: string): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io: 'input',
    override: ({ jsonSchema: node }) => allowReferences(node),
  })
  return { $schema, title, ...rest }
}

/** Where only certain text will do, `${…}` will do as well: an editor cannot know what it stands for. */
function allowReferences(node: Record<string, unknown>): void {
  if (node.type !== 'string' || (node.enum === undefined && node.pattern === undefined)) return
  const { enum: words, pattern } = node
  delete node.enum
  delete node.pattern
  node.anyOf = [words === undefined ? { pattern } : { enum: words }, { pattern: '\\$\\{' }]
}
