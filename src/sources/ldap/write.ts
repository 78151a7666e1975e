/**
 * Writing: entries are added, changed by the least that makes them what they are to be, renamed and deleted. How one entry
 * is changed although a directory has no transactions is said in `entry-work.ts`.
 */
import { VitrineError } from '../../model/errors.js'
import type { Context } from '../../model/request.js'
import type { Cell, Collection, Field, RowChange, SourceWrite } from '../source.js'
import { newEntryOf } from './changes.js'
import type { Channel } from './channel.js'
import { type Decide, EntryWork } from './entry-work.js'
import { isUnicode, unicodePassword } from './written-passwords.js'

type Key = Exclude<Cell, null>

export class LdapWrite implements SourceWrite {
  /** As far as the server does. */
  readonly rehearses = true
  readonly #channelFor: (ctx: Context) => Channel
  /** Those who change an entry here wait for each other instead of failing. */
  readonly #busy = new Map<Key, Promise<unknown>>()

  constructor(channelFor: (ctx: Context) => Channel) {
    this.#channelFor = channelFor
  }

  async insert(of: Collection, change: RowChange, ctx: Context): Promise<Key> {
    const work = new EntryWork(this.#channelFor(ctx), of, ctx)
    const { names } = work.place.table.columns.dialect
    const spelled = await work.requireAll(change)
    const { dn, attributes, passwords } = newEntryOf(change, names, spelled)
    const name = names.canonical(dn)
    if (name === undefined)
      throw new VitrineError('constraintViolation', { message: 'no entry can be called so' })
    // Active Directory takes the password of an account with the rest, or leaves it disabled.
    const inClear = passwords.filter(({ column }) => isUnicode(column.attribute))
    const apart = passwords.filter((one) => !inClear.includes(one))
    const withPasswords = [...attributes, ...inClear.flatMap(unicodePassword)]
    const rehearsal = work.rehearsal(1, apart)
    await work.run((client, { controls }) =>
      client.add(dn, withPasswords, { controls: [...controls, ...rehearsal], signal: ctx.signal }),
    )
    work.demandReal()
    try {
      if (!(await work.isShown(name))) {
        throw new VitrineError('constraintViolation', {
          message: 'with these values it would not be among the entries that are kept here; change them',
        })
      }
      await work.setPasswords(dn, apart)
      return name
    } catch (error) {
      await work.run((client, { controls }) => client.delete(dn, { controls })).catch(() => undefined)
      throw error
    }
  }

  update(of: Collection, key: Key, fields: readonly Field[], decide: Decide, ctx: Context): Promise<boolean> {
    return this.#alone(key, async () => {
      const work = new EntryWork(this.#channelFor(ctx), of, ctx)
      return work.decided(String(key), fields, decide, (change, entry, assertion) =>
        work.modify(change, entry, assertion),
      )
    })
  }

  remove(of: Collection, key: Key, fields: readonly Field[], decide: Decide, ctx: Context): Promise<boolean> {
    return this.#alone(key, async () => {
      const work = new EntryWork(this.#channelFor(ctx), of, ctx)
      return work.decided(String(key), fields, decide, async (_, { found: { dn } }, assertion) => {
        const rehearsal = work.rehearsal()
        await work.run((client, { controls }) =>
          client.delete(dn, { controls: [...controls, ...assertion, ...rehearsal], signal: ctx.signal }),
        )
        work.demandReal()
      })
    })
  }

  async #alone<T>(key: Key, work: () => Promise<T>): Promise<T> {
    const before = this.#busy.get(key)
    const mine = (before ?? Promise.resolve()).then(work, work)
    this.#busy.set(key, mine)
    try {
      return await mine
    } finally {
      if (this.#busy.get(key) === mine) this.#busy.delete(key)
    }
  }
}
