/** Rows of a source, with how many there are and how long they were waited for, where somebody wants to know that. */
import type { Tally } from '../model/observe.js'
import type { Row } from '../sources/source.js'

type Batches = AsyncIterable<readonly Row[]>

export function timed(batches: Batches, tally: Tally | undefined): Batches {
  return tally === undefined ? batches : measured(batches, tally)
}

async function* measured(batches: Batches, tally: Tally): Batches {
  let begun: number | undefined = performance.now()
  const waited = () => {
    if (begun !== undefined) tally.source += performance.now() - begun
    begun = undefined
  }
  try {
    for await (const rows of batches) {
      waited()
      tally.rows += rows.length
      yield rows
      begun = performance.now()
    }
  } finally {
    waited()
  }
}
