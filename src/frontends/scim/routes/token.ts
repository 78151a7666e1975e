/** The token endpoint (RFC 6749 3.2), where the configuration has clients. */
import type { FastifyPluginAsync } from 'fastify'
import { ANONYMOUS } from '../../../model/request.js'
import type { Auth } from '../auth/auth.js'
import { withContext } from '../request.js'

/** Bytes of a request; those of clients have some hundreds. */
const LONGEST = 16_384

export interface TokenRouteOptions {
  readonly auth: Auth
  /** Milliseconds that a request may take; 0: no limit. */
  readonly timeLimit: number
}

/** To be registered where the path begins: at the root, or within the service. Does nothing where `auth` has no token endpoint. */
export const tokenRoute: FastifyPluginAsync<TokenRouteOptions> = async (app, { auth, timeLimit }) => {
  const { tokenEndpoint } = auth
  if (tokenEndpoint === undefined) return
  app.removeAllContentTypeParsers()
  // Taken as text, whatever it is called: the endpoint itself says what is wrong, in its own words.
  app.addContentTypeParser(
    '*',
    { parseAs: 'string', bodyLimit: LONGEST },
    async (_request: unknown, body: string) => body,
  )
  app.post(tokenEndpoint.path, async (request, reply) => {
    const { authorization, 'content-type': contentType } = request.headers
    const body = typeof request.body === 'string' ? request.body : ''
    const answer = await withContext(request, reply, ANONYMOUS, timeLimit, ({ address, signal }) =>
      tokenEndpoint.answer({
        authorization,
        contentType,
        body,
        signal,
        ...(address !== undefined && { address }),
      }),
    )
    return reply
      .code(answer.status)
      .headers(answer.headers)
      .header('content-type', 'application/json; charset=utf-8')
      .send(JSON.stringify(answer.body))
  })
}
