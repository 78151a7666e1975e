/**
 * What a program can do that asks the database itself, one prepared statement per lookup: as many callers as it is told, each
 * of whom asks again once answered. `lookups.ts URL USERS` takes orders from the process that started it.
 */
import { userName } from '../people.js'
import { openDatabase } from '../scim/database.js'
import { median } from '../summary.js'
import type { Done, Order } from './driver.js'

const [, , url = '', users = '0'] = process.argv
const database = openDatabase(url)
const statement = `SELECT id, username, first_name, last_name, email, department, phone, active FROM users
  WHERE username = ?`

async function run({ callers, seconds }: Order): Promise<Done> {
  const delays: number[] = []
  const end = performance.now() + seconds * 1000
  await Promise.all(
    Array.from({ length: callers }, async () => {
      for (let now = performance.now(); now < end; ) {
        const name = userName(1 + Math.floor(Math.random() * Number(users)))
        const rows = await database.query(statement, [name])
        if (rows.length !== 1 || rows[0]?.[1] !== name) throw new Error(`${name} was answered wrongly`)
        const then = performance.now()
        delays.push(then - now)
        now = then
      }
    }),
  )
  return { operations: delays.length, p50: median(delays) }
}

process.on('message', (order) => {
  run(order as Order).then(
    (done) => process.send?.(done),
    (error: unknown) => {
      process.stderr.write(`${error}\n`)
      process.exit(1)
    },
  )
})
process.once('SIGTERM', () => process.exit(0))
process.send?.('ready')
