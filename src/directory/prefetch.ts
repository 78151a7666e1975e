/** Asks for the next batch while the present one is being used: one ahead, never more. */

export async function* prefetch<T>(batches: AsyncIterable<T>): AsyncIterable<T> {
  const iterator = batches[Symbol.asyncIterator]()
  let next = iterator.next()
  try {
    for (;;) {
      const { done, value } = await next
      if (done === true) return
      next = iterator.next()
      // Whoever stops early never looks at it.
      next.catch(() => undefined)
      yield value
    }
  } finally {
    // A generator that is busy ends after its present step.
    void iterator.return?.()
  }
}
