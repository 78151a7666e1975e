/** What people are told when a command fails. */
import { ConfigError } from '../config/config-error.js'
import { VitrineError } from '../model/errors.js'
import { reachRemedy } from './reach-remedy.js'

export function failureText(error: unknown): string {
  if (error instanceof ConfigError) {
    const { problems, message } = error
    return `${message}\n${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}.`
  }
  if (error instanceof VitrineError) {
    const remedy = reachRemedy(error.message)
    return `${error.code}: ${error.message}${remedy === undefined ? '' : `\n    ${remedy}`}`
  }
  const { code, message, syscall } = error as { code?: unknown; message?: unknown; syscall?: unknown }
  if (code === 'EADDRINUSE')
    return `${message}. Choose another port under listen, or with --ldap-port or --http-port.`
  if (code === 'EACCES' && syscall === 'listen') {
    return `${message}. Ports below 1024 need the capability CAP_NET_BIND_SERVICE; or choose another under listen, or with --ldap-port.`
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
