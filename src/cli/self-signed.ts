/** A certificate for trying things out: signed by itself, for names of this machine, made without any other program. */
import { generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'

export interface SelfSigned {
  /** PEM. */
  readonly certificate: string
  /** PEM, PKCS #8. */
  readonly key: string
}

const DAY = 86_400_000
const ECDSA_WITH_SHA256 = Buffer.from('06082a8648ce3d040302', 'hex')
const COMMON_NAME = Buffer.from('0603550403', 'hex')
const BASIC_CONSTRAINTS = Buffer.from('0603551d13', 'hex')
const SUBJECT_ALT_NAME = Buffer.from('0603551d11', 'hex')
const TRUE = Buffer.from('0101ff', 'hex')

/**
 * An X.509 certificate (RFC 5280) with a P-256 key, its own authority, good from an hour ago for `days` days.
 * @param names host names and addresses; the first is its subject
 */
export function selfSigned(names: readonly [string, ...string[]], days: number): SelfSigned {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const now = Date.now()
  const algorithm = sequence(ECDSA_WITH_SHA256)
  const subject = sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from(names[0])))))
  const tbs = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(randomBytes(16)),
    algorithm,
    subject,
    sequence(time(now - 3_600_000), time(now + days * DAY)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(
      0xa3,
      sequence(
        sequence(BASIC_CONSTRAINTS, TRUE, der(0x04, sequence(TRUE))),
        sequence(SUBJECT_ALT_NAME, der(0x04, sequence(...names.map(alternativeName)))),
      ),
    ),
  )
  const signature = sign('sha256', tbs, privateKey)
  const octets = sequence(tbs, algorithm, der(0x03, Buffer.from([0]), signature))
  return {
    certificate: new X509Certificate(octets).toString(),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** One element of DER (X.690 10.1): lengths are as short as can be. */
function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents)
  const { length } = content
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content])
  const hex = length.toString(16)
  const octets = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  return Buffer.concat([Buffer.from([tag, 0x80 | octets.length]), octets, content])
}

function sequence(...contents: readonly Buffer[]): Buffer {
  return der(0x30, ...contents)
}

/** A positive number: the leading bit is its sign, and there are no leading zeros. */
function integer(octets: Buffer): Buffer {
  const positive = Buffer.from(octets)
  positive.writeUInt8((positive.readUInt8(0) & 0x7f) | (octets.length > 1 ? 0x40 : 0), 0)
  return der(0x02, positive)
}

/** UTCTime up to 2049, GeneralizedTime from then on (RFC 5280 4.1.2.5). */
function time(milliseconds: number): Buffer {
  const text = `${new Date(milliseconds).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`
  return Number(text.slice(0, 4)) < 2050
    ? der(0x17, Buffer.from(text.slice(2)))
    : der(0x18, Buffer.from(text))
}

function alternativeName(name: string): Buffer {
  return isIP(name) === 0 ? der(0x82, Buffer.from(name)) : der(0x87, addressOctets(name))
}

function addressOctets(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number))
  const [left = '', right] = address.split('::')
  const groups = (text: string | undefined) => (text ? text.split(':') : [])
  const [before, behind] = [groups(left), groups(right)]
  const zeros = Array.from({ length: 8 - before.length - behind.length }, () => '0')
  const octets = Buffer.alloc(16)
  for (const [i, group] of [...before, ...zeros, ...behind].entries())
    octets.writeUInt16BE(Number.parseInt(group, 16), 2 * i)
  return octets
}
