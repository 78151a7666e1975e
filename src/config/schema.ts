/**
 * The grammar of the gateway's configuration file, published as a JSON Schema. What a mapping may say stands in
 * `mapping/schema.ts`; what must hold between several parts, in `cross-check.ts`.
 */
import { z } from 'zod'
import { mappingSchema } from '../mapping/schema.js'
import { unionSchema } from '../mapping/union-schema.js'
import { duration } from './duration.js'
import { endpoint } from './endpoint.js'
import { complain, wholeNumber } from './scalar.js'
import { accessSchema, serviceAccountsSchema } from './schema-access.js'
import { scimSchema } from './schema-scim.js'
import { sourcesSchema } from './schema-sources.js'
import { containersSchema, suffixSchema } from './schema-tree.js'
import { size } from './size.js'

const listenSchema = z
  .strictObject({
    ldap: endpoint().optional().describe('Where LDAP is served: host:port, or a port on 127.0.0.1'),
    http: endpoint()
      .optional()
      .describe('Where SCIM, /livez and /readyz are served: host:port, or a port on 127.0.0.1'),
  })
  .describe('What to serve, and where')

const mappingPath = z.string().min(1)

const refreshMethod = z
  .enum(['vds', 'copy'])
  .refine(
    (method) => method === 'vds',
    complain({ message: 'copy mode is not available yet in this version', remedy: 'Write vds.' }),
  )

const viewSchema = z
  .union([
    mappingPath.describe('A mapping file, relative to this file'),
    z.strictObject({
      mapping: z
        .union([mappingPath, mappingSchema, unionSchema])
        .describe('A mapping file, relative to this file, or a mapping'),
      refreshMethod: refreshMethod
        .prefault('vds')
        .describe(
          'vds: every request asks the source. copy: a synchronised copy is served; not available yet',
        ),
    }),
    mappingSchema,
    unionSchema,
  ])
  .describe('A mapping file, a mapping, or either with options')

const limitsSchema = z
  .strictObject({
    size: wholeNumber(0, 2 ** 31 - 1)
      .prefault(0)
      .describe('Entries per search at most; 0: as many as the client asks for'),
    time: duration('zero')
      .prefault('5m')
      .describe('How long a search may take; 0: as long as the client lets it'),
    pageSize: wholeNumber(1, 1_000_000).prefault(1000).describe('Entries per page at most'),
    connections: wholeNumber(1, 1_000_000).prefault(10_000).describe('Connections at a time at most'),
    inFlight: wholeNumber(1, 100_000).prefault(64).describe('Unanswered requests per connection at most'),
    pduBytes: size().prefault('10MiB').describe('Size of one LDAP message at most'),
    pduBytesBeforeBind: size()
      .prefault('256KiB')
      .describe('The same before a client has authenticated; never more than pduBytes'),
    idle: duration('zero').prefault('15m').describe('A silent connection is closed after so long; 0: never'),
    bindFailures: z
      .strictObject({
        perDn: wholeNumber(1, 1_000_000)
          .prefault(10)
          .describe('Failed binds per name within the window at most'),
        perAddress: wholeNumber(1, 1_000_000)
          .prefault(100)
          .describe('Failed binds per client address within the window at most'),
        window: duration().prefault('1m').describe('Over how long failed binds are counted'),
      })
      .prefault({})
      .describe('When binds are refused without looking at the password'),
  })
  .transform((limits) => ({
    ...limits,
    pduBytesBeforeBind: Math.min(limits.pduBytesBeforeBind, limits.pduBytes),
  }))
  .describe('Bounds on what clients may ask')

const cookieSecret = z.string().refine(
  (secret) => secret.length >= 16,
  complain({
    message: 'a secret needs at least 16 characters',
    remedy: 'Make one with: openssl rand -base64 32.',
  }),
)

const logSchema = z
  .strictObject({
    level: z
      .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
      .prefault('info')
      .describe('The least important messages that are logged'),
  })
  .describe('What is logged')

export const gatewaySchema = z
  .strictObject({
    suffix: suffixSchema,
    containers: containersSchema.prefault([]),
    listen: listenSchema.prefault({}),
    sources: sourcesSchema,
    views: z.array(viewSchema).min(1).describe('What is shown: one mapping each'),
    serviceAccounts: serviceAccountsSchema.prefault([]),
    access: accessSchema.prefault([]),
    scim: scimSchema.prefault({}),
    limits: limitsSchema.prefault({}),
    cookieSecret: cookieSecret
      .optional()
      .describe(
        'Signs paging cookies and SCIM tokens: the same on all replicas, so that each continues what another began',
      ),
    log: logSchema.prefault({}),
  })
  .describe('The configuration of a Vitrine gateway')

/** As a program may hand it over: what the file holds, as an object. */
export type GatewayInput = z.input<typeof gatewaySchema>

export type ParsedGateway = z.output<typeof gatewaySchema>
