/** An identity provider on this machine, and the parts that authentication is made of, for tests of it. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { createPasswordVerifier } from '../../../../../src/directory/password/verifier.js'
import { type Auth, createAuth } from '../../../../../src/frontends/scim/auth/auth.js'
import { BearerError } from '../../../../../src/frontends/scim/auth/bearer.js'
import type { AuthSettings } from '../../../../../src/frontends/scim/auth/settings.js'
import { Subjects } from '../../../../../src/frontends/scim/auth/subjects.js'
import type { Filter } from '../../../../../src/model/filter.js'
import type { Log } from '../../../../../src/model/log.js'
import type { Identity, Principal } from '../../../../../src/model/request.js'
import type { View, ViewAttribute } from '../../../../../src/model/view.js'
import { standardSchema } from '../../../../../src/schema/schema.js'

export const HOUR = 3_600_000
export const APP = 'cn=app,dc=example,dc=com'
export const ADA = 'uid=ada,ou=people,dc=example,dc=com'

export const ctx = () => ({ address: '192.0.2.1', signal: new AbortController().signal })

const settings: AuthSettings = {
  tokens: [],
  jwt: [],
  scopes: {},
  failures: { perName: 3, perAddress: 6, window: 60_000 },
}

/** Text of everything that is logged. */
export class Lines implements Log {
  readonly lines: string[] = []
  readonly #add = (level: string) => (detail: object, message: string) => {
    const { err, ...rest } = detail as { err?: unknown }
    const shown = err instanceof Error ? `${err.message} ${err.stack} ${String(err.cause)}` : ''
    this.lines.push(`${level} ${message} ${shown} ${JSON.stringify(rest)}`)
  }
  readonly error = this.#add('error')
  readonly warn = this.#add('warn')
  readonly info = this.#add('info')
  readonly debug = this.#add('debug')
}

function text(name: string): ViewAttribute {
  const common = { refers: [], multiValued: false, verifyOnly: false, writable: false, parts: [] }
  return { name, kind: 'text', ...common }
}

const people: View = {
  name: 'people',
  rdn: ['uid'],
  base: 'ou=people',
  objectClasses: ['inetOrgPerson'],
  attributes: new Map(
    [text('uid'), text('mail'), { ...text('userPassword'), verifyOnly: true }].map((a) => [a.name, a]),
  ),
  bindable: true,
  inTree: true,
  writes: { add: true, delete: true },
}

/** A directory of two people, of whom either can be disabled; counts how often it is asked. */
export class People {
  readonly disabled = new Set<string>()
  readonly asked: Filter[] = []
  readonly #identities: Readonly<Record<string, Identity>> = {
    [APP]: { service: APP },
    [ADA]: { view: 'people', names: ['ada'] },
    'uid=nobody,ou=people,dc=example,dc=com': { view: 'people', names: ['nobody'] },
  }

  readonly subjects = new Subjects({
    schema: standardSchema(),
    views: new Map([['people', people]]),
    identityOf: (dn) => this.#identities[dn],
    principalOf: async (view, filter): Promise<Principal | undefined> => {
      this.asked.push(filter)
      const wanted = JSON.stringify(filter).toLowerCase()
      const name = ['ada', 'bob'].find((one) => wanted.includes(`"${one}"`) || wanted.includes(`"${one}@`))
      if (name === undefined || this.disabled.has(name)) return undefined
      return { kind: 'entry', view, id: `id-${name}`, names: [name] }
    },
  })
}

export interface Made {
  readonly auth: Auth
  readonly log: Lines
  readonly people: People
}

export function make(
  given: Partial<AuthSettings>,
  secret = 'a secret of all replicas',
  now?: () => number,
): Made {
  const log = new Lines()
  const people = new People()
  const verifier = createPasswordVerifier()
  onTestFinished(() => verifier.close())
  const parts = { subjects: people.subjects, verifier, secret, log, ...(now && { now }) }
  return { auth: createAuth(parts, { ...settings, ...given }), log, people }
}

/** What a promise is rejected with. */
export async function refusal(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}

/** The challenge that a token is refused with; the error itself if it is none of the caller's. */
export async function challenge(promise: Promise<unknown>): Promise<unknown> {
  const error = await refusal(promise)
  return error instanceof BearerError ? error.challenge : error
}

interface Answer {
  readonly status?: number
  readonly body: unknown
}

export interface Provider {
  readonly url: string
  /** Requests so far: header and body. */
  readonly requests: readonly { readonly authorization: string | undefined; readonly body: string }[]
  /** What it says next; undefined says nothing at all. */
  answer: (request: { path: string; body: string }) => Answer | undefined
  stop(): Promise<void>
}

/** A server on the loopback interface that ends with the test. */
export async function startProvider(answer: Provider['answer']): Promise<Provider> {
  const requests: { authorization: string | undefined; body: string }[] = []
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request)
    requests.push({ authorization: request.headers.authorization, body })
    const said = provider.answer({ path: request.url ?? '', body })
    if (said === undefined) return
    const sent = typeof said.body === 'string' ? said.body : JSON.stringify(said.body)
    response.writeHead(said.status ?? 200, { 'content-type': 'application/json', location: '/elsewhere' })
    response.end(sent)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const stop = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  onTestFinished(stop)
  const provider: Provider = { url: `http://127.0.0.1:${port}`, requests, answer, stop }
  return provider
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  return body
}
