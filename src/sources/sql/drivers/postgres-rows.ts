/**
 * A statement as pg takes it from those who bring a class of their own (`submit`). Rows are what it reads off the wire, lists of
 * texts, and become nothing else on the way; the database describes them once for each connection that has the statement
 * prepared, not again whenever it is executed.
 */
import { createRequire } from 'node:module'
import type { Client } from 'pg'
import type { Statement } from '../statement.js'

const require = createRequire(import.meta.url)

export type TextRow = readonly (string | null)[]

/** What pg's connection has for such classes, beyond its types. */
interface Wire {
  readonly stream: { cork(): void; uncork(): void }
  /** Texts by name, of what the database is known to have prepared and of what it has been asked to. */
  readonly parsedStatements: Readonly<Record<string, string>>
  readonly submittedNamedStatements: Record<string, string>
  parse(statement: { text: string; name: string }): void
  bind(values: {
    statement: string
    values: readonly unknown[]
    valueMapper: (value: unknown) => unknown
  }): void
  describe(portal: { type: 'P'; name: string }): void
  execute(portal: { portal: string }): void
  sync(): void
  query(text: string): void
  close(statement: { type: 'S'; name: string }): void
  sendCopyFail(reason: string): void
}

interface Description {
  readonly fields: readonly { readonly dataTypeID: number }[]
}

/** The type of fixed-width text, whose blanks at the end mean nothing. */
const BPCHAR = 1042

/** How pg writes what is bound; loaded with the first that is. */
let utils: Utils | undefined

interface Utils {
  prepareValue(value: unknown): unknown
}

/** By name, which columns are of fixed width. */
const described = new WeakMap<Wire, Map<string, readonly number[]>>()

/** @param name under which it stays prepared; `''` for none */
export function askRows(
  client: Client,
  { sql, bindings, comment }: Statement,
  name: string,
): Promise<readonly TextRow[]> {
  return new Promise((resolve, reject) => {
    const text = comment === undefined ? sql : `${sql} ${comment}`
    client.query(new RowsQuery(text, name, bindings, resolve, reject))
  })
}

class RowsQuery {
  readonly text: string
  readonly name: string
  /** pg gives one to those that have none. */
  readonly callback = nothing
  readonly #bindings: readonly unknown[]
  readonly #resolve: (rows: readonly TextRow[]) => void
  readonly #reject: (error: unknown) => void
  readonly #rows: (string | null)[][] = []
  #fixedWidth: readonly number[] = []
  #described: Map<string, readonly number[]> | undefined

  constructor(
    text: string,
    name: string,
    bindings: readonly unknown[],
    resolve: (rows: readonly TextRow[]) => void,
    reject: (error: unknown) => void,
  ) {
    this.text = text
    this.name = name
    this.#bindings = bindings
    this.#resolve = resolve
    this.#reject = reject
  }

  submit(wire: Wire): null {
    if (this.name === '' && this.#bindings.length === 0) {
      wire.query(this.text)
      return null
    }
    wire.stream.cork()
    try {
      this.#execute(wire)
    } finally {
      wire.stream.uncork()
    }
    return null
  }

  #execute(wire: Wire): void {
    const { text, name } = this
    if (name === '' || (wire.parsedStatements[name] ?? wire.submittedNamedStatements[name]) === undefined) {
      wire.parse({ text, name })
      if (name !== '') wire.submittedNamedStatements[name] = text
    }
    utils ??= require('pg/lib/utils') as Utils
    try {
      wire.bind({ statement: name, values: this.#bindings, valueMapper: utils.prepareValue })
    } catch (error) {
      wire.close({ type: 'S', name })
      wire.sync()
      this.#reject(error)
      return
    }
    this.#described = name === '' ? undefined : describedOn(wire)
    const known = this.#described?.get(name)
    if (known === undefined) wire.describe({ type: 'P', name: '' })
    else this.#fixedWidth = known
    wire.execute({ portal: '' })
    wire.sync()
  }

  handleRowDescription({ fields }: Description): void {
    this.#fixedWidth = fields.flatMap(({ dataTypeID }, i) => (dataTypeID === BPCHAR ? [i] : []))
    this.#described?.set(this.name, this.#fixedWidth)
  }

  handleDataRow({ fields }: { readonly fields: (string | null)[] }): void {
    for (const i of this.#fixedWidth) fields[i] = fields[i]?.replace(/ +$/, '') ?? null
    this.#rows.push(fields)
  }

  handleReadyForQuery(): void {
    this.#resolve(this.#rows)
  }

  handleError(error: unknown): void {
    this.#reject(error)
  }

  handleCommandComplete(): void {}

  handleEmptyQuery(): void {}

  handlePortalSuspended(): void {}

  handleCopyData(): void {}

  handleCopyInResponse(wire: Wire): void {
    wire.sendCopyFail('nothing is copied')
  }
}

function describedOn(wire: Wire): Map<string, readonly number[]> {
  const known = described.get(wire)
  if (known !== undefined) return known
  const made = new Map<string, readonly number[]>()
  described.set(wire, made)
  return made
}

function nothing(): void {}
