/** An LDAP client on one connection, over which any number of operations run at a time. */
import { connect as connectSocket, type Socket } from 'node:net'
import { collect } from './client-collect.js'
import { ClientConnection, type RequestBody } from './client-connection.js'
import { errorOf, request } from './client-operation.js'
import type {
  AnswerOptions,
  ClientAttribute,
  ClientChange,
  ClientOptions,
  OperationOptions,
  PagedSearchOptions,
  SearchOptions,
  SearchResult,
} from './client-options.js'
import { SearchStream } from './client-search.js'
import { controlType, findControl, pagedResultsControl, parsePagedResults } from './controls.js'
import { LdapError } from './errors.js'
import { parseFilter } from './filter-text.js'
import { DEFAULT_MAX_PDU_BYTES } from './framing.js'
import type {
  Attribute,
  BindRequest,
  BindResponse,
  ExtendedResponse,
  LdapResponse,
  ResultMessage,
  SearchRequest,
  SearchResultDone,
  SearchResultEntry,
} from './message.js'
import { resultCode } from './result-code.js'

const WHO_AM_I = '1.3.6.1.4.1.4203.1.11.3'

/** Every method rejects with `LdapError`; what the server refused carries the server's code and text. */
export class LdapClient {
  private readonly connection: ClientConnection
  private readonly timeoutMs: number

  private constructor(socket: Socket, options: ClientOptions) {
    this.timeoutMs = options.timeoutMs ?? 0
    this.connection = new ClientConnection(
      socket,
      options.maxPduBytes ?? DEFAULT_MAX_PDU_BYTES,
      options.onClose ?? ignore,
    )
  }

  /** Rejects with `LdapError` connectError. */
  static async connect(options: ClientOptions = {}): Promise<LdapClient> {
    const { host = '127.0.0.1', port = 389 } = options
    try {
      const socket = await (options.socket?.() ?? connectSocket({ host, port, noDelay: true }))
      socket.on('error', ignore)
      if (socket.connecting) await connected(socket, options.connectTimeoutMs ?? 10_000)
      if (socket.destroyed) throw new Error('closed at once')
      return new LdapClient(socket, options)
    } catch (cause) {
      if (cause instanceof LdapError) throw cause
      const text = cause instanceof Error ? cause.message : String(cause)
      throw new LdapError(resultCode.connectError, `no connection to the server: ${text}`, { cause })
    }
  }

  get closed(): boolean {
    return this.connection.closed
  }

  /** Simple bind; both empty: anonymous. */
  async bind(
    dn: string,
    password: string | Uint8Array,
    options: OperationOptions = {},
  ): Promise<BindResponse> {
    return accepted(await this.authenticate(dn, { mechanism: 'simple', password: octets(password) }, options))
  }

  /** One step of a SASL bind; resolves for saslBindInProgress too. */
  async saslBind(
    mechanism: string,
    credentials?: Uint8Array,
    options: OperationOptions = {},
  ): Promise<BindResponse> {
    const response = await this.authenticate(
      '',
      {
        mechanism: 'sasl',
        sasl: mechanism,
        ...(credentials === undefined ? undefined : { credentials: octets(credentials) }),
      },
      options,
    )
    return response.code === resultCode.saslBindInProgress ? response : accepted(response)
  }

  /** Throws `FilterSyntaxError` for a malformed filter. */
  search(base: string, options: SearchOptions = {}): SearchStream {
    return new SearchStream(this.connection, {
      body: searchBody(base, options),
      timeoutMs: options.timeoutMs ?? this.timeoutMs,
      signal: options.signal,
      maxQueued: Math.max(options.maxQueued ?? 1000, 1),
      onReference: options.onReference,
    })
  }

  /** All entries at once. */
  async searchAll(base: string, options: SearchOptions = {}): Promise<SearchResult> {
    const result = await this.searchAnswer(base, options)
    accepted(result.done)
    return result
  }

  /** As `searchAll`, and resolves with the entries that came before the result, whatever its code. */
  async searchAnswer(base: string, options: AnswerOptions = {}): Promise<SearchResult> {
    const references: string[] = []
    const { entries, done } = await collect(this.connection, {
      body: searchBody(base, options),
      timeoutMs: options.timeoutMs ?? this.timeoutMs,
      signal: options.signal,
      onReference: (uris) => {
        references.push(...uris)
        options.onReference?.(uris)
      },
      maxEntries: options.maxEntries ?? Number.POSITIVE_INFINITY,
    })
    return { entries, references, done }
  }

  /** Page after page (RFC 2696) until the server has no more; a page is asked for when the one before is consumed. */
  async *searchPaged(
    base: string,
    options: PagedSearchOptions = {},
  ): AsyncGenerator<SearchResultEntry, void> {
    const { controls = [], pageSize = 500 } = options
    let cookie: Buffer = Buffer.alloc(0)
    do {
      const page = pagedResultsControl({ size: pageSize, cookie }, true)
      const stream = this.search(base, { ...options, controls: [...controls, page] })
      const done: SearchResultDone | undefined = yield* stream
      const answer = findControl(done?.controls ?? [], controlType.pagedResults)
      cookie = answer === undefined ? Buffer.alloc(0) : parsePagedResults(answer).cookie
    } while (cookie.length > 0)
  }

  async compare(
    dn: string,
    attribute: string,
    value: string | Uint8Array,
    options: OperationOptions = {},
  ): Promise<boolean> {
    const body = {
      op: 'compareRequest',
      entry: dn,
      attribute,
      value: octets(value),
      controls: options.controls ?? [],
    } as const
    const response = await this.request(body, 'compareResponse', options)
    if (response.code === resultCode.compareTrue) return true
    if (response.code === resultCode.compareFalse) return false
    throw errorOf(response)
  }

  async add(
    dn: string,
    attributes: readonly ClientAttribute[],
    options: OperationOptions = {},
  ): Promise<ResultMessage> {
    const body = {
      op: 'addRequest',
      entry: dn,
      attributes: attributes.map(attribute),
      controls: options.controls ?? [],
    } as const
    return accepted(await this.request(body, 'addResponse', options))
  }

  async modify(
    dn: string,
    changes: readonly ClientChange[],
    options: OperationOptions = {},
  ): Promise<ResultMessage> {
    const body = {
      op: 'modifyRequest',
      object: dn,
      changes: changes.map((change) => ({ operation: change.operation, attribute: attribute(change) })),
      controls: options.controls ?? [],
    } as const
    return accepted(await this.request(body, 'modifyResponse', options))
  }

  async delete(dn: string, options: OperationOptions = {}): Promise<ResultMessage> {
    const body = { op: 'delRequest', entry: dn, controls: options.controls ?? [] } as const
    return accepted(await this.request(body, 'delResponse', options))
  }

  async modifyDn(
    dn: string,
    newRdn: string,
    options: OperationOptions & { readonly deleteOldRdn?: boolean; readonly newSuperior?: string } = {},
  ): Promise<ResultMessage> {
    const body = {
      op: 'modifyDnRequest',
      entry: dn,
      newRdn,
      deleteOldRdn: options.deleteOldRdn ?? true,
      ...(options.newSuperior === undefined ? undefined : { newSuperior: options.newSuperior }),
      controls: options.controls ?? [],
    } as const
    return accepted(await this.request(body, 'modifyDnResponse', options))
  }

  /** `name` is the OID of the operation. */
  async extended(
    name: string,
    value?: Uint8Array,
    options: OperationOptions = {},
  ): Promise<ExtendedResponse> {
    const body = {
      op: 'extendedRequest',
      name,
      ...(value === undefined ? undefined : { value: octets(value) }),
      controls: options.controls ?? [],
    } as const
    return accepted(await this.request(body, 'extendedResponse', options))
  }

  /** The authorization identity (RFC 4532): `dn:<dn>`, `u:<user>` or, for anonymous, empty. */
  async whoAmI(options: OperationOptions = {}): Promise<string> {
    return (await this.extended(WHO_AM_I, undefined, options)).value?.toString() ?? ''
  }

  /** Unbinds and closes; what is pending rejects with serverDown. */
  close(): void {
    this.connection.unbind()
  }

  private authenticate(
    name: string,
    authentication: BindRequest['authentication'],
    options: OperationOptions,
  ): Promise<BindResponse> {
    const body = {
      op: 'bindRequest',
      version: 3,
      name,
      authentication,
      controls: options.controls ?? [],
    } as const
    return this.request(body, 'bindResponse', options)
  }

  private request<Op extends LdapResponse['op']>(
    body: RequestBody,
    answer: Op,
    options: OperationOptions,
  ): Promise<Extract<LdapResponse, { op: Op }>> {
    return request(this.connection, body, answer, options.timeoutMs ?? this.timeoutMs, options.signal)
  }
}

function searchBody(base: string, options: SearchOptions): Omit<SearchRequest, 'messageId'> {
  const { filter = '(objectClass=*)' } = options
  return {
    op: 'searchRequest',
    base,
    scope: options.scope ?? 'wholeSubtree',
    derefAliases: options.derefAliases ?? 'neverDerefAliases',
    sizeLimit: options.sizeLimit ?? 0,
    timeLimit: options.timeLimit ?? 0,
    typesOnly: options.typesOnly ?? false,
    filter: typeof filter === 'string' ? parseFilter(filter) : filter,
    attributes: options.attributes ?? [],
    controls: options.controls ?? [],
  }
}

function accepted<T extends ResultMessage>(response: T): T {
  if (response.code !== resultCode.success) throw errorOf(response)
  return response
}

function connected(socket: Socket, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.destroy()
      reject(new Error(`not connected within ${timeoutMs} ms`))
    }, timeoutMs)
    const settle = (error?: Error): void => {
      clearTimeout(timer)
      socket.off('connect', settle)
      socket.off('error', settle)
      if (error === undefined) resolve()
      else reject(error)
    }
    socket.once('connect', settle)
    socket.once('error', settle)
  })
}

function octets(value: string | Uint8Array): Buffer {
  return typeof value === 'string'
    ? Buffer.from(value)
    : Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}

function attribute({ type, values }: ClientAttribute): Attribute {
  return { type, values: values.map(octets) }
}

function ignore(): void {}
