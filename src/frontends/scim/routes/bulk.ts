/** `/Bulk` (RFC 7644 3.7): each operation as the request that it stands for, with the scopes and the time it would have. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { VitrineError } from '../../../model/errors.js'
import { required } from '../auth/auth.js'
import { BULK_REQUEST, BULK_RESPONSE, BulkJob, type BulkOutcome, type BulkRunner, readBulk } from '../bulk.js'
import { type BulkMethod, type BulkOperation, withoutSlashes } from '../bulk-ids.js'
import { refusalOf, ScimError } from '../errors.js'
import { bypassesOverhead, messageOf } from '../request.js'
import { type Answer, type Call, demandOperation, type ResourceType } from '../resource-type.js'
import { pathOf, type Service } from '../service.js'
import { pathRoutes } from './method.js'
import { bodyOf } from './resources.js'

export function bulkRoutes(app: FastifyInstance, service: Service): void {
  const { maxOperations, maxPayloadSize } = service.settings.bulk
  pathRoutes(app, service, '/Bulk', {
    POST: {
      allow: service.authorized(required(undefined, 'bulk')),
      bodyLimit: maxPayloadSize,
      handle: async (request, reply) => {
        const bulk = readBulk(messageOf(bodyOf(request), BULK_REQUEST), maxOperations)
        const answers = await new BulkJob(bulk, new Runner(service, request, reply)).run()
        return service.sendJson(request, reply, 200, { schemas: [BULK_RESPONSE], Operations: answers })
      },
    },
  })
}

const OPERATIONS = { POST: 'create', PUT: 'update', PATCH: 'update', DELETE: 'delete' } as const

class Runner implements BulkRunner {
  readonly #service: Service
  readonly #request: FastifyRequest
  readonly #reply: FastifyReply
  readonly #base: string
  readonly #trusted: boolean

  constructor(service: Service, request: FastifyRequest, reply: FastifyReply) {
    this.#service = service
    this.#request = request
    this.#reply = reply
    this.#base = service.baseOf(request)
    this.#trusted = bypassesOverhead(request)
  }

  async run({ method, path, version, data }: BulkOperation): Promise<BulkOutcome> {
    const { type, id } = this.#place(path, method)
    const { resource } = type
    this.#service.auth.demand(this.#service.callerOf(this.#request), required(resource.type, 'write'))
    demandOperation(type, OPERATIONS[method])
    const answer = await this.#call(version, (call) => perform(method, type, id, data, call))
    // What is not shown afterwards still has the place where it was.
    return id === undefined ? answer : { id, location: type.locationOf(id, this.#base), ...answer }
  }

  async undo({ path }: BulkOperation, created: BulkOutcome): Promise<void> {
    const { type } = this.#place(path, 'POST')
    const { id } = created
    if (id === undefined) return
    try {
      await this.#call(undefined, (call) => type.remove({ id }, call))
    } catch (error) {
      this.#service.log.error(
        { err: error, id },
        'what a bulk request could not complete could not be taken back',
      )
    }
  }

  refused(error: unknown, { method, path }: BulkOperation): ReturnType<BulkRunner['refused']> {
    if (error instanceof VitrineError && error.code === 'canceled') throw error
    const about = { method, url: pathOf(this.#request), operation: path, address: this.#request.ip }
    const { status, body } = refusalOf(error, this.#service.log, about)
    const location = method === 'POST' ? undefined : this.#locationOf(path)
    return { status, body, ...(location !== undefined && { location }) }
  }

  #call(version: string | undefined, work: (call: Call) => Promise<Answer>): Promise<Answer> {
    const conditions = version === undefined ? {} : { ifMatch: version }
    const rest = { base: this.#base, shown: {}, minimal: true, trusted: this.#trusted, conditions }
    return this.#service.run(this.#request, this.#reply, (ctx) => work({ ...rest, ctx }))
  }

  /** @throws ScimError 404 for a path that is none of a resource type */
  #place(path: string, method: BulkMethod): { type: ResourceType; id?: string } {
    const clean = path.replace(/[?#].*$/s, '')
    const relative = clean.startsWith(this.#base) ? clean.slice(this.#base.length) : clean
    const [endpoint = '', id = '', ...more] = withoutSlashes(relative).split('/')
    const type = this.#service.types.find(({ resource }) => resource.endpoint === `/${endpoint}`)
    if (type === undefined || more.length > 0) throw new ScimError(404, `there is no ${path.slice(0, 200)}`)
    if (method === 'POST') {
      if (id !== '') throw new ScimError(405, 'POST is for collections')
      return { type }
    }
    if (id === '') throw new ScimError(405, `${method} is for single resources`)
    return { type, id: decoded(id) }
  }

  #locationOf(path: string): string | undefined {
    try {
      const { type, id } = this.#place(path, 'PUT')
      return id === undefined || id.startsWith('bulkId:') ? undefined : type.locationOf(id, this.#base)
    } catch {
      return undefined
    }
  }
}

function perform(
  method: BulkMethod,
  type: ResourceType,
  id: string | undefined,
  data: BulkOperation['data'],
  call: Call,
): Promise<Answer> {
  if (method === 'POST') return type.create(data, call)
  const target = { id: id ?? '' }
  if (method === 'DELETE') return type.remove(target, call)
  return method === 'PUT' ? type.replace(target, data, call) : type.patch(target, data, call)
}

/** @throws ScimError 404 for what no id is written like */
function decoded(id: string): string {
  try {
    return decodeURIComponent(id)
  } catch {
    throw new ScimError(404, 'malformed id')
  }
}
