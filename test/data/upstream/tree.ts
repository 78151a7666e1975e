/**
 * The tree of the directory behind the gateway, in which people and groups are named by numbers: so their names there tell
 * nothing about the names that the gateway gives them.
 */
export const upstreamSuffix = 'o=acme'

/** Whom the gateway is there: may read everything but passwords. */
export const upstreamAccount = { dn: `cn=gateway,${upstreamSuffix}`, password: 'to read' }

/** An entry's attributes by name; those without values are left out. */
export type UpstreamAttributes = Readonly<Record<string, readonly (string | Uint8Array)[]>>

/** Entries by DN, in the order in which they can be added. */
export type UpstreamEntries = ReadonlyMap<string, UpstreamAttributes>

/** Numbers have so many digits that the order of DNs is that of the numbers. */
const number = (id: number) => String(id).padStart(8, '0')

export const upstreamPersonDn = (id: number) => `acmeId=${number(id)},ou=staff,${upstreamSuffix}`
export const upstreamGroupDn = (id: number) => `acmeId=${number(id)},ou=units,${upstreamSuffix}`

export type UpstreamValue = string | number | Uint8Array | null | undefined

/** A directory holds no empty values: those that are absent or empty text are dropped. */
export function upstreamPerson(
  id: number,
  attributes: Readonly<Record<string, readonly UpstreamValue[]>>,
): [dn: string, attributes: UpstreamAttributes] {
  return [upstreamPersonDn(id), entry('acmePerson', id, attributes)]
}

export function upstreamGroup(
  id: number,
  attributes: Readonly<Record<string, readonly UpstreamValue[]>>,
): [dn: string, attributes: UpstreamAttributes] {
  return [upstreamGroupDn(id), entry('acmeGroup', id, attributes)]
}

function entry(
  objectClass: string,
  id: number,
  attributes: Readonly<Record<string, readonly UpstreamValue[]>>,
): UpstreamAttributes {
  const all = { objectClass: [objectClass], acmeId: [number(id)], ...attributes }
  return Object.fromEntries(
    Object.entries(all)
      .map(([name, values]) => [name, values.flatMap(stored)] as const)
      .filter(([, values]) => values.length > 0),
  )
}

function stored(value: UpstreamValue): (string | Uint8Array)[] {
  if (value === null || value === undefined || value === '') return []
  return [typeof value === 'number' ? String(value) : value]
}
