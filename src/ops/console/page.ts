/** The console's page: files that a browser runs as they are, each under its own name. */
import { readdirSync, readFileSync } from 'node:fs'
import { extname } from 'node:path'
import type { FastifyInstance } from 'fastify'

const FOLDER = new URL('page/', import.meta.url)

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Nothing but its own files, nothing inline, and no text that becomes elements. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

export function servePage(app: FastifyInstance): void {
  for (const name of readdirSync(FOLDER)) {
    const type = TYPES[extname(name)]
    if (type === undefined) continue
    const content = readFileSync(new URL(name, FOLDER))
    const path = name === 'index.html' ? '/' : `/${name}`
    app.route({
      method: 'GET',
      url: path,
      // Its links are relative to the folder.
      prefixTrailingSlash: 'slash',
      handler: async (_request, reply) =>
        reply.header('content-security-policy', POLICY).header('content-type', type).send(content),
    })
  }
}
