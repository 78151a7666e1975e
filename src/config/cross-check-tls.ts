/** What must hold between `listen`, `tls` and `requireTls`, and between the files that `tls` names. */
import type { ConfigProblem } from './config-error.js'
import { parseEndpoint } from './endpoint.js'
import { type Origin, type Path, valueAt } from './origin.js'
import { problem } from './report.js'
import { resolveTls, tlsSchema } from './schema-tls.js'
import { readTls } from './tls-material.js'

/**
 * @param baseDir where paths begin
 * @param failed tells values that could not be made
 */
export async function crossCheckTls(
  gateway: unknown,
  origin: Origin,
  baseDir: string,
  failed: (path: Path) => boolean,
): Promise<readonly ConfigProblem[]> {
  const isMade = !['certificate', 'key', 'passphrase', 'clientCa'].some((key) => failed(['tls', key]))
  return [...listenProblems(gateway, origin), ...(isMade ? await fileProblems(gateway, origin, baseDir) : [])]
}

/** Is a place to listen within reach of this machine only? */
export function isLoopback(host: string): boolean {
  return host === '::1' || host === 'localhost' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

/** Do other machines reach what is served there? */
function isOpen(gateway: unknown, key: string): boolean {
  const place = valueAt(gateway, ['listen', key])
  const endpoint = place === undefined ? undefined : parseEndpoint(String(place).trim())
  return endpoint !== undefined && !isLoopback(endpoint.host)
}

/** Is HTTP served to other machines, and neither encrypted nor meant to be sent in clear? */
export function isOpenInClear(gateway: unknown, key: 'http' | 'ops'): boolean {
  const proxies = valueAt(gateway, ['listen', 'trustedProxies'])
  const isBehindProxy = Array.isArray(proxies) && proxies.length > 0
  return isOpen(gateway, key) && String(valueAt(gateway, ['requireTls'])) !== 'false' && !isBehindProxy
}

function listenProblems(gateway: unknown, origin: Origin): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const wrong = (path: Path, message: string, remedy: string) =>
    problems.push(problem(origin, path, { message, remedy }))
  const at = (path: Path) => valueAt(gateway, path)
  const required = at(['requireTls'])
  if (isOpenInClear(gateway, 'http'))
    wrong(
      ['listen', 'http'],
      'is open to other machines, and nothing encrypts it',
      'Serve it under https; or name the proxies that encrypt before it under trustedProxies; or write requireTls: false, where passwords and tokens may be sent in clear.',
    )
  if (at(['tls']) !== undefined) return problems
  const give = 'Give certificate and key under tls'
  for (const key of ['ldaps', 'https'])
    if (at(['listen', key]) !== undefined) wrong(['listen', key], 'needs a certificate', `${give}.`)
  if (String(required) === 'true') wrong(['requireTls'], 'needs a certificate', `${give}.`)
  else if (required === undefined && isOpen(gateway, 'ldap'))
    wrong(
      ['listen', 'ldap'],
      'is open to other machines, and there is no TLS',
      `${give}; or write requireTls: false, where passwords may be sent in clear.`,
    )
  return problems
}

async function fileProblems(
  gateway: unknown,
  origin: Origin,
  baseDir: string,
): Promise<readonly ConfigProblem[]> {
  const { data } = tlsSchema.safeParse(valueAt(gateway, ['tls']))
  if (data === undefined) return []
  const { faults } = await readTls(resolveTls(data, baseDir))
  return faults.map(({ key, message, remedy }) => {
    const isPath =
      key !== 'passphrase' && key !== 'ciphers' && !String(origin.written(['tls', key])).includes('\n')
    return problem(origin, ['tls', key], { message, remedy, quote: isPath })
  })
}
