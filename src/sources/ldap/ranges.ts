/** Attributes of which a server shows a part at a time (Active Directory's `member;range=0-1499`), completed. */
import type { Attribute, Control } from '../../ldap/message.js'
import { resultCode } from '../../ldap/result-code.js'
import { VitrineError } from '../../model/errors.js'
import type { Channel } from './channel.js'
import { resultBehind } from './errors.js'
import type { LdapEntry } from './read.js'

interface Part {
  /** The attribute description without the range. */
  readonly name: string
  /** The position of the value behind this part; undefined: there is none. */
  readonly next: number | undefined
}

/** Is there an attribute of which only a part is shown? */
export function isPartial(entries: readonly LdapEntry[]): boolean {
  for (const { attributes } of entries)
    for (const { type } of attributes) if (partOf(type) !== undefined) return true
  return false
}

/**
 * The entries with all values of each attribute, under its plain name. One that is deleted meanwhile is left out. Other
 * options, such as `;lang-de` and `;binary`, stay in the names.
 * @throws LdapError, VitrineError
 */
export async function completed(
  channel: Channel,
  entries: readonly LdapEntry[],
  controls: readonly Control[],
  signal: AbortSignal | undefined,
): Promise<readonly LdapEntry[]> {
  const whole: LdapEntry[] = []
  for (const entry of entries) {
    const found = await completedEntry(channel, entry, controls, signal)
    if (found !== undefined) whole.push(found)
  }
  return whole
}

async function completedEntry(
  channel: Channel,
  entry: LdapEntry,
  controls: readonly Control[],
  signal: AbortSignal | undefined,
): Promise<LdapEntry | undefined> {
  const values = new Map<string, Buffer[]>()
  const names = new Map<string, string>()
  const add = (name: string, more: readonly Buffer[]) => {
    const key = name.toLowerCase()
    const known = values.get(key)
    if (known === undefined) values.set(key, [...more])
    else for (const value of more) known.push(value)
    if (!names.has(key)) names.set(key, name)
  }
  for (const attribute of entry.attributes) {
    let part = partOf(attribute.type)
    // Beside the part there is the attribute itself, with no values.
    add(part?.name ?? attribute.type, attribute.values)
    while (part?.next !== undefined) {
      const { name, next } = part
      const following = await rangeFrom(channel, entry.dn, name, next, controls, signal)
      if (following === undefined) return undefined
      add(name, following.values)
      part = partOf(following.type)
      if (part?.next !== undefined && part.next <= next)
        throw new VitrineError('unavailable', {
          detail: `the server does not go on behind value ${next} of ${name} in ${entry.dn}`,
        })
    }
  }
  const attributes = [...values].map(
    ([key, all]): Attribute => ({ type: names.get(key) ?? key, values: all }),
  )
  return { dn: entry.dn, attributes }
}

/** undefined: there is no such entry any more. No values: there are fewer by now. */
async function rangeFrom(
  channel: Channel,
  dn: string,
  name: string,
  from: number,
  controls: readonly Control[],
  signal: AbortSignal | undefined,
): Promise<Attribute | undefined> {
  const given = signal === undefined ? undefined : { signal }
  try {
    const { entries } = await channel.use(
      (client, link) =>
        client.searchAll(dn, {
          scope: 'baseObject',
          attributes: [`${name};range=${from}-*`],
          controls: [...link.controls, ...controls],
          ...given,
        }),
      given,
    )
    const [entry] = entries
    if (entry === undefined) return undefined
    const found = entry.attributes.find(({ type }) => partOf(type)?.name.toLowerCase() === name.toLowerCase())
    return found ?? { type: name, values: [] }
  } catch (error) {
    if (resultBehind(error)?.code === resultCode.noSuchObject) return undefined
    throw error
  }
}

/** undefined: the attribute is shown whole. */
function partOf(type: string): Part | undefined {
  if (!type.includes(';')) return undefined
  const found = /;range=\d+-(\d+|\*)(?=;|$)/i.exec(type)
  if (found === null) return undefined
  const name = type.slice(0, found.index) + type.slice(found.index + found[0].length)
  return { name, next: found[1] === '*' ? undefined : Number(found[1]) + 1 }
}
