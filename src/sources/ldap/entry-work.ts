/**
 * The work on one entry. A directory has no transactions: an entry is changed only if it is still what was decided on, and
 * otherwise decided on anew.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { LdapClient } from '../../ldap/client.js'
import { noOpControl } from '../../ldap/controls/write.js'
import { assertionControl, controlType } from '../../ldap/controls.js'
import { formatDn, formatRdn } from '../../ldap/dn.js'
import type { LdapFilter } from '../../ldap/filter.js'
import type { Control } from '../../ldap/message.js'
import { PASSWORD_MODIFY, passwordModifyRequest } from '../../ldap/password-modify.js'
import { resultCode } from '../../ldap/result-code.js'
import { VitrineError } from '../../model/errors.js'
import type { Context } from '../../model/request.js'
import type { Cell, Collection, Condition, Field, Row, RowChange } from '../source.js'
import { EVERY } from './assertion.js'
import { entryChangeOf, type Password, type Present, type Spelled, valueColumn } from './changes.js'
import type { Channel, Link } from './channel.js'
import type { Found } from './entries.js'
import { resultBehind } from './errors.js'
import { type Place, Reading } from './reading.js'
import { passwordRefusal, refusalOf } from './refusals.js'
import { attributesFor, rowsOf } from './rows.js'
import type { LdapTable } from './tables.js'
import { isUnicode, octetsOf, unicodePassword } from './written-passwords.js'

const ATTEMPTS = 8
/** Milliseconds before the second, doubled each time, and less by chance. */
const PAUSE = 4
/** Values that are asked for one by one whether they are there; of more, all are read. */
const ASKED_FOR = 200

/** Which of these tells one state of an entry from the next. */
const VERSIONS = ['entryCSN', 'etag', 'entryUSN', 'modifyTimestamp']

/** The server refused because the entry is no longer what was decided on. */
const CHANGED_MEANWHILE: ReadonlySet<number> = new Set([
  resultCode.assertionFailed,
  resultCode.noSuchAttribute,
  resultCode.attributeOrValueExists,
])

export type Decide = (row: Row) => RowChange

/** An entry and which of its attributes have been read. */
interface EntryAsRead {
  readonly found: Found
  readonly read: ReadonlySet<string>
}

/** One call on one entry. */
export class EntryWork {
  readonly place: Place
  readonly #channel: Channel
  readonly #reading: Reading
  readonly #ctx: Context

  constructor(channel: Channel, { table, where }: Collection, ctx: Context) {
    this.#channel = channel
    this.#reading = new Reading(channel)
    this.#ctx = ctx
    this.place = { table: table as LdapTable, where }
  }

  /** What is written is written once. @throws VitrineError */
  async run<T>(work: (client: LdapClient, link: Link) => Promise<T>): Promise<T> {
    try {
      return await this.#channel.use(work, { signal: this.#ctx.signal, repeatable: () => false })
    } catch (error) {
      if (this.#ctx.rehearses && resultBehind(error)?.code === resultCode.unavailableCriticalExtension)
        throw new VitrineError('unwillingToPerform', {
          message: 'what is kept there cannot be tried out',
          cause: error,
        })
      throw refusalOf(error, this.#ctx.signal)
    }
  }

  /**
   * What keeps the server from doing what it is asked to, where it is but tried out. It is not asked before whether it can:
   * OpenLDAP can, and does not say so.
   * @param operations how many it takes, of which only one alone can be tried out
   * @param passwords those that are set besides, which cannot
   */
  rehearsal(operations = 1, passwords: readonly Password[] = []): readonly Control[] {
    if (this.#ctx.rehearses !== true) return []
    if (operations === 0 && passwords.length === 0) throw new VitrineError('noOperation')
    if (operations === 1 && passwords.length === 0) return [noOpControl()]
    throw new VitrineError('unwillingToPerform', {
      message: 'this takes several steps, and cannot be tried out',
    })
  }

  /** Of what a server may have answered as if it had been done. */
  demandReal(): void {
    if (this.#ctx.rehearses === true) throw new VitrineError('noOperation')
  }

  /** Has `decide` say what the entry is to become, and `write` do so, until nobody was faster. False without an entry. */
  async decided(
    name: string,
    fields: readonly Field[],
    decide: Decide,
    write: (change: RowChange, entry: EntryAsRead, assertion: readonly Control[]) => Promise<void>,
  ): Promise<boolean> {
    const { columns } = this.place.table
    const version = VERSIONS.flatMap((attribute) => columns.get(attribute) ?? [])[0]
    const { signal } = this.#ctx
    const read = new Set([...attributesFor(fields), ...(version === undefined ? [] : [version.attribute])])
    const attributes = [...read]
    for (let count = 1; ; count++) {
      const found = await this.#reading.named([name], {
        place: this.place,
        filter: EVERY,
        attributes,
        signal,
      })
      const entry = found.get(name)
      if (entry === undefined) return false
      const [row] = await rowsOf([entry], fields, this.place, this.#reading, { signal })
      if (row === undefined) return false
      const change = decide(row)
      const now = version && entry.octets(version.attribute)?.[0]
      try {
        await write(
          change,
          { found: entry, read },
          now === undefined || version === undefined
            ? []
            : await this.#assertion({ tag: 'equality', attribute: version.attribute, value: now }),
        )
        return true
      } catch (error) {
        const answer = resultBehind(error)
        if (answer?.code === resultCode.noSuchObject && !(await this.isShown(name))) return false
        if (answer === undefined || !CHANGED_MEANWHILE.has(answer.code)) throw error
        if (count >= ATTEMPTS) {
          throw new VitrineError('busy', {
            detail: `others changed the entry ${ATTEMPTS} times meanwhile`,
            cause: error,
          })
        }
      }
      await sleep(PAUSE * 2 ** (count - 1) * (0.5 + Math.random() / 2), undefined, { signal })
    }
  }

  /** Nothing is sent where nothing changes. @throws VitrineError */
  async modify(
    change: RowChange,
    { found, read }: EntryAsRead,
    assertion: readonly Control[],
  ): Promise<void> {
    const { names } = this.place.table.columns.dialect
    const spelled = await this.requireAll(change)
    const present = await this.#present(change, found, read)
    const { newRdn, modifications, passwords } = entryChangeOf(change, present, names, spelled)
    this.#requireKept(change)
    const { signal } = this.#ctx
    const unicode = passwords.filter(({ column }) => isUnicode(column.attribute))
    const apart = passwords.filter((one) => !unicode.includes(one))
    const isModified = modifications.length > 0 || unicode.length > 0
    const rehearsal = this.rehearsal(Number(newRdn !== undefined) + Number(isModified), apart)
    const renamed =
      newRdn === undefined ? undefined : await this.#rename(found.dn, newRdn, [...assertion, ...rehearsal])
    if (renamed !== undefined) this.demandReal()
    const dn = renamed ?? found.dn
    // The server has changed what the assertion is about with the name.
    const asserted = renamed === undefined ? assertion : []
    try {
      const changes = [
        ...modifications,
        ...unicode.flatMap(unicodePassword).map((one) => ({ operation: 'replace' as const, ...one })),
      ]
      if (changes.length > 0) {
        await this.run((client, { controls }) =>
          client.modify(dn, changes, { controls: [...controls, ...asserted, ...rehearsal], signal }),
        )
      }
      this.demandReal()
      await this.setPasswords(dn, apart)
    } catch (error) {
      if (renamed !== undefined)
        await this.#rename(renamed, formatRdn(names.rdns(found.dn)?.[0] ?? []), []).catch(() => undefined)
      throw error
    }
  }

  /** Is there such an entry among those that the view shows? */
  async isShown(name: string): Promise<boolean> {
    const { signal } = this.#ctx
    return (
      (await this.#reading.named([name], { place: this.place, filter: EVERY, attributes: [], signal })).size >
      0
    )
  }

  /** What the entries that are referred to are called. @throws what the change says, where one is not there */
  async requireAll({ exist }: RowChange): Promise<Spelled> {
    const spelled = new Map<string, string>()
    for (const { of, keys, absent } of exist) {
      const place = { table: of.table as LdapTable, where: of.where }
      const asked = { place, filter: EVERY, attributes: [], signal: this.#ctx.signal }
      const found = await this.#reading.named([...new Set(keys.map(String))], asked)
      const missing = keys.filter((key) => !found.has(String(key)))
      if (missing.length > 0) throw absent(missing)
      for (const [name, { dn }] of found) spelled.set(name, dn)
    }
    return spelled
  }

  /** By the server's own way of setting a password where it has one, which hashes it. */
  async setPasswords(dn: string, passwords: readonly Password[]): Promise<void> {
    for (const { column, value } of passwords) {
      const octets = value === null ? undefined : octetsOf(value)
      await this.run(async (client, link) => {
        const options = { controls: link.controls, signal: this.#ctx.signal }
        const { extensions } = await link.capabilities(this.#ctx.signal)
        if (octets !== undefined && extensions.has(PASSWORD_MODIFY))
          await client.extended(
            PASSWORD_MODIFY,
            passwordModifyRequest({ userIdentity: dn, newPassword: octets }),
            options,
          )
        else {
          const values = octets === undefined ? [] : [octets]
          await client.modify(dn, [{ operation: 'replace', type: column.attribute, values }], options)
        }
      }).catch((error: VitrineError) => {
        throw passwordRefusal(error)
      })
    }
  }

  /** What the entry holds of what is to change. What was not read, and may be much, is asked for value by value. */
  async #present({ sets }: RowChange, found: Found, read: ReadonlySet<string>): Promise<Present> {
    const asked = new Map<string, readonly Buffer[]>()
    for (const set of sets) {
      const { attribute, form } = valueColumn(set)
      if (read.has(attribute) || set.op === 'replace' || set.tuples.length > ASKED_FOR) continue
      const values = set.tuples.flatMap(([value = null]) =>
        value === null ? [] : (form.encode(value) ?? []),
      )
      const there = await Promise.all(values.map((value) => this.#holds(found.dn, attribute, value)))
      asked.set(attribute, [...(asked.get(attribute) ?? []), ...values.filter((_, i) => there[i])])
    }
    return {
      dn: found.dn,
      octets: (attribute) =>
        asked.get(attribute) ?? (read.has(attribute) ? found.octets(attribute) : undefined),
    }
  }

  /** Not by a comparison: Samba takes backslashes and asterisks in its values for signs of a filter. */
  #holds(dn: string, attribute: string, value: Buffer): Promise<boolean> {
    return this.run(async (client, { controls }) => {
      const { entries } = await client.searchAll(dn, {
        scope: 'baseObject',
        filter: { tag: 'equality', attribute, value },
        attributes: ['1.1'],
        controls,
        signal: this.#ctx.signal,
      })
      return entries.length > 0
    })
  }

  /** What is written through a view must be seen through it. */
  #requireKept({ cells }: RowChange): void {
    for (const condition of this.place.where) {
      const cell = cells.find(({ column }) => column.name === condition.column.name)
      if (cell === undefined || meets(cell.value, condition)) continue
      throw new VitrineError('constraintViolation', {
        message: 'with these values it would no longer be among the entries that are kept here; change them',
      })
    }
  }

  async #rename(dn: string, newRdn: string, assertion: readonly Control[]): Promise<string> {
    const { names } = this.place.table.columns.dialect
    await this.run((client, { controls }) =>
      client.modifyDn(dn, newRdn, { controls: [...controls, ...assertion], signal: this.#ctx.signal }),
    )
    const [, ...above] = names.rdns(dn) ?? []
    return above.length === 0 ? newRdn : `${newRdn},${formatDn(above)}`
  }

  /** Only as long as the entry is as it was read; nothing where the server cannot be told so. */
  async #assertion(filter: LdapFilter): Promise<readonly Control[]> {
    const { controls } = await this.run((_, link) => link.capabilities(this.#ctx.signal))
    return controls.has(controlType.assertion) ? [assertionControl(filter)] : []
  }
}

function meets(cell: Cell, { not, values }: Condition): boolean {
  const among = values.some((value) =>
    value === null || cell === null
      ? value === cell
      : String(value).toLowerCase() === String(cell).toLowerCase(),
  )
  return among !== not
}
