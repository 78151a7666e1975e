/** Reads zod schemas: what may stand at a path, and how it is described. Judges no data. */
import { z } from 'zod'
import type { Path } from './origin.js'

export type Schema = z.core.$ZodType

/** The schema itself, without what only adds a default or changes the outcome. */
function bare(schema: Schema): Schema {
  if (
    schema instanceof z.core.$ZodOptional ||
    schema instanceof z.core.$ZodDefault ||
    schema instanceof z.core.$ZodPrefault
  ) {
    return bare(schema._zod.def.innerType)
  }
  return schema instanceof z.core.$ZodPipe ? bare(schema._zod.def.in) : schema
}

/** The alternatives of a union, one level deep; of anything else, itself. */
export function alternatives(schema: Schema): readonly Schema[] {
  const plain = bare(schema)
  return plain instanceof z.core.$ZodUnion ? plain._zod.def.options : [plain]
}

/** All schemas that may judge the value at a path: several where the path leads through a union. */
export function schemasAt(schema: Schema, path: Path): readonly Schema[] {
  let found: readonly Schema[] = [schema]
  for (const key of path) found = found.flatMap(leaves).flatMap((inner) => below(inner, key))
  return found
}

/** The keys that maps at a path may have, each with its schema; empty where any key will do. */
export function keysAt(schema: Schema, path: Path): ReadonlyMap<string, Schema> {
  const keys = new Map<string, Schema>()
  for (const inner of schemasAt(schema, path).flatMap(leaves)) {
    if (!(inner instanceof z.core.$ZodObject)) continue
    for (const [key, value] of Object.entries(inner._zod.def.shape)) keys.set(key, value)
  }
  return keys
}

/** What a person is told about a value, e.g. `The naming attribute`. */
export function description(schema: Schema): string | undefined {
  return z.globalRegistry.get(schema)?.description
}

function leaves(schema: Schema): readonly Schema[] {
  const plain = bare(schema)
  return plain instanceof z.core.$ZodUnion ? plain._zod.def.options.flatMap(leaves) : [plain]
}

function below(schema: Schema, key: string | number): readonly Schema[] {
  if (schema instanceof z.core.$ZodArray) return [schema._zod.def.element]
  if (schema instanceof z.core.$ZodRecord) return [schema._zod.def.valueType]
  if (!(schema instanceof z.core.$ZodObject)) return []
  const inner = schema._zod.def.shape[key]
  return inner === undefined ? [] : [inner]
}
