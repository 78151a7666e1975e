/** Batches as they come, which may tell with the last of them that it is the last. */

export interface BatchIterator<T> extends AsyncIterableIterator<T> {
  /** Nothing comes behind what has been given; unless it is true, only the next step tells. */
  readonly isOver?: boolean
}

/** What may be asked whether it is over; generators do not know. */
export type Batches<T> = AsyncIterator<T> & Pick<BatchIterator<T>, 'isOver'>

/**
 * Iterators over iterators ask the inner one themselves: in one function that calls itself by way of theirs, V8 would
 * put each into each, which takes it a second and 12 MB.
 */
export function isOver(batches: Batches<unknown>): boolean {
  return batches.isOver === true
}

/** The answer of those who have nothing more. */
export const DONE: Promise<IteratorReturnResult<undefined>> = Promise.resolve({
  done: true,
  value: undefined,
})

/** Gives each batch to `take` until that wants no more. */
export async function eachBatch<T>(batches: AsyncIterable<T>, take: (batch: T) => boolean): Promise<void> {
  const iterator = batches[Symbol.asyncIterator]()
  for (let isWanted = true; isWanted; ) {
    const step = await iterator.next()
    if (step.done === true) return
    isWanted = false
    try {
      isWanted = take(step.value)
    } finally {
      if (!isWanted) await iterator.return?.()
    }
    if (isOver(iterator)) return
  }
}
