/**
 * Operations that wait for their end, by message id. A list, for they are few: a `Map` from which as many are taken
 * as are put in makes itself anew all the time, and each one it leaves behind keeps the next, and what that holds,
 * from being collected while it is young.
 */
export class Outstanding<T> {
  private readonly ids: number[] = []
  private readonly operations: T[] = []

  get size(): number {
    return this.ids.length
  }

  has(messageId: number): boolean {
    return this.ids.includes(messageId)
  }

  get(messageId: number): T | undefined {
    const at = this.ids.indexOf(messageId)
    return at < 0 ? undefined : this.operations[at]
  }

  /** The message id is not among them. */
  add(messageId: number, operation: T): void {
    this.ids.push(messageId)
    this.operations.push(operation)
  }

  /** Was it among them? */
  delete(messageId: number): boolean {
    const at = this.ids.indexOf(messageId)
    if (at < 0) return false
    const last = this.ids.length - 1
    // Mostly it is the only one.
    if (at < last) {
      this.ids.splice(at, 1)
      this.operations.splice(at, 1)
    } else {
      this.ids.pop()
      this.operations.pop()
    }
    return true
  }

  /** All of them, in the order in which they were added; from now on there are none. */
  clear(): readonly T[] {
    this.ids.length = 0
    return this.operations.splice(0)
  }

  /** Do all pass? */
  every(test: (operation: T) => boolean): boolean {
    return this.operations.every(test)
  }
}
