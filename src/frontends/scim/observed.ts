/** What is told of a request over SCIM that has been answered. Values of its filter are told only on demand. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Observe, type Observed, Tally, type Told } from '../../model/observe.js'
import type { Span, Tracing } from '../../model/trace.js'
import { isObject } from '../../scim/json.js'
import type { Caller } from './auth/auth.js'

/** Under which a request's tally is kept. */
const TALLY = Symbol('SCIM tally')
/** Under which its span is. */
const SPAN = Symbol('SCIM span')

const OPERATIONS: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'replace',
  PATCH: 'patch',
  DELETE: 'delete',
}
const DISCOVERY = /\/(?:ServiceProviderConfig|ResourceTypes|Schemas|openapi\.json)(?:\/|$)/

/** Who hears of requests; at least one of them. */
export interface Listeners {
  readonly observe?: Observe
  readonly tracing?: Tracing
}

/** @param callerOf null before anybody is known */
export function observeRequests(
  app: FastifyInstance,
  { observe, tracing }: Listeners,
  callerOf: (request: FastifyRequest) => Caller | null,
): void {
  app.decorateRequest(TALLY, null)
  app.decorateRequest(SPAN, null)
  app.addHook('onRequest', (request, _reply, done) => {
    request.setDecorator(TALLY, new Tally())
    if (tracing !== undefined) request.setDecorator(SPAN, spanFor(request, tracing))
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    const { statusCode } = reply
    const operation = operationOf(request)
    const span = spanOf(request)
    const told: Observed = {
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
      ...(span && { trace: span.traceId }),
    }
    observe?.(told)
    span?.end(
      { 'http.response.status_code': statusCode, 'vitrine.entries': told.tally.entries },
      statusCode < 500 ? undefined : String(statusCode),
    )
    done()
  })
}

/** Paths hold the ids of people; routes do not. */
function spanFor(request: FastifyRequest, tracing: Tracing): Span {
  const { method, routeOptions, protocol, ip, id, headers } = request
  const route = routeOptions.url
  return tracing.operation(
    route === undefined ? method : `${method} ${route}`,
    {
      'network.protocol.name': 'http',
      'http.request.method': method,
      'http.route': route,
      'url.scheme': protocol,
      'client.address': ip,
      'scim.operation': operationOf(request),
      'vitrine.request': id,
    },
    headers,
  )
}

const READING: ReadonlySet<string> = new Set(['search', 'get', 'discover'])

/** Undefined where nobody wants to know. */
export function tallyOf(request: FastifyRequest): Tally | undefined {
  return (request as { [TALLY]?: Tally | null })[TALLY] ?? undefined
}

/** Undefined where nobody follows the request. */
export function spanOf(request: FastifyRequest): Span | undefined {
  return (request as { [SPAN]?: Span | null })[SPAN] ?? undefined
}

function operationOf({ method, url: whole, routeOptions: { url = '' } }: FastifyRequest): string {
  if (url.endsWith('/.search')) return 'search'
  if (url.endsWith('/Bulk')) return 'bulk'
  if (method !== 'GET' && method !== 'HEAD') return OPERATIONS[method] ?? method.toLowerCase()
  if (DISCOVERY.test(whole)) return 'discover'
  return url.endsWith('/*') || url.endsWith('/Me') ? 'get' : 'search'
}

function what(
  { method, url, body, query }: FastifyRequest,
  values: boolean,
): { readonly [name: string]: Told } {
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
