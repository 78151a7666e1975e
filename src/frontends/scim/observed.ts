/** What is told of a request over SCIM that has been answered. Values of its filter are told only on demand. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Observe, Tally } from '../../model/observe.js'
import { isObject } from '../../scim/json.js'
import type { Caller } from './auth/auth.js'

/** Under which a request's tally is kept. */
const TALLY = Symbol('SCIM tally')

const OPERATIONS: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'replace',
  PATCH: 'patch',
  DELETE: 'delete',
}
const DISCOVERY = /\/(?:ServiceProviderConfig|ResourceTypes|Schemas|openapi\.json)(?:\/|$)/

/** @param callerOf null before anybody is known */
export function observeRequests(
  app: FastifyInstance,
  observe: Observe,
  callerOf: (request: FastifyRequest) => Caller | null,
): void {
  app.decorateRequest(TALLY, null)
  app.addHook('onRequest', async (request) => {
    request.setDecorator(TALLY, new Tally())
  })
  app.addHook('onResponse', async (request, reply) => {
    const { statusCode } = reply
    const operation = operationOf(request)
    observe({
      protocol: 'scim',
      operation,
      result: statusCode,
      ok: statusCode < 400,
      milliseconds: reply.elapsedTime,
      who: callerOf(request)?.name ?? '',
      address: request.ip,
      request: request.id,
      tally: tallyOf(request) ?? new Tally(),
      what: (values) => what(request, values),
      audited: !READING.has(operation) || statusCode === 401,
    })
  })
}

const READING: ReadonlySet<string> = new Set(['search', 'get', 'discover'])

/** Undefined where nobody wants to know. */
export function tallyOf(request: FastifyRequest): Tally | undefined {
  return (request as { [TALLY]?: Tally | null })[TALLY] ?? undefined
}

function operationOf({ method, url: whole, routeOptions: { url = '' } }: FastifyRequest): string {
  if (url.endsWith('/.search')) return 'search'
  if (url.endsWith('/Bulk')) return 'bulk'
  if (method !== 'GET' && method !== 'HEAD') return OPERATIONS[method] ?? method.toLowerCase()
  if (DISCOVERY.test(whole)) return 'discover'
  return url.endsWith('/*') || url.endsWith('/Me') ? 'get' : 'search'
}

function what({ method, url, body, query }: FastifyRequest, values: boolean): object {
  const end = url.indexOf('?')
  const path = end < 0 ? url : url.slice(0, end)
  const asked = isObject(body as never) && path.endsWith('/.search') ? body : query
  const { filter } = asked as { filter?: unknown }
  return {
    method,
    path,
    ...(typeof filter === 'string' && { filter: values ? filter : filter.replaceAll(TEXT, '?') }),
  }
}

/** A value in a filter: a JSON string, or a number. */
const TEXT = /"(?:[^"\\]|\\.)*"|(?<![\w.-])-?\d[\d.eE+-]*\b/g
