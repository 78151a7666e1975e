/**
 * The compiled mappings of a source. They need its tables described, so they are compiled when first wanted and
 * again as long as the source cannot be asked; a gateway starts, and says so, while its source is away.
 */
import { compileMappings } from '../mapping/compile.js'
import type { Mapping } from '../mapping/mapping.js'
import { MappingError } from '../mapping/problem.js'
import type { MappingSpec } from '../mapping/schema.js'
import { VitrineError } from '../model/errors.js'
import type { Schema } from '../schema/schema.js'
import type { Source } from '../sources/source.js'

export class SourceMappings {
  readonly source: Source
  readonly #specs: readonly MappingSpec[]
  readonly #schema: Schema
  #compiled: ReadonlyMap<string, Mapping> | undefined
  #compiling: Promise<ReadonlyMap<string, Mapping>> | undefined

  constructor(source: Source, specs: readonly MappingSpec[], schema: Schema) {
    this.source = source
    this.#specs = specs
    this.#schema = schema
  }

  /** @throws MappingError, or `unavailable` while the source cannot be asked */
  async compile(): Promise<ReadonlyMap<string, Mapping>> {
    if (this.#compiled !== undefined) return this.#compiled
    this.#compiling ??= this.#compile().finally(() => {
      this.#compiling = undefined
    })
    return this.#compiling
  }

  /** @throws VitrineError only: a mapping that does not fit its source is an error of the gateway, not of the client */
  async of(view: string): Promise<Mapping> {
    const compiled = this.#compiled ?? (await this.compile().catch(asVitrineError))
    const mapping = compiled.get(view)
    if (mapping === undefined)
      throw new VitrineError('internalError', { detail: `view ${view} is not compiled` })
    return mapping
  }

  async #compile(): Promise<ReadonlyMap<string, Mapping>> {
    const mappings = await compileMappings(this.#specs, this.#schema, (table) => this.source.describe(table))
    this.#compiled = new Map(mappings.map((m) => [m.view, m]))
    return this.#compiled
  }
}

function asVitrineError(error: unknown): never {
  if (error instanceof MappingError)
    throw new VitrineError('unavailable', { detail: error.message, cause: error })
  throw VitrineError.from(error)
}
