/** A certificate authority of the tests, and the certificates that it signs. */
import { chmodSync, chownSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runAs } from './prepare.js'
import { programPath } from './programs.js'
import { type Account, makeScratch, removeScratch } from './scratch.js'

/** Paths of PEM files. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

export interface CertificateOptions {
  /** As RFC 5280's subjectAltName in openssl's words: `DNS:dc1.example.net`, `IP:127.0.0.1`. */
  readonly names?: readonly string[]
  /** In openssl's notation, e.g. `/O=tests/CN=gateway`. */
  readonly subject?: string
  /** Days until it expires; -1: yesterday. */
  readonly days?: number
  /** Who alone may read the key; everybody where it is not given. */
  readonly owner?: Account
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

export class Authority {
  readonly #folder: string
  #issued = 0

  private constructor(folder: string) {
    this.#folder = folder
    chmodSync(folder, 0o755)
  }

  static async make(name = 'Authority of the tests'): Promise<Authority> {
    const authority = new Authority(makeScratch(undefined))
    const out = ['-keyout', authority.#path('ca.key'), '-out', authority.cert]
    await openssl('req', '-x509', ...newKey, '-days', '30', '-subj', `/CN=${name}`, ...out)
    return authority
  }

  /** The PEM file of its own certificate. */
  get cert(): string {
    return this.#path('ca.pem')
  }

  async issue({
    names = [],
    subject = '/CN=test',
    days = 30,
    owner,
  }: CertificateOptions): Promise<Certificate> {
    const serial = ++this.#issued
    const path = (kind: string) => this.#path(`${serial}.${kind}`)
    writeFileSync(path('ext'), names.length === 0 ? '' : `subjectAltName=${names.join(',')}\n`)
    await openssl(
      'req',
      '-new',
      '-utf8',
      ...newKey,
      '-subj',
      subject,
      '-keyout',
      path('key'),
      '-out',
      path('csr'),
    )
    await openssl(
      ...['x509', '-req', '-in', path('csr'), '-out', path('pem'), '-days', String(days)],
      ...['-CA', this.cert, '-CAkey', this.#path('ca.key'), '-set_serial', String(serial)],
      ...['-extfile', path('ext')],
    )
    chmodSync(path('key'), owner === undefined ? 0o644 : 0o600)
    if (owner !== undefined) chownSync(path('key'), owner.uid, owner.gid)
    return { cert: path('pem'), key: path('key') }
  }

  remove(): void {
    removeScratch(this.#folder)
  }

  #path(name: string): string {
    return join(this.#folder, name)
  }
}

function openssl(...args: readonly string[]): Promise<void> {
  return runAs(undefined, programPath('openssl'), args)
}
