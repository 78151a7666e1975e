/** What must hold between `console` and where it is served. */
import type { ConfigProblem } from './config-error.js'
import { isOpenInClear } from './cross-check-tls.js'
import { type Origin, valueAt } from './origin.js'
import { problem } from './report.js'

export function crossCheckConsole(gateway: unknown, origin: Origin): ConfigProblem[] {
  if (valueAt(gateway, ['console']) === undefined) return []
  if (valueAt(gateway, ['listen', 'ops']) === undefined) {
    const message = 'is served on listen.ops, which is not there'
    return [problem(origin, ['console'], { message, remedy: 'Add e.g. listen: { ops: 9090 }.' }, 'key')]
  }
  if (!isOpenInClear(gateway, 'ops')) return []
  return [
    problem(origin, ['listen', 'ops'], {
      message: 'is open to other machines, and nothing encrypts the token of the console',
      remedy:
        'Serve it on 127.0.0.1, to be reached through a tunnel or a proxy of this machine; or name the proxies that encrypt before it under trustedProxies; or write requireTls: false, where the token may be sent in clear.',
    }),
  ]
}
