/**
 * What answers requests until another takes its place: what has begun with the one ends with it, what begins later is
 * the other's. Who replaces it, and what becomes of it then, is somebody else's affair.
 */

/** One thing while it is in use. Whoever begins with it says when it has ended. */
export class Use<T> {
  readonly value: T
  #active = 0
  #idle: (() => void) | undefined

  constructor(value: T) {
    this.value = value
  }

  begin(): void {
    this.#active++
  }

  end(): void {
    if (--this.#active === 0) this.#idle?.()
  }

  /** Resolves when nobody uses it; to be asked once, when nobody begins with it any more. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#active === 0) resolve()
      else this.#idle = resolve
    })
  }
}

export class Current<T> {
  #use: Use<T>

  constructor(value: T) {
    this.#use = new Use(value)
  }

  get value(): T {
    return this.#use.value
  }

  begin(): Use<T> {
    this.#use.begin()
    return this.#use
  }

  /** Whatever begins from now on has the other; resolves when all that began before has ended. */
  replace(value: T): Promise<void> {
    const before = this.#use
    this.#use = new Use(value)
    return before.idle()
  }
}
