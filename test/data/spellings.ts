/** The same thing written differently: attribute names, filter values (RFC 4515) and DNs (RFC 4514). */
import type { Random } from './random.js'

const aliases: Readonly<Record<string, readonly string[]>> = {
  uid: ['userid', '0.9.2342.19200300.100.1.1'],
  cn: ['commonName', '2.5.4.3'],
  sn: ['surname', '2.5.4.4'],
  givenName: ['gn', '2.5.4.42'],
  mail: ['rfc822Mailbox', '0.9.2342.19200300.100.1.3'],
  mobile: ['mobileTelephoneNumber'],
  telephoneNumber: ['2.5.4.20'],
  title: ['2.5.4.12'],
  description: ['2.5.4.13'],
  member: ['2.5.4.31'],
  manager: ['0.9.2342.19200300.100.1.10'],
}

/** The attribute's name in any case, now and then its other name or its OID. */
export function spellName(random: Random, name: string): string {
  const dice = random.next()
  if (dice < 0.7) return name
  if (dice < 0.8) return name.toLowerCase()
  if (dice < 0.85) return name.toUpperCase()
  return random.pick(aliases[name] ?? [name])
}

/** A filter's assertion value: what must be escaped is, and now and then more than that. */
export function spellValue(random: Random, value: string): string {
  const share = random.pick([0, 0, 0, 0.3, 1])
  return [...value]
    .map((character) =>
      /[\0()*\\]/.test(character) || random.chance(share) ? hexBytes(random, character) : character,
    )
    .join('')
}

/** A DN made by `escapeDnValue`, in another spelling of the same name. */
export function spellDn(random: Random, dn: string): string {
  switch (random.integer(6)) {
    case 0:
      return dn.replace(/^uid=/, 'UID=').replace(/^cn=/, 'CN=')
    case 1:
      return dn.replace(/^uid=/, '0.9.2342.19200300.100.1.1=').replace(/^cn=/, '2.5.4.3=')
    case 2:
      // Every escaped character as its code.
      return dn.replaceAll(/\\(.)/gs, (_, character: string) => hexBytes(random, character))
    case 3:
      // Everything in the first value as its code, but for the letters of types and the separators.
      return dn.replaceAll(/\\(.)|([^\x20-\x7e])/gsu, (_, escaped?: string, plain?: string) =>
        hexBytes(random, escaped ?? plain ?? ''),
      )
    case 4:
      return dn.replaceAll(/(?<!\\),/g, ', ')
    default:
      return dn
  }
}

function hexBytes(random: Random, text: string): string {
  const upper = random.chance(0.5)
  return [...Buffer.from(text, 'utf8')]
    .map((byte) => {
      const hex = byte.toString(16).padStart(2, '0')
      return `\\${upper ? hex.toUpperCase() : hex}`
    })
    .join('')
}
