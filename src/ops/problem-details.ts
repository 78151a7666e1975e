/** What went wrong with a request of an operator, as HTTP says it: problem details (RFC 9457). */
import type { FastifyReply } from 'fastify'
import { errorKinds, VitrineError } from '../model/errors.js'
import type { Log } from '../model/log.js'

/** What is thrown may have a `challenge`, for the header `WWW-Authenticate`. */
export function sendProblem(reply: FastifyReply, thrown: unknown, log: Log): FastifyReply {
  const status = clientStatus(thrown)
  const error = VitrineError.from(thrown)
  const code = status ?? errorKinds[error.code].http
  if (code >= 500) log.error({ err: thrown }, 'a request of an operator failed')
  if (typeof thrown === 'object' && thrown !== null && 'challenge' in thrown)
    reply.header('www-authenticate', String(thrown.challenge))
  const detail = status === undefined ? error.safeMessage : 'the request cannot be read'
  return reply
    .code(code)
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify({ type: 'about:blank', title: error.code, status: code, detail }))
}

/** What the HTTP server itself has against a request, such as a body that is no JSON. */
function clientStatus(thrown: unknown): number | undefined {
  if (thrown instanceof VitrineError || typeof thrown !== 'object' || thrown === null) return undefined
  const status = 'statusCode' in thrown ? thrown.statusCode : undefined
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined
}
