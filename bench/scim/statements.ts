/** How many statements the gateway asks of the database for one request. */

import { LIST } from '../cases.js'
import { selects } from '../databases.js'
import type { Statements } from '../goals.js'
import { TOKEN } from './data.js'
import { idOf } from './ids.js'
import { Connection } from './load.js'
import { LARGE_GROUP } from './peers/people.js'

const REQUESTS = 10

/** Means of a few requests, one after the other. */
export async function countStatements(port: number): Promise<Statements> {
  const connection = await Connection.open(port, TOKEN)
  const count = async (path: (n: number) => string) => {
    const before = await selects()
    for (let n = 0; n < REQUESTS; n++) await connection.get(path(n))
    return Math.round(((await selects()) - before) / REQUESTS)
  }
  try {
    return {
      list: await count((n) => `/scim/v2/Users?count=${LIST}&startIndex=${n * LIST + 1}`),
      group: await count(() => `/scim/v2/Groups/${idOf.groups(LARGE_GROUP.id)}`),
    }
  } finally {
    connection.close()
  }
}
