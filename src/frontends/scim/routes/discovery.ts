/** What the service says of itself (RFC 7644 4), and its description in OpenAPI. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Resource } from '../../../model/resource.js'
import type { JsonObject } from '../../../scim/json.js'
import {
  resourceType,
  resourceTypes,
  type ServiceSettings,
  schema,
  schemas,
  serviceProviderConfig,
} from '../discovery.js'
import { ScimError } from '../errors.js'
import { openApiDocument } from '../openapi.js'
import { queryOfUrl } from '../request.js'
import type { Service } from '../service.js'
import { withUniqueness } from '../uniqueness.js'
import { pathRoutes, withSlash } from './method.js'

export function discoveryRoutes(app: FastifyInstance, service: Service): void {
  const { resources } = service
  const settingsFor = (request: FastifyRequest): ServiceSettings => {
    const { profile, defaultCount, maxCount, bulk } = service.settings
    const base = service.baseOf(request)
    const tokenUrl = service.tokenUrl(base)
    return {
      base,
      profile,
      pageSize: defaultCount,
      maxResults: maxCount,
      bulk,
      ...(tokenUrl !== undefined && { tokenUrl }),
    }
  }
  const { directory } = service
  /** As they are now: tables may change, and while a source is away they are as the mapping has them. */
  const described = (): Promise<readonly Resource[]> =>
    Promise.all(
      service.types.map(async ({ view, resource }) => {
        const unique = await directory.uniqueAttributes(view.name).catch(() => undefined)
        return unique === undefined ? resource : withUniqueness(resource, unique)
      }),
    )
  type Told = JsonObject | undefined | Promise<JsonObject | undefined>
  const get = (jsonFor: (request: FastifyRequest, settings: ServiceSettings) => Told) => ({
    GET: {
      allow: service.discoverable(),
      handle: async (request: FastifyRequest, reply: FastifyReply) => {
        if (queryOfUrl(request).filter !== undefined) {
          throw new ScimError(403, 'filters are not taken here')
        }
        const json = await jsonFor(request, settingsFor(request))
        if (json === undefined) throw new ScimError(404, 'there is nothing by this name')
        return service.sendJson(request, reply, 200, json)
      },
    },
  })
  const config = get((_request, settings) => serviceProviderConfig(resources, settings))
  pathRoutes(app, service, '/ServiceProviderConfig', config)
  for (const alias of service.dialect.configurationAliases) pathRoutes(app, service, alias, config)
  const allTypes = get((_request, { base }) => resourceTypes(resources, base))
  const allSchemas = get(async (_request, settings) => schemas(await described(), settings))
  for (const url of withSlash(app, '/ResourceTypes')) pathRoutes(app, service, url, allTypes)
  for (const url of withSlash(app, '/Schemas')) pathRoutes(app, service, url, allSchemas)
  pathRoutes(
    app,
    service,
    '/ResourceTypes/*',
    get((request, { base }) => resourceType(resources, nameOf(request), base)),
  )
  pathRoutes(
    app,
    service,
    '/Schemas/*',
    get(async (request, settings) => schema(await described(), nameOf(request), settings)),
  )
  pathRoutes(
    app,
    service,
    '/openapi.json',
    get((_request, settings) =>
      openApiDocument(resources, {
        ...settings,
        version: service.version,
        scopeName: (scope) => service.auth.scopeName(scope),
      }),
    ),
  )
}

function nameOf(request: FastifyRequest): string {
  return (request.params as { readonly '*': string })['*']
}
