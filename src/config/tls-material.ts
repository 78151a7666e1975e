/** The files that `tls` names: read, and held against each other, so that what is wrong is told in words. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { PEM, type TlsConfig } from './schema-tls.js'
import { readTextFile } from './text-file.js'

/** What a TLS server is given; `ServerTlsOptions` of `vitrine/ldap`. */
export interface TlsMaterial {
  readonly cert: string
  readonly key: string
  readonly passphrase?: string
  readonly ca?: string
  readonly ciphers?: string
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
  readonly clientCertificates: 'none' | 'request' | 'require'
}

export interface TlsFault {
  /** The key of `tls` that is at fault. */
  readonly key: 'certificate' | 'key' | 'passphrase' | 'clientCa' | 'ciphers'
  readonly message: string
  readonly remedy: string
}

export interface ReadTls {
  /** Undefined where there are faults. */
  readonly material?: TlsMaterial
  readonly faults: readonly TlsFault[]
  /** Within which time the certificate is valid, where it could be read. */
  readonly validity?: { readonly from: Date; readonly to: Date }
}

export async function readTls(tls: TlsConfig): Promise<ReadTls> {
  const faults: TlsFault[] = []
  const texts = {
    certificate: await textOf('certificate', tls.certificate, faults),
    key: await textOf('key', tls.key, faults),
    clientCa: await textOf('clientCa', tls.clientCa, faults),
  }
  const [certificate] = certificatesIn('certificate', texts.certificate, faults)
  certificatesIn('clientCa', texts.clientCa, faults)
  const key = privateKeyIn(texts.key, tls.passphrase, faults)
  if (certificate !== undefined && key !== undefined && !certificate.checkPrivateKey(key))
    faults.push({
      key: 'key',
      message: 'does not fit the certificate',
      remedy:
        "Give the key that belongs to it; the gateway's own certificate comes first in its file, before those of its signers.",
    })
  const { minVersion, ciphers, clientCertificates, passphrase } = tls
  if (ciphers !== undefined && !isCipherList(ciphers))
    faults.push({
      key: 'ciphers',
      message: 'names no cipher that is known',
      remedy: 'Write names that openssl ciphers -v lists, with colons between them.',
    })
  const validity = certificate && {
    validity: { from: new Date(certificate.validFrom), to: new Date(certificate.validTo) },
  }
  if (faults.length > 0 || texts.certificate === undefined || texts.key === undefined)
    return { faults, ...validity }
  return {
    faults,
    ...validity,
    material: {
      cert: texts.certificate,
      key: texts.key,
      minVersion,
      clientCertificates,
      ...(passphrase !== undefined && { passphrase }),
      ...(texts.clientCa !== undefined && { ca: texts.clientCa }),
      ...(ciphers !== undefined && { ciphers }),
    },
  }
}

/** Paths of the files that are to be looked at again. */
export function filesOf({ certificate, key, clientCa }: TlsConfig): readonly string[] {
  return [certificate, key, clientCa ?? PEM].filter((text) => !text.includes(PEM))
}

/** What is worth saying of a certificate that can be used; undefined where nothing is. `now`: milliseconds. */
export function validityWarning({ validity }: ReadTls, now: number): string | undefined {
  if (validity === undefined) return undefined
  const { from, to } = validity
  if (to.getTime() <= now) return `the certificate of tls has expired: it was valid until ${to.toISOString()}`
  if (from.getTime() > now) return `the certificate of tls is not valid before ${from.toISOString()}`
  const days = Math.floor((to.getTime() - now) / 86_400_000)
  if (days < 14) return `the certificate of tls expires on ${to.toISOString()}`
  return undefined
}

async function textOf(
  key: 'certificate' | 'key' | 'clientCa',
  given: string | undefined,
  faults: TlsFault[],
): Promise<string | undefined> {
  if (given === undefined || given.includes(PEM)) return given
  const { text, reason } = await readTextFile(given)
  if (text === undefined)
    faults.push({
      key,
      message: `cannot be read: ${reason}`,
      remedy: 'Check the path; it is relative to the configuration that names it.',
    })
  return text
}

function certificatesIn(
  key: 'certificate' | 'clientCa',
  text: string | undefined,
  faults: TlsFault[],
): readonly X509Certificate[] {
  if (text === undefined) return []
  try {
    const blocks = text.match(/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]*-----END/g) ?? []
    if (blocks.length === 0) throw new Error('there is none')
    return blocks.map((block) => new X509Certificate(`${block} CERTIFICATE-----\n`))
  } catch {
    faults.push({
      key,
      message: text.includes('PRIVATE KEY') ? 'holds a key instead of a certificate' : 'holds no certificate',
      remedy: 'Give a file in PEM format, which begins with -----BEGIN CERTIFICATE-----.',
    })
    return []
  }
}

function privateKeyIn(
  text: string | undefined,
  passphrase: string | undefined,
  faults: TlsFault[],
): KeyObject | undefined {
  if (text === undefined) return undefined
  const fault = (key: 'key' | 'passphrase', message: string, remedy: string) => {
    faults.push({ key, message, remedy })
    return undefined
  }
  try {
    return createPrivateKey({ key: text, ...(passphrase !== undefined && { passphrase }) })
  } catch {
    if (!/ENCRYPTED/.test(text))
      return fault(
        'key',
        'holds no private key',
        'Give a file in PEM format, which begins with -----BEGIN PRIVATE KEY-----.',
      )
    return passphrase === undefined
      ? fault('key', 'is encrypted', 'Give the passphrase that opens it under tls.passphrase.')
      : fault('passphrase', 'does not open the key', 'Give the one with which the key was encrypted.')
  }
}

function isCipherList(ciphers: string): boolean {
  try {
    createSecureContext({ ciphers })
    return true
  } catch {
    return false
  }
}
