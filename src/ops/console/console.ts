/** The console: a page for operators, and the API behind it, which is of use without the page, too. */
import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Operations } from '../../copy/jobs/operations.js'
import { VitrineError } from '../../model/errors.js'
import type { Log } from '../../model/log.js'
import { mountCopies } from '../copy.js'
import type { MetricValues } from '../metrics.js'
import { sendProblem } from '../problem-details.js'
import { parsed } from '../request-body.js'
import { countersOf, poolsOf } from './counters.js'
import { servePage } from './page.js'
import { type KnownSource, statusOf } from './sources.js'
import type { SearchAnswer, SearchQuestion, Session, Tree } from './terms.js'
import { TokenGate, type TokenGateOptions } from './token-gate.js'

/** What the console shows. */
export interface ConsoleParts {
  /** Told to whoever has the token. */
  readonly about: Required<Pick<Session, 'version' | 'suffix' | 'as'>>
  readonly sources: ReadonlyMap<string, KnownSource>
  tree(): Tree
  search(question: SearchQuestion, from: Asking): Promise<SearchAnswer>
  /** Absent where nothing is copied. */
  readonly operations?: Operations
}

/** From where somebody asks, and for how long. */
export interface Asking {
  readonly address: string
  readonly secure: boolean
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal
}

export interface ConsoleOptions extends ConsoleParts {
  readonly token: TokenGateOptions
  /** What has been counted, of all processes together, and how many these are. */
  counted(): Promise<{ readonly metrics: readonly MetricValues[]; readonly processes: number }>
  readonly log: Log
}

/** Where it is served. */
const PREFIX = '/console'
/** Entries of a view that are shown at most. */
const MOST = 200
const LONGEST_FILTER = 10_000

const questionSchema = z.strictObject({
  protocol: z.enum(['ldap', 'scim']),
  view: z.string().min(1).optional(),
  filter: z.string().max(LONGEST_FILTER).prefault(''),
  limit: z.int().min(1).max(MOST).prefault(20),
})

export function mountConsole(options: ConsoleOptions): (app: FastifyInstance) => void {
  const gate = new TokenGate(options.token)
  const { operations, log } = options
  return (app) => {
    app.get(PREFIX, async (_request, reply) => reply.redirect('console/', 308))
    app.register(async (page) => servePage(page), { prefix: PREFIX })
    app.register(apiRoutes, { ...options, gate, prefix: `${PREFIX}/api` })
    if (operations === undefined) return
    const authorize = async (header: string | undefined, _scope: string, from: { address: string }) => {
      gate.demand(header, from.address)
      return { name: 'the console' }
    }
    mountCopies({ operations, log, authorize, prefix: `${PREFIX}/api/copy` })(app)
  }
}

type ApiOptions = ConsoleOptions & { readonly gate: TokenGate }

const apiRoutes: FastifyPluginAsync<ApiOptions> = async (app, options) => {
  const { gate, log, about, operations } = options
  const demandToken = async ({ headers, ip }: FastifyRequest) => gate.demand(headers.authorization, ip)
  app.setErrorHandler((error, _request, reply) => sendProblem(reply, error, log))
  app.setNotFoundHandler({ preValidation: demandToken }, async () => {
    throw new VitrineError('noSuchObject', { message: 'there is no such endpoint' })
  })
  // Browsers report refusals as errors of the page: this one is an answer.
  app.get('/session', async ({ headers, ip }): Promise<Session> => {
    try {
      gate.demand(headers.authorization, ip)
    } catch (error) {
      const { safeMessage } = VitrineError.from(error)
      log.warn({ address: ip, reason: safeMessage }, 'nobody was let into the console')
      return { accepted: false, reason: safeMessage }
    }
    return { accepted: true, ...about, targets: operations?.targets ?? [] }
  })
  app.register(async (guarded) => {
    guarded.addHook('onRequest', demandToken)
    guardedRoutes(guarded, options)
  })
}

function guardedRoutes(app: FastifyInstance, options: ApiOptions): void {
  const { sources, log } = options
  app.get('/sources', async () => {
    const { metrics } = await options.counted()
    return { sources: await statusOf(sources, poolsOf(metrics)) }
  })
  app.get('/counters', async () => {
    const { metrics, processes } = await options.counted()
    return countersOf(metrics, processes)
  })
  app.get('/views', async () => options.tree())
  app.post('/search', async (request, reply) => {
    const question = parsed(questionSchema, request.body)
    const gone = new AbortController()
    reply.raw.once('close', () => gone.abort(new VitrineError('canceled')))
    const { ip: address, protocol } = request
    log.info({ address, protocol: question.protocol, view: question.view }, 'a search of the console')
    return options.search(question, { address, secure: protocol === 'https', signal: gone.signal })
  })
}
