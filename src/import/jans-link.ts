/** Janssen Link and Gluu's Cache Refresh: their JSON, made into a gateway. */

import { z } from 'zod'
import type { GatewayInput } from '../config/schema.js'
import { Elsewhere } from '../config/written.js'
import {
  attributesOf,
  isAttributeName,
  isOwn,
  looksLikeActiveDirectory,
  plainName,
  serverUrl,
} from './attributes.js'
import { type DirectorySource, importedFrom } from './directory.js'
import type { Imported, Remark } from './imported.js'
import {
  count,
  type ImportSettings,
  type Input,
  leftOver,
  type Parsed,
  parseInput,
  text,
  truth,
} from './input.js'
import { decrypted, looksEncrypted } from './jans-secret.js'

const texts = z.array(text).prefault([])

const connectionSchema = z.looseObject({
  configId: text.optional(),
  bindDN: text.optional(),
  bindPassword: text.optional(),
  servers: texts,
  maxConnections: count.optional(),
  useSSL: truth.prefault(false),
  baseDNs: texts,
  useAnonymousBind: truth.prefault(false),
  enabled: truth.prefault(true),
})

const linkSchema = z.looseObject({
  sourceConfigs: z.array(connectionSchema).prefault([]),
  ldapSearchSizeLimit: count.optional(),
  keyAttributes: texts,
  keyObjectClasses: texts,
  sourceAttributes: texts,
  customLdapFilter: text.optional(),
  updateMethod: text.optional(),
  keepExternalPerson: truth.optional(),
  attributeMapping: z.array(z.looseObject({ source: text, destination: text })).prefault([]),
  snapshotMaxCount: count.optional(),
  snapshotFolder: text.optional(),
  baseDN: text.optional(),
  personCustomObjectClass: text.optional(),
  linkEnabled: truth.optional(),
  pollingInterval: text.optional(),
})

type Link = z.output<typeof linkSchema>
type Connection = z.output<typeof connectionSchema>

const reasons = {
  inumConfig: 'ids are kept with the copy, and come back with whoever comes back',
  defaultInumServer: 'ids are kept with the copy',
  targetConfig: 'there is no cache to be told: what is read is served by the gateway itself',
  useSearchLimit: 'searches are always read page by page, to the end',
  personObjectClassTypes: 'object classes are those of the mapping, ldap.objectClass',
  contactObjectClassTypes: 'object classes are those of the mapping, ldap.objectClass',
  allowPersonModification: 'it did nothing; what clients may write, writable and access say',
  supportedUserStatus: 'it did nothing; who may bind, enabled of the mapping says',
  serverIpAddress: 'every replica serves; which one copies, a lease in the store decides',
  lastUpdate: 'a state, not a setting',
  lastUpdateCount: 'a state, not a setting',
  problemCount: 'a state, not a setting',
  loggingLevel: 'log.level says what is logged',
  loggingLayout: 'the log is lines of JSON',
  externalLoggerConfiguration: 'the log is lines of JSON on standard error',
  disableExternalLoggerConfiguration: 'the log is lines of JSON on standard error',
  disableJdkLogger: 'there is no such log',
  metricReporterInterval: 'there are no such reports',
  metricReporterKeepDataDays: 'there are no such reports',
  metricReporterEnabled: 'there are no such reports',
  cleanServiceInterval: 'what is too old is removed with each copy',
  useLocalCache: 'there is no such cache',
} as const

const sourceReasons = {
  version: 'a state, not a setting',
  level: 'it did nothing',
  primaryKey: 'it did nothing',
  localPrimaryKey: 'it did nothing',
} as const

/** @throws ConfigError */
export function importJansLink(input: Input, { salt, target }: ImportSettings = {}): Imported {
  const parsed = parseInput(input, linkSchema)
  const link = parsed.data
  const remarks: Remark[] = [...leftOver(link, '', Object.keys(linkSchema.shape), reasons)]
  const { keys, keyFilters } = keysOf(parsed)
  const custom = parsed.filter(['customLdapFilter'])
  const filters = [
    ...link.keyObjectClasses.map((name, i) =>
      parsed.filterOf(['keyObjectClasses', i], `(objectClass=${name.trim()})`),
    ),
    ...keyFilters,
    ...(custom === undefined ? [] : [custom]),
  ]
  const shown = shownBy(link, keys, remarks)
  const [firstKey = 'uid'] = keys
  const destinationOf = (source: string) =>
    [...shown].find(([, columns]) => columns.some((column) => same(column, source)))?.[0]
  const rdn = shown.has('uid') ? 'uid' : destinationOf(firstKey)
  if (rdn === undefined)
    return parsed.fail(
      ['keyAttributes'],
      'names no attribute',
      'Name the attribute that identifies people, e.g. uid.',
    )
  remarkOn(link, remarks)
  const identifying = keys.flatMap((key) => destinationOf(key) ?? [])
  const columns = [...shown].flatMap(([, list]) => list)
  const own = [...shown.keys()].some(isOwn)
  return importedFrom({
    product: 'Janssen Link',
    suffix: link.baseDN === undefined ? 'o=people' : parsed.dn(['baseDN']),
    sources: sourcesOf(parsed, salt, remarks),
    isActiveDirectory: looksLikeActiveDirectory([...columns, ...filters]),
    scope: 'sub',
    filters,
    attributes: (view) => attributesOf(shown, view),
    rdn,
    same: identifying,
    objectClass: [
      ...['top', 'person', 'organizationalPerson', 'inetOrgPerson'],
      ...(own ? [link.personCustomObjectClass ?? 'jansCustomPerson'] : []),
    ],
    ...(rdn !== 'uid' && { userName: rdn }),
    ...(target !== undefined && { target: { url: target } }),
    ...(isCopy(parsed) && { copy: copyOf(parsed, identifying) }),
    ...(identifying.length > 1 && { keyAttributes: identifying }),
    remarks,
  })
}

/** Attributes that identify a person; `attr=value` among them selects as well. */
function keysOf(parsed: Parsed<Link>): { readonly keys: readonly string[]; readonly keyFilters: string[] } {
  const keys: string[] = []
  const keyFilters: string[] = []
  for (const [i, written] of parsed.data.keyAttributes.entries()) {
    const [name = '', ...value] = written.split('=')
    if (!isAttributeName(name.trim()))
      parsed.fail(['keyAttributes', i], 'is no attribute', 'Name an attribute, e.g. uid.')
    keys.push(name.trim())
    if (value.length === 0) continue
    const filter = parsed.filterOf(['keyAttributes', i], `(${name.trim()}=${value.join('=').trim()})`)
    keyFilters.push(filter)
  }
  return { keys, keyFilters }
}

/** What is mapped, and what is not under its own name, as it was there. */
function shownBy(
  link: Link,
  keys: readonly string[],
  remarks: Remark[],
): ReadonlyMap<string, readonly string[]> {
  const shown = new Map<string, string[]>()
  const unfit = (name: string) => {
    if (/^(?:dn|objectClass|userPassword|inum|entryUUID)$/i.test(name)) {
      const text = /userPassword/i.test(name)
        ? 'passwords are checked by the directory itself, and not copied'
        : 'made by the gateway'
      remarks.push({ key: `attribute ${name}`, kind: 'differs', text })
      return true
    }
    if (isAttributeName(name)) return false
    remarks.push({ key: `attribute ${name}`, kind: 'none', text: 'no name that an attribute can have' })
    return true
  }
  const show = (destination: string, source: string) => {
    if (unfit(destination) || unfit(source)) return
    const known = [...shown].find(([name]) => same(name, destination))?.[1]
    if (known === undefined) shown.set(destination, [source])
    else if (!known.some((one) => same(one, source))) known.push(source)
  }
  for (const { source, destination } of link.attributeMapping) show(destination.trim(), source.trim())
  const mapped = new Set([...shown.values()].flat().map((name) => name.toLowerCase()))
  for (const name of [...keys, ...link.sourceAttributes.map((attribute) => attribute.trim())]) {
    if (mapped.has(name.toLowerCase())) continue
    mapped.add(name.toLowerCase())
    show(name, name)
  }
  return shown
}

function sourcesOf(
  parsed: Parsed<Link>,
  salt: string | undefined,
  remarks: Remark[],
): readonly DirectorySource[] {
  const all = parsed.data.sourceConfigs
  const sources: DirectorySource[] = []
  for (const [i, connection] of all.entries()) {
    const prefix = `sourceConfigs[${i}]`
    remarks.push(...leftOver(connection, `${prefix}.`, Object.keys(connectionSchema.shape), sourceReasons))
    if (!connection.enabled) {
      remarks.push({ key: prefix, kind: 'none', text: 'left out, since it is not enabled' })
      continue
    }
    const wanted = plainName(connection.configId ?? '', `source${i + 1}`)
    const name = sources.some((one) => one.name === wanted) ? `${wanted}-${i + 1}` : wanted
    sources.push(sourceOf(parsed, i, name, connection, salt, remarks))
  }
  if (sources.length > 0) return sources
  remarks.push({
    key: 'sourceConfigs',
    kind: 'do',
    text: 'no source is enabled: give SOURCE_URL, SOURCE_BIND_DN, SOURCE_PASSWORD and SOURCE_BASE in the environment',
  })
  return [
    {
      name: 'source',
      urls: [new Elsewhere('SOURCE_URL')],
      bindDn: new Elsewhere('SOURCE_BIND_DN'),
      password: new Elsewhere('SOURCE_PASSWORD'),
      bases: [new Elsewhere('SOURCE_BASE')],
    },
  ]
}

function sourceOf(
  parsed: Parsed<Link>,
  index: number,
  name: string,
  connection: Connection,
  salt: string | undefined,
  remarks: Remark[],
): DirectorySource {
  const path = ['sourceConfigs', index]
  const { servers, baseDNs, bindDN = '', bindPassword = '', useSSL, useAnonymousBind } = connection
  const { maxConnections } = connection
  if (servers.length === 0)
    parsed.fail([...path, 'servers'], 'names no server', 'Name one, e.g. ldap.example.com:636.')
  if (baseDNs.length === 0)
    parsed.fail(
      [...path, 'baseDNs'],
      'names no base',
      'Name where people are, e.g. ou=people,dc=example,dc=com.',
    )
  if (useSSL)
    remarks.push({
      key: `sourceConfigs[${index}].useSSL`,
      kind: 'do',
      text: `certificates are held against those that Node.js trusts: give the authority's file under sources.${name}.ca if yours is another`,
    })
  const isBound = !useAnonymousBind && bindDN !== ''
  return {
    name,
    urls: servers.map((server) => serverUrl(server, useSSL)),
    ...(isBound && { bindDn: bindDN, password: passwordOf(name, index, bindPassword, salt, remarks) }),
    bases: baseDNs.map((_, i) => parsed.dn([...path, 'baseDNs', i])),
    ...(maxConnections !== undefined && maxConnections > 0 && { connections: maxConnections }),
  }
}

function passwordOf(
  name: string,
  index: number,
  written: string,
  salt: string | undefined,
  remarks: Remark[],
): string | Elsewhere {
  if (written !== '' && !looksEncrypted(written)) return written
  const plain = salt === undefined ? undefined : decrypted(written, salt)
  if (plain !== undefined && plain !== '') return plain
  const variable = `${name.toUpperCase().replaceAll('-', '_')}_PASSWORD`
  const why = salt === undefined ? 'it is encrypted there' : 'the salt does not open it'
  remarks.push({
    key: `sourceConfigs[${index}].bindPassword`,
    kind: 'do',
    text: `${why}: give it in the environment as ${variable}, or import again with --salt and the file that holds it, e.g. /etc/jans/conf/salt`,
  })
  return new Elsewhere(variable)
}

function isCopy({ data }: Parsed<Link>): boolean {
  return data.updateMethod?.trim().toLowerCase() !== 'vds'
}

/** The interval is in minutes, as its users are told. */
function copyOf(parsed: Parsed<Link>, identifying: readonly string[]): NonNullable<GatewayInput['copy']> {
  const { snapshotFolder = '', snapshotMaxCount = 0, pollingInterval = '', keepExternalPerson } = parsed.data
  const minutes = Number(pollingInterval)
  if (pollingInterval.trim() !== '' && !(minutes > 0 && minutes <= 34_000))
    parsed.fail(['pollingInterval'], 'is no number of minutes', 'Correct it, or remove it.')
  return {
    ...(snapshotFolder.trim() !== '' && { snapshotFolder: snapshotFolder.trim() }),
    ...(snapshotMaxCount > 0 && { snapshotMaxCount: Math.min(snapshotMaxCount, 10_000) }),
    ...(minutes > 0 && { pollingInterval: `${minutes}m` }),
    ...(keepExternalPerson === true && { keepExternalPerson }),
    // One of several says nothing by itself.
    ...(identifying.length <= 1 && { correlate: [...identifying] }),
  }
}

/** What is carried over, but not as it was. */
function remarkOn(link: Link, remarks: Remark[]): void {
  const differs = (key: string, text: string) => remarks.push({ key, kind: 'differs', text })
  if (link.linkEnabled === false) differs('linkEnabled', 'what is here is served as soon as it is started')
  if (link.updateMethod?.trim().toLowerCase() === 'vds')
    differs('updateMethod', 'every request asks the source; nothing is polled, nor anybody told')
  else {
    differs(
      'updateMethod',
      'copied, but more removals at a time than copy.maxRemoveLimit are held until somebody approves them',
    )
    if (link.snapshotFolder?.trim())
      differs(
        'snapshotFolder',
        'holds the store as an SQLite file; the gateway has to be able to write there',
      )
  }
  if (link.keepExternalPerson === false)
    differs('keepExternalPerson', 'entries that others keep are never removed')
  if (link.ldapSearchSizeLimit !== undefined)
    differs('ldapSearchSizeLimit', 'the size of pages; the directory is read to its end, whatever it is')
  if (link.keyAttributes.length > 0)
    differs(
      'keyAttributes',
      'people who are twice are shown once, from the place that comes first, instead of not at all',
    )
  if (link.sourceAttributes.length > 0)
    differs(
      'sourceAttributes',
      'what is not mapped is shown under its own name, as there; take out what nobody needs',
    )
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}
