/** What every answer of ours over HTTP says to browsers and caches. */
import type { FastifyReply, FastifyRequest } from 'fastify'

/** Answers hold people's data and are no pages: nothing keeps them, frames them or takes them for anything else. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}
const HTTPS_HEADERS = { ...HEADERS, 'strict-transport-security': 'max-age=31536000' }

/** Sets them before a route may say otherwise. */
export function harden(
  { protocol }: Pick<FastifyRequest, 'protocol'>,
  reply: Pick<FastifyReply, 'headers'>,
): void {
  reply.headers(protocol === 'https' ? HTTPS_HEADERS : HEADERS)
}
