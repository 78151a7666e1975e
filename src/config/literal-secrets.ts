/** Secrets that stand in a configuration file itself, where backups and version control keep them, for `check` to tell. */
import { isRecord, type Origin, type Path, type Place } from './origin.js'

/** Keys whose values are secrets, wherever they stand. */
const SECRETS: ReadonlySet<unknown> = new Set([
  'password',
  'passphrase',
  'secret',
  'clientSecret',
  'cookieSecret',
  'token',
])
/** Keys whose values are URLs that may hold a password. */
const URLS: ReadonlySet<unknown> = new Set(['url', 'store', 'proxy'])
/** `{SSHA}…` and `$2b$…`: of those who cannot be guessed, nobody learns anything. */
const HASHED = /^(?:\{(?!CLEARTEXT\})[^}]+\}|\$[^{])/i

/** Their places; of what was handed over as an object, none. Views hold no secrets. */
export function literalSecrets(gateway: unknown, origin: Origin): readonly Place[] {
  const found: Place[] = []
  const look = (value: unknown, path: Path): void => {
    if (Array.isArray(value)) for (const [i, item] of value.entries()) look(item, [...path, i])
    else if (isRecord(value)) {
      for (const [key, item] of Object.entries(value))
        if (path.length > 0 || key !== 'views') look(item, [...path, key])
    } else if (typeof value === 'string' && isLiteral(path.at(-1), String(origin.written(path)))) {
      const place = origin.place(path, 'value')
      if (place.line !== undefined) found.push(place)
    }
  }
  look(gateway, [])
  return found
}

function isLiteral(key: unknown, written: string): boolean {
  if (URLS.has(key)) {
    const password = /^\w+:\/\/[^/@:]*:([^/@]+)@/.exec(written)?.[1]
    return password !== undefined && !password.includes('${')
  }
  return SECRETS.has(key) && !written.includes('${') && !HASHED.test(written)
}
