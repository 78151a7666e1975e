/** What is told of an LDAP operation that has ended. Of its request there are names, shapes and numbers, values only on demand. */
import {
  type AddRequest,
  type BindRequest,
  type CompareRequest,
  type DelRequest,
  type ExtendedRequest,
  formatFilter,
  type LdapFilter,
  type LdapResult,
  type ModifyDnRequest,
  type ModifyRequest,
  type RecalledAnswer,
  resultCode,
  type SearchRequest,
} from '../../ldap/index.js'
import { type Observe, type Observed, Tally, type Told } from '../../model/observe.js'
import type { TraceAttributes, Tracing } from '../../model/trace.js'
import type { OperationKind } from './controls.js'
import type { LdapOperation } from './request.js'

export type AskedRequest =
  | BindRequest
  | SearchRequest
  | CompareRequest
  | AddRequest
  | ModifyRequest
  | DelRequest
  | ModifyDnRequest
  | ExtendedRequest

/** Those that a bind or a write ends well with, and the ones that answer a question. */
const GOOD: ReadonlySet<number> = new Set([
  resultCode.success,
  resultCode.compareTrue,
  resultCode.compareFalse,
  resultCode.saslBindInProgress,
])
const AUDITED: ReadonlySet<OperationKind> = new Set([
  'bind',
  'add',
  'modify',
  'delete',
  'modifyDn',
  'extended',
])
const WHO_AM_I = '1.3.6.1.4.1.4203.1.11.3'
/** No result is sent. */
const ABANDONED = resultCode.canceled

/** Results that are the gateway's own fault, or its sources'. */
const FAULTS: ReadonlyMap<number, string> = new Map([
  [resultCode.operationsError, 'operationsError'],
  [resultCode.busy, 'busy'],
  [resultCode.unavailable, 'unavailable'],
  [resultCode.other, 'other'],
])

/** Who hears of operations; at least one of them. */
export interface Listeners {
  readonly observe?: Observe
  readonly tracing?: Tracing
}

export async function observed(
  request: AskedRequest,
  op: LdapOperation,
  operation: OperationKind,
  { observe, tracing }: Listeners,
  work: (tally: Tally) => Promise<LdapResult>,
): Promise<LdapResult> {
  const begun = performance.now()
  const tally = new Tally()
  const span = tracing?.operation(`LDAP ${operation}`, {
    'network.protocol.name': 'ldap',
    'ldap.operation': operation,
    'client.address': op.connection.remoteAddress,
  })
  const { connection } = op
  const before = connection.state?.dn ?? ''
  let code: number = ABANDONED
  try {
    const result = await (span === undefined ? work(tally) : span.run(() => work(tally)))
    code = result.code
    return result
  } finally {
    const told: Observed = {
      protocol: 'ldap',
      operation,
      result: code,
      ok: GOOD.has(code),
      milliseconds: performance.now() - begun,
      who: operation === 'bind' ? boundAs(request, op) : before,
      address: connection.remoteAddress,
      request: `${connection.id}.${op.messageId}`,
      tally,
      what: (values) => what(request, values),
      audited: AUDITED.has(operation) && !('name' in request && request.name === WHO_AM_I),
      ...(span && { trace: span.traceId }),
    }
    observe?.(told)
    span?.end(span.isKept ? outcome(request, told) : {}, FAULTS.get(code))
  }
}

/** What is told of a search that was answered as it was before. */
export function recalled(
  request: SearchRequest,
  { id, state, remoteAddress }: LdapOperation['connection'],
  messageId: number,
  { entries, result: { code } }: RecalledAnswer,
  begun: number,
): Observed {
  const tally = new Tally()
  tally.entries = entries.length
  return {
    protocol: 'ldap',
    operation: 'search',
    result: code,
    ok: GOOD.has(code),
    milliseconds: performance.now() - begun,
    who: state?.dn ?? '',
    address: remoteAddress,
    request: `${id}.${messageId}`,
    tally,
    what: (values) => what(request, values),
    audited: false,
  }
}

/** Neither names nor values of entries. */
function outcome(request: AskedRequest, { result, request: id, tally }: Observed): TraceAttributes {
  return {
    'ldap.result_code': result,
    'vitrine.request': id,
    'vitrine.entries': tally.entries,
    ...(request.op === 'searchRequest' && {
      'ldap.scope': request.scope,
      'ldap.filter': shapeOf(request.filter),
    }),
  }
}

/** Who has bound, or as whom somebody has tried to. */
function boundAs(request: AskedRequest, { connection }: LdapOperation): string {
  return connection.state?.dn ?? ('authentication' in request ? request.name : '')
}

function what(request: AskedRequest, values: boolean): { readonly [name: string]: Told } {
  switch (request.op) {
    case 'bindRequest': {
      const { mechanism } = request.authentication
      return { mechanism: mechanism === 'simple' ? mechanism : request.authentication.sasl }
    }
    case 'searchRequest': {
      const { base, scope, filter, attributes } = request
      return { base, scope, filter: values ? formatFilter(filter) : shapeOf(filter), attributes }
    }
    case 'compareRequest':
      return { dn: request.entry, attribute: request.attribute }
    case 'addRequest':
      return { dn: request.entry, attributes: request.attributes.map(({ type }) => type) }
    case 'modifyRequest':
      return {
        dn: request.object,
        changes: request.changes.map(({ operation, attribute }) => `${operation} ${attribute.type}`),
      }
    case 'delRequest':
      return { dn: request.entry }
    case 'modifyDnRequest':
      return { dn: request.entry, newRdn: request.newRdn, newSuperior: request.newSuperior }
    case 'extendedRequest':
      return { name: request.name }
  }
}

/** A filter with a question mark in place of each value. */
function shapeOf(filter: LdapFilter): string {
  switch (filter.tag) {
    case 'and':
    case 'or':
      return `(${filter.tag === 'and' ? '&' : '|'}${filter.filters.map(shapeOf).join('')})`
    case 'not':
      return `(!${shapeOf(filter.filter)})`
    case 'present':
      return `(${filter.attribute}=*)`
    case 'equality':
      return `(${filter.attribute}=?)`
    case 'greaterOrEqual':
      return `(${filter.attribute}>=?)`
    case 'lessOrEqual':
      return `(${filter.attribute}<=?)`
    case 'approx':
      return `(${filter.attribute}~=?)`
    case 'substrings': {
      const pieces = [filter.initial, ...filter.any.map(Boolean), filter.final]
      return `(${filter.attribute}=${pieces.map((piece) => (piece ? '?' : '')).join('*')})`
    }
    case 'extensible':
      return `(${filter.attribute ?? ''}${filter.dnAttributes ? ':dn' : ''}${filter.rule === undefined ? '' : `:${filter.rule}`}:=?)`
  }
}
