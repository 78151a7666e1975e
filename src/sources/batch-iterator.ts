/** Batches as they come, which may tell with the last of them that it is the last. */

export interface BatchIterator<T> extends AsyncIterableIterator<T> {
  /** Nothing comes behind what has been given; unless it is true, only the next step tells. */
  readonly isOver?: boolean
}

export function isOver(batches: AsyncIterator<unknown>): boolean {
  return 'isOver' in batches && batches.isOver === true
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
