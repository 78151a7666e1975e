/** SCIM on an HTTP server: the service below its prefix, the token endpoint beside it, or below it with somebody else. */
import type { FastifyInstance, FastifyPluginAsync, FastifyServerOptions } from 'fastify'
import { refuseMalformed, scim, tokenRoute } from './plugin.js'
import type { ScimOptions } from './service.js'

export interface Mounted {
  /** Registers the routes. */
  readonly mount: (app: FastifyInstance) => void
  /** Answers requests that reach no route. */
  readonly frameworkErrors: NonNullable<FastifyServerOptions['frameworkErrors']>
}

export function mountScim(options: ScimOptions, prefix: string): Mounted {
  const { auth, settings } = options
  return {
    mount: (app) => {
      app.register(scim, { ...options, prefix })
      app.register(tokenRoute, { auth, timeLimit: settings.timeLimit })
    },
    frameworkErrors: refuseMalformed,
  }
}

/**
 * The service as a plugin of somebody else's server, of what `optionsOf` finds for a gateway. A plugin reaches nothing
 * but what is below its prefix, and so does its token endpoint.
 */
export function embeddable<G>(optionsOf: (gateway: G) => ScimOptions): FastifyPluginAsync<{ gateway: G }> {
  return async (app, { gateway }) => {
    const options = optionsOf(gateway)
    app.register(tokenRoute, { auth: options.auth, timeLimit: options.settings.timeLimit })
    await scim(app, { ...options, tokenBelow: true })
  }
}
