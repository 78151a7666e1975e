/** What operators may ask of copies over HTTP: runs, snapshots and problems, for those whose token has the scope. */
import type { FastifyInstance, FastifyPluginAsync, onRequestAsyncHookHandler } from 'fastify'
import { z } from 'zod'
import type { PlanLine } from '../copy/cycle/plan.js'
import type { Job } from '../copy/jobs/jobs.js'
import type { Operations, RunRequest } from '../copy/jobs/operations.js'
import { VitrineError } from '../model/errors.js'
import type { Log } from '../model/log.js'
import { sendProblem } from './problem-details.js'
import { parsed } from './request-body.js'

export interface CopyRoutesOptions {
  readonly operations: Operations
  readonly log: Log
  /** Throws unless the token in the header is good for the scope; what it throws may have a `challenge`. */
  authorize(
    authorization: string | undefined,
    scope: 'copy.read' | 'copy.write',
    from: { readonly address: string; readonly signal: AbortSignal },
  ): Promise<{ readonly name: string }>
  /** Where it is served. */
  readonly prefix?: string
}

/** Of anything that is listed. */
const MOST = 1000
const USUAL = 100

const runSchema = z.strictObject({
  target: z.string().optional(),
  views: z.array(z.string()).min(1).optional(),
  dryRun: z.boolean().optional(),
  full: z.boolean().optional(),
  retry: z.boolean().optional(),
  approve: z.union([z.literal(true), z.string()]).optional(),
})

const limit = z
  .string()
  .regex(/^\d{1,9}$/, 'is no number')
  .transform((text) => Math.min(Number(text), MOST))
  .prefault(String(USUAL))

export function mountCopies(options: CopyRoutesOptions): (app: FastifyInstance) => void {
  const { prefix = '/copy' } = options
  return (app) => {
    app.register(copyRoutes, { ...options, prefix })
  }
}

const copyRoutes: FastifyPluginAsync<CopyRoutesOptions> = async (app, options) => {
  app.setErrorHandler((error, _request, reply) => sendProblem(reply, error, options.log))
  app.setNotFoundHandler({ preValidation: authorized(options, 'copy.read') }, async () => {
    throw new VitrineError('noSuchObject', { message: 'there is no such endpoint' })
  })
  jobRoutes(app, options)
  snapshotRoutes(app, options)
  problemRoutes(app, options)
}

function jobRoutes(app: FastifyInstance, options: CopyRoutesOptions): void {
  const { operations } = options
  app.get('/jobs', { onRequest: authorized(options, 'copy.read') }, async (request) => {
    const { after, limit: most } = parsed(z.object({ limit, after: z.string().optional() }), request.query)
    return { jobs: await operations.jobs({ limit: most, ...(after !== undefined && { after }) }) }
  })
  app.get<{ Params: { id: string } }>(
    '/jobs/:id',
    { onRequest: authorized(options, 'copy.read') },
    async ({ params }) => {
      const job = await operations.job(params.id)
      if (job === undefined) throw missing('there is no such job')
      return job
    },
  )
  app.post('/jobs', { onRequest: authorized(options, 'copy.write') }, async (request, reply) => {
    const { target = operations.targets[0] ?? '', ...wanted } = parsed(runSchema, request.body ?? {})
    if (!operations.targets.includes(target))
      throw wrong(`there is no target ${target}; there are ${operations.targets.join(', ')}`)
    const sync: RunRequest = defined(wanted)
    if (wanted.dryRun === true) return rehearsed(operations, target, sync)
    const job = await started(operations, target, sync)
    return reply
      .code(202)
      .header('location', `${app.prefix}/jobs/${encodeURIComponent(job.id)}`)
      .send(job)
  })
}

/** What would become of entries, once that is known. */
async function rehearsed(operations: Operations, target: string, sync: RunRequest): Promise<object> {
  const changes: PlanLine[] = []
  let count = 0
  const job = await operations.run(target, sync, {
    onLine: (line) => {
      if (count++ < MOST) changes.push(line)
    },
  })
  return { job, changes, more: count > MOST }
}

/** The job as it begins, or has already ended. */
function started(operations: Operations, target: string, sync: RunRequest): Promise<Job> {
  return new Promise((resolve, reject) => {
    operations.run(target, sync, { onStart: resolve }).then(resolve, reject)
  })
}

function snapshotRoutes(app: FastifyInstance, options: CopyRoutesOptions): void {
  const { operations } = options
  app.get('/snapshots', { onRequest: authorized(options, 'copy.read') }, async () => ({
    snapshots: await operations.snapshots(),
  }))
  app.get<{ Params: { from: string; to: string } }>(
    '/snapshots/:from/diff/:to',
    { onRequest: authorized(options, 'copy.read') },
    async ({ params, query }) => {
      const { limit: most, view } = parsed(z.object({ limit, view: z.string().optional() }), query)
      const differences = operations.diff(numberOf(params.from), numberOf(params.to), view)
      const { some, isMore } = await first(differences, most)
      return { changes: some, more: isMore }
    },
  )
  app.post<{ Params: { number: string } }>(
    '/snapshots/:number/rollback',
    { onRequest: authorized(options, 'copy.write') },
    ({ params }) => operations.rollback(numberOf(params.number)),
  )
}

function problemRoutes(app: FastifyInstance, options: CopyRoutesOptions): void {
  const { operations } = options
  app.get('/problems', { onRequest: authorized(options, 'copy.read') }, async (request) => {
    const query = parsed(z.object({ limit, target: z.string().optional() }), request.query)
    const { target = operations.targets[0] ?? '' } = query
    if (!operations.targets.includes(target)) throw missing(`there is no target ${target}`)
    const { some, isMore } = await first(operations.problems(target), query.limit)
    return { problems: some, more: isMore }
  })
}

/** Nothing of a request is read, and nothing answered, before its token has been looked at. */
function authorized(
  { authorize, log }: CopyRoutesOptions,
  scope: 'copy.read' | 'copy.write',
): onRequestAsyncHookHandler {
  return async (request, reply) => {
    const gone = new AbortController()
    reply.raw.once('close', () => gone.abort())
    reply.header('cache-control', 'no-store')
    const from = { address: request.ip, signal: gone.signal }
    const { name } = await authorize(request.headers.authorization, scope, from)
    if (scope === 'copy.write')
      log.info({ by: name, address: request.ip }, `${request.method} ${request.url}`)
  }
}

/** As many as are wanted, and whether there are more. */
async function first<T>(all: AsyncIterable<T>, most: number): Promise<{ some: T[]; isMore: boolean }> {
  const some: T[] = []
  for await (const one of all) {
    if (some.length === most) return { some, isMore: true }
    some.push(one)
  }
  return { some, isMore: false }
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Defined<T>
}

function numberOf(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw missing('there is no such snapshot')
  return Number(text)
}

function missing(message: string): VitrineError {
  return new VitrineError('noSuchObject', { message })
}

function wrong(message: string): VitrineError {
  return new VitrineError('constraintViolation', { message })
}
