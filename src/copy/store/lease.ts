/** Leases: rows that say who may do something, until when by the database's clock, and with which token. */
import type { Database } from './database.js'
import type { Lease } from './store.js'

/** Undefined while somebody else has it. */
export function acquireLease(
  db: Database,
  name: string,
  holder: string,
  ms: number,
): Promise<Lease | undefined> {
  return db.transact(async (query) => {
    const [insert, behind] = db.own.insertUnlessTaken
    const made = db.builder().add(`${insert} vitrine_leases (name, holder, token, ends_at) VALUES (`)
    made.bind(name).add(', ').bind(holder)
    await query(made.add(`, 0, 0)${behind}`).finish())
    const asked = db.builder().add(`SELECT token, ends_at, ${db.own.now} FROM vitrine_leases WHERE name = `)
    const [row] = await query(asked.bind(name).add(db.own.lock).finish())
    const [token, until, now] = (row ?? []).map(Number)
    if (token === undefined || until === undefined || now === undefined || until > now) return undefined
    const taken = db
      .builder()
      .add('UPDATE vitrine_leases SET token = ')
      .bind(token + 1)
    taken
      .add(', holder = ')
      .bind(holder)
      .add(', ends_at = ')
      .bind(now + ms)
    await query(taken.add(' WHERE name = ').bind(name).finish())
    return leaseOf(db, { name, holder, token: token + 1 })
  })
}

function leaseOf(db: Database, { name, holder, token }: Pick<Lease, 'name' | 'holder' | 'token'>): Lease {
  /** Moves the end, unless somebody else has come. Nobody waits for who stands still here. */
  const move = async (ms: number): Promise<boolean> => {
    const moved = db.builder().add(`UPDATE vitrine_leases SET ends_at = ${db.own.now} + `).bind(ms)
    moved.add(' WHERE name = ').bind(name).add(' AND token = ').bind(token)
    await db.change(moved.finish())
    const asked = db.builder().add('SELECT token FROM vitrine_leases WHERE name = ')
    const [row] = await db.writing.query(asked.bind(name).finish())
    return Number(row?.[0]) === token
  }
  return {
    name,
    holder,
    token,
    renew: move,
    release: async () => {
      await move(0)
    },
  }
}
