/** An SQL text under construction with its bindings. Values enter as parameters only, names only quoted. */

export interface Statement {
  readonly sql: string
  readonly bindings: readonly unknown[]
  /** Stands behind it where it is sent: it is then none that comes again, and is not kept prepared. */
  readonly comment?: string
}

/** Writes the placeholder of the nth binding, from 1. */
type Placeholder = (n: number) => string

export class SqlBuilder {
  #sql = ''
  readonly #bindings: unknown[] = []
  readonly #placeholder: Placeholder

  constructor(placeholder: Placeholder) {
    this.#placeholder = placeholder
  }

  add(sql: string): this {
    this.#sql += sql
    return this
  }

  bind(value: unknown): this {
    this.#sql += this.#placeholder(this.#bindings.push(value))
    return this
  }

  /** Binds a value whose placeholder the caller writes before anything else is bound; more than once where they have numbers. */
  hold(value: unknown): string {
    return this.#placeholder(this.#bindings.push(value))
  }

  /** Writes each item by `write`, with `separator` between them. */
  join<T>(items: readonly T[], separator: string, write: (item: T) => void): this {
    items.forEach((item, i) => {
      if (i > 0) this.#sql += separator
      write(item)
    })
    return this
  }

  finish(): Statement {
    return { sql: this.#sql, bindings: this.#bindings }
  }
}

/** Takes the bindings of a statement, of which the text is known already. */
export class BindingTaker extends SqlBuilder {
  constructor() {
    super(() => '')
  }

  override add(): this {
    return this
  }

  override join<T>(items: readonly T[], _separator: string, write: (item: T) => void): this {
    for (const item of items) write(item)
    return this
  }
}
