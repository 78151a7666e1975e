/** How many statements the gateway asks of the database for one request. */

import { LIST } from '../cases.js'
import { selects } from '../databases.js'
import type { Statements } from '../goals.js'
import { median } from '../summary.js'
import { TOKEN } from './data.js'
import { idOf } from './ids.js'
import { Connection } from './load.js'
import { LARGE_GROUP } from './peers/people.js'

const REQUESTS = 11

/**
 * What most requests take, of a few that are made one after the other: between them the gateway looks from time to time
 * whether its tables are what they were.
 * @param counted how many statements there have been
 */
export async function usualCount(
  request: (n: number) => Promise<unknown>,
  counted: () => Promise<number>,
): Promise<number> {
  const counts: number[] = []
  for (let n = 0; n < REQUESTS; n++) {
    const before = await counted()
    await request(n)
    counts.push((await counted()) - before)
  }
  return median(counts)
}

export async function countStatements(port: number): Promise<Statements> {
  const connection = await Connection.open(port, TOKEN)
  const count = (path: (n: number) => string) => usualCount((n) => connection.get(path(n)), selects)
  try {
    return {
      list: await count((n) => `/scim/v2/Users?count=${LIST}&startIndex=${n * LIST + 1}`),
      group: await count(() => `/scim/v2/Groups/${idOf.groups(LARGE_GROUP.id)}`),
    }
  } finally {
    connection.close()
  }
}
