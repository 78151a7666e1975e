/** Passwords as Janssen and Gluu keep them: Triple DES in ECB mode under the salt of the installation, in base64. */
import { createDecipheriv } from 'node:crypto'

/** Could the text be an encrypted password? */
export function looksEncrypted(text: string): boolean {
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.length % 4 === 0 && octets(text).length % 8 === 0
}

/** The password; undefined where the salt does not fit. */
export function decrypted(text: string, salt: string): string | undefined {
  const key = Buffer.from(salt).subarray(0, 24)
  if (key.length < 24) return undefined
  try {
    const decipher = createDecipheriv('des-ede3-ecb', key, null)
    const plain = Buffer.concat([decipher.update(octets(text)), decipher.final()])
    return new TextDecoder('utf-8', { fatal: true }).decode(plain)
  } catch {
    return undefined
  }
}

/** The key in a file such as `/etc/jans/conf/salt`, which holds `encodeSalt = …`, or nothing but the key. */
export function saltOf(file: string): string {
  return (/^\s*encodeSalt\s*=\s*(\S+)\s*$/m.exec(file)?.[1] ?? file).trim()
}

function octets(text: string): Buffer {
  return Buffer.from(text, 'base64')
}
