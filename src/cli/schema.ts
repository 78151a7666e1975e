/** `vitrine schema`: JSON Schemas, for editors. */
import { gatewayJsonSchema, mappingJsonSchema } from '../config/json-schema.js'

const schemas = { gateway: gatewayJsonSchema, mapping: mappingJsonSchema }

export async function schema({ file }: { readonly file?: string }): Promise<number> {
  if (file !== undefined && file !== 'gateway' && file !== 'mapping') {
    process.stderr.write(`there is no schema ${file}: write gateway or mapping\n`)
    return 2
  }
  const shown =
    file === undefined ? { gateway: gatewayJsonSchema(), mapping: mappingJsonSchema() } : schemas[file]()
  process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`)
  return 0
}
