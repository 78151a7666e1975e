/**
 * One HTTP exchange with somebody else's server, through a proxy and by own certificates where told. Says whether a
 * request that has failed may have been obeyed all the same; whether to make it again is decided elsewhere.
 */
import type { Dispatcher } from 'undici'
import { VitrineError } from '../../../model/errors.js'
import { httpClient } from '../../http-client.js'
import type { ConnectionSettings } from './settings.js'

export interface Exchange {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface HttpAnswer {
  readonly status: number
  /** By their names in lower case; of those that come several times, the first. */
  readonly header: (name: string) => string | undefined
  readonly text: string
}

/** There was no whole answer. */
export class NoAnswer extends Error {
  /** Could the server have done what it was asked? */
  readonly mayBeDone: boolean
  /** Will it be the same the next time, as with a certificate that nobody trusts? */
  readonly isLasting: boolean

  constructor(message: string, mayBeDone: boolean, isLasting: boolean, cause: unknown) {
    super(message, { cause })
    this.name = 'NoAnswer'
    this.mayBeDone = mayBeDone
    this.isLasting = isLasting
  }
}

/** Bytes of an answer that are read; no page of resources has so many. */
const MOST = 64 * 1024 * 1024

export class Http {
  readonly #dispatcher: Dispatcher
  readonly #timeout: number

  constructor({ proxy, ca, cert, key, connectTimeout, timeout, concurrency }: ConnectionSettings) {
    const tls = { ...(ca !== undefined && { ca }), ...(cert !== undefined && { cert, key }) }
    const shared = { connections: concurrency, maxRedirections: 0 }
    this.#timeout = timeout
    const { Agent, ProxyAgent } = httpClient()
    this.#dispatcher =
      proxy === undefined
        ? new Agent({ ...shared, connect: { timeout: connectTimeout, ...tls } })
        : new ProxyAgent({
            ...shared,
            uri: proxy,
            requestTls: { timeout: connectTimeout, ...tls },
            proxyTls: { timeout: connectTimeout, ...(ca !== undefined && { ca }) },
          })
  }

  /** @throws NoAnswer; the signal's reason once it is aborted */
  async ask({ method, url, headers, body }: Exchange, signal: AbortSignal): Promise<HttpAnswer> {
    let isAnswered = false
    try {
      const answer = await httpClient().request(url, {
        dispatcher: this.#dispatcher,
        method,
        headers: { ...headers },
        signal,
        headersTimeout: this.#timeout,
        bodyTimeout: this.#timeout,
        ...(body !== undefined && { body }),
      })
      isAnswered = true
      const text = await textOf(answer.body)
      return {
        status: answer.statusCode,
        header: (name) => {
          const value = answer.headers[name]
          return typeof value === 'string' ? value : value?.[0]
        },
        text,
      }
    } catch (error) {
      if (signal.aborted) throw signal.reason
      if (error instanceof VitrineError) throw error
      throw noAnswer(error, isAnswered)
    }
  }

  close(): Promise<void> {
    return this.#dispatcher.destroy()
  }
}

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of body) {
    length += part.length
    if (length > MOST) {
      throw new VitrineError('unwillingToPerform', { message: 'an answer of the service is far too long' })
    }
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

/** What fails before a request is on its way. */
const UNSENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_PRX_TLS',
])

function noAnswer(error: unknown, isAnswered: boolean): NoAnswer {
  const chain = causes(error)
  const code = chain.map(codeOf).find((one) => one !== '') ?? ''
  const message = chain.at(-1)?.message ?? String(error)
  const isTls = /CERT|^ERR_TLS|^ERR_SSL|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)
  const isProxy = chain.some((one) => /^Proxy /.test(one.message))
  const isUnsent = UNSENT.has(code) || isTls || isProxy
  const told = code === '' || message.includes(code) ? message : `${message} (${code})`
  return new NoAnswer(told, isAnswered || !isUnsent, isTls, error)
}

function causes(error: unknown): readonly Error[] {
  const chain: Error[] = []
  for (let one = error; one instanceof Error && chain.length < 5; ) {
    chain.push(one)
    one = one instanceof AggregateError ? one.errors[0] : one.cause
  }
  return chain
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}
