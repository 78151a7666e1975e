/**
 * The grammar of the gateway's configuration file, published as a JSON Schema. What a mapping may say stands in
 * `mapping/schema.ts`; what must hold between several parts, in `cross-check.ts`.
 */
import { z } from 'zod'
import { mappingSchema } from '../mapping/schema.js'
import { unionSchema } from '../mapping/union-schema.js'
import { LOG_MODULES } from '../model/log.js'
import { duration } from './duration.js'
import { endpoint } from './endpoint.js'
import { network } from './network.js'
import { complain, flag, wholeNumber } from './scalar.js'
import { accessSchema, serviceAccountsSchema } from './schema-access.js'
import { cacheSchema, viewCacheSchema } from './schema-cache.js'
import { consoleSchema } from './schema-console.js'
import { copySchema, viewCopySchema } from './schema-copy.js'
import { scimSchema } from './schema-scim.js'
import { sourcesSchema } from './schema-sources.js'
import { targetsSchema } from './schema-targets.js'
import { tlsSchema } from './schema-tls.js'
import { containersSchema, suffixSchema } from './schema-tree.js'
import { size } from './size.js'

const listenSchema = z
  .strictObject({
    ldap: endpoint().optional().describe('Where LDAP is served: host:port, or a port on 127.0.0.1'),
    ldaps: endpoint()
      .optional()
      .describe('Where LDAP is served over TLS from the first octet: host:port, or a port on 127.0.0.1'),
    http: endpoint()
      .optional()
      .describe('Where SCIM, /livez and /readyz are served: host:port, or a port on 127.0.0.1'),
    https: endpoint()
      .optional()
      .describe('Where the same is served over TLS: host:port, or a port on 127.0.0.1'),
    ops: endpoint()
      .optional()
      .describe(
        'Where /livez, /readyz, /metrics and the console are served: host:port, or a port on 127.0.0.1',
      ),
    trustedProxies: z
      .array(network)
      .prefault([])
      .describe(
        'Addresses and networks of proxies before HTTP, whose X-Forwarded-For, -Proto and -Host are believed',
      ),
    proxyProtocol: z
      .array(network)
      .prefault([])
      .describe(
        'Addresses and networks of proxies before LDAP, whose connections all begin with a header of the PROXY protocol',
      ),
  })
  .describe('What to serve, and where')

const mappingPath = z.string().min(1)

const viewSchema = z
  .union([
    mappingPath.describe('A mapping file, relative to this file'),
    z
      .strictObject({
        mapping: z
          .union([mappingPath, mappingSchema, unionSchema])
          .describe('A mapping file, relative to this file, or a mapping'),
        refreshMethod: z
          .enum(['vds', 'copy'])
          .prefault('vds')
          .describe('vds: every request asks the source. copy: a synchronised copy is served; see copy'),
        copy: viewCopySchema.optional(),
        cache: viewCacheSchema.optional(),
      })
      .refine(({ copy, refreshMethod }) => copy === undefined || refreshMethod === 'copy', {
        path: ['copy'],
        ...complain({
          message: 'says how a copy is made, and there is none',
          remedy: 'Write refreshMethod: copy, or leave it out.',
        }),
      })
      .refine(({ cache, refreshMethod }) => cache === undefined || refreshMethod === 'vds', {
        path: ['cache'],
        ...complain({
          message: 'a copy is not kept a second time',
          remedy: 'Leave out refreshMethod: copy, or this.',
        }),
      }),
    mappingSchema,
    unionSchema,
  ])
  .describe('A mapping file, a mapping, or either with options')

const saslSchema = z
  .strictObject({
    users: z
      .array(
        z.strictObject({
          view: z.string().min(1).describe('The name of a view whose entries may bind'),
          attribute: z.string().min(1).describe('The attribute that holds user names'),
        }),
      )
      .min(1)
      .optional()
      .describe(
        'Where user names of SASL PLAIN are looked up, in this order; unless given, by what names the entries of views that may bind',
      ),
  })
  .describe('Who binds by SASL, and how')

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
    connectionsPerAddress: wholeNumber(1, 1_000_000)
      .prefault(2500)
      .describe('The same of one client address, or of one IPv6 /64'),
    inFlight: wholeNumber(1, 100_000).prefault(64).describe('Unanswered requests per connection at most'),
    pduBytes: size().prefault('10MiB').describe('Size of one LDAP message at most'),
    pduBytesBeforeBind: size()
      .prefault('256KiB')
      .describe('The same before a client has authenticated; never more than pduBytes'),
    idle: duration('zero').prefault('15m').describe('A silent connection is closed after so long; 0: never'),
    handshake: duration()
      .prefault('30s')
      .describe("How long a proxy's header may take, a TLS handshake, and then the first octet of a request"),
    message: duration().prefault('1m').describe('How long the rest of a message may take to come'),
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
    rate: z
      .strictObject({
        perAddress: wholeNumber(0, 1_000_000)
          .prefault(0)
          .describe('Operations per second of a client address at most; 0: as many as come'),
        perIdentity: wholeNumber(0, 1_000_000)
          .prefault(0)
          .describe('The same of an identity, wherever it asks from'),
      })
      .prefault({})
      .describe('When operations are refused without looking at them'),
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

const level = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])

/** A log of its own: on or off, or the file that it is kept in. */
const ownLog = () => z.union([flag(), z.string().min(1)])

const logSchema = z
  .strictObject({
    level: level.prefault('info').describe('The least important messages that are logged'),
    modules: z
      .partialRecord(z.enum(LOG_MODULES), level)
      .prefault({})
      .describe('The same for parts of the gateway'),
    access: ownLog()
      .prefault(false)
      .describe('Whether each operation is logged: true, or the file that is written to'),
    audit: ownLog()
      .prefault(false)
      .describe('Whether each bind and write is logged: true, or the file that is written to'),
    values: flag()
      .prefault(false)
      .describe('Whether filters are logged with their values, which may be personal data'),
  })
  .describe('What is logged')

const shutdownSchema = z
  .strictObject({
    delay: duration('zero')
      .prefault('0s')
      .describe(
        'How long everything is still served after the gateway was told to stop and is no longer ready',
      ),
    grace: duration().prefault('5s').describe('How long operations in progress may take to end after that'),
  })
  .describe('How the gateway stops')

export const gatewaySchema = z
  .strictObject({
    suffix: suffixSchema,
    containers: containersSchema.prefault([]),
    listen: listenSchema.prefault({}),
    tls: tlsSchema.optional(),
    requireTls: flag()
      .optional()
      .describe(
        'Whether LDAP answers nothing without TLS but StartTLS and the root DSE; unless given, where other machines reach it',
      ),
    sasl: saslSchema.prefault({}),
    sources: sourcesSchema,
    views: z.array(viewSchema).min(1).describe('What is shown: one mapping each'),
    copy: copySchema.prefault({}),
    cache: cacheSchema.prefault({}),
    targets: targetsSchema.prefault([]),
    serviceAccounts: serviceAccountsSchema.prefault([]),
    access: accessSchema.prefault([]),
    scim: scimSchema.prefault({}),
    console: consoleSchema.optional(),
    limits: limitsSchema.prefault({}),
    cookieSecret: cookieSecret
      .optional()
      .describe(
        'Signs paging cookies and SCIM tokens: the same on all replicas, so that each continues what another began',
      ),
    log: logSchema.prefault({}),
    shutdown: shutdownSchema.prefault({}),
    watch: flag()
      .prefault(false)
      .describe('Whether the configuration is read anew when this file changes, or one that it names'),
  })
  .describe('The configuration of a Vitrine gateway')

/** As a program may hand it over: what the file holds, as an object. */
export type GatewayInput = z.input<typeof gatewaySchema>

export type ParsedGateway = z.output<typeof gatewaySchema>
