/** The LoginTC User Sync Tool: its configuration file, made into a gateway. */
import { z } from 'zod'
import { ConfigError } from '../config/config-error.js'
import type { AttributeSpec } from '../mapping/schema.js'
import { attributesOf, domainOf, looksLikeActiveDirectory, serverUrl } from './attributes.js'
import { importedFrom } from './directory.js'
import type { Imported, Remark } from './imported.js'
import { parseIni } from './ini.js'
import { checked, type ImportSettings, type Input, leftOver, type Parsed } from './input.js'

const filled = z.string().trim().min(1, 'is empty')
const attribute = filled.regex(/^[A-Za-z][A-Za-z0-9-]*$/, 'is no attribute')

const ldapSchema = z.looseObject({
  host: filled,
  encryption: z
    .string()
    .prefault('none')
    .transform((text) => text.trim().toLowerCase())
    .pipe(z.enum(['', 'none', 'ssl', 'starttls'])),
  bind_dn: z.string().prefault(''),
  bind_password: z.string().prefault(''),
  base_dn: filled,
  attr_username: attribute,
  attr_name: attribute,
  attr_email: attribute,
  filter: z.string().prefault(''),
  attr_alias1: attribute.optional(),
  attr_alias2: attribute.optional(),
  attr_alias3: attribute.optional(),
  attr_phone: attribute.optional(),
  normalize_alias: z.string().prefault(''),
})

type Ldap = z.output<typeof ldapSchema>

const reasons = {
  host: 'its service is not spoken to; the gateway shows the same people over LDAP and SCIM',
  api_key: 'the key of that service',
  domain_id: 'a domain of that service',
  proxy_host: 'for that service',
  proxy_port: 'for that service',
  proxy_user: 'for that service',
  proxy_pass: 'for that service',
} as const

/** The attribute of aliases. */
const ALIAS = 'logintcAlias'
/** What SCIM services are given it as. */
const ALIASES = 'urn:ietf:params:scim:schemas:extension:logintc:2.0:User:aliases'

/** @throws ConfigError */
export function importLogintc({ file, text }: Input, { target }: ImportSettings = {}): Imported {
  const { data, origin } = parseIni(text, file)
  const names = Object.keys(data)
  const section =
    names.find((name) => data[name]?.base_dn !== undefined) ?? names.find((name) => name === 'ldap')
  if (section === undefined)
    throw new ConfigError([
      {
        file,
        path: '',
        message: 'has no section that describes an LDAP directory',
        remedy: 'Give the file with host, base_dn and attr_username in a section.',
      },
    ])
  const parsed = checked(data, origin, z.looseObject({ [section]: ldapSchema }))
  const ldap = ldapSchema.parse(data[section])
  const filter = parsed.filter([section, 'filter'])
  const base = parsed.dn([section, 'base_dn'])
  const remarks = remarksOn(data, section, ldap, target)
  const proxy = target === undefined ? undefined : proxyOf(data, section)
  const usedFilter = filter === undefined ? [] : [filter]
  const isActiveDirectory = looksLikeActiveDirectory([ldap.attr_username, ldap.attr_name, ...usedFilter])
  if (ldap.encryption === 'none' || ldap.encryption === '')
    remarks.push({
      key: 'encryption',
      kind: 'do',
      text: 'passwords go to the directory in clear: write ldaps:// or startTls: true under sources',
    })
  else
    remarks.push({
      key: 'encryption',
      kind: 'do',
      text: "certificates are held against those that Node.js trusts, not Java: give the authority's file under sources.ldap.ca if yours is another",
    })
  if (ldap.bind_dn.trim() !== '' && ldap.bind_password === '')
    parsed.fail([section, 'bind_password'], 'is missing for bind_dn', 'Give it, or remove bind_dn.')
  const aliases = aliasesOf(ldap, parsed, section)
  return importedFrom({
    product: 'LoginTC User Sync Tool',
    suffix: domainOf(base),
    sources: [
      {
        name: 'ldap',
        urls: [serverUrl(ldap.host, ldap.encryption === 'ssl')],
        startTls: ldap.encryption === 'starttls',
        ...(ldap.bind_dn.trim() !== '' && { bindDn: ldap.bind_dn.trim(), password: ldap.bind_password }),
        bases: [base],
      },
    ],
    isActiveDirectory,
    scope: 'sub',
    filters: usedFilter,
    attributes: (view) => ({
      ...attributesOf(
        new Map([
          ['uid', [ldap.attr_username]],
          ['cn', [ldap.attr_name]],
          ['sn', ['sn']],
          ['displayName', [ldap.attr_name]],
          ['mail', [ldap.attr_email]],
          ...(ldap.attr_phone === undefined
            ? []
            : [['telephoneNumber', [ldap.attr_phone]] as [string, string[]]]),
        ]),
        view,
      ),
      ...(aliases.length > 0 && { [ALIAS]: [...aliases] }),
    }),
    rdn: 'uid',
    same: ['uid'],
    objectClass: [
      ...['top', 'person', 'organizationalPerson', 'inetOrgPerson'],
      ...(aliases.length > 0 ? ['logintcUser'] : []),
    ],
    ...(target !== undefined && {
      target: {
        url: target,
        mode: 'add_only' as const,
        maxRemoveLimit: 0,
        ...(ldap.attr_phone !== undefined && { additive: ['telephoneNumber'] }),
        // Aliases that the directory does not tell stay as they are there.
        ...(aliases.length > 0 && { absent: { [ALIAS]: 'keep' as const } }),
      },
      ...(aliases.length > 0 && { scimNames: { [ALIASES]: ALIAS } }),
    }),
    ...(proxy !== undefined && { proxy }),
    remarks,
  })
}

/** The proxy before the service that was written to. */
function proxyOf(
  data: Readonly<Record<string, Readonly<Record<string, string>>>>,
  section: string,
): string | undefined {
  const [other] = Object.entries(data).flatMap(([name, one]) => (name === section ? [] : [one]))
  const {
    proxy_host: host = '',
    proxy_port: port = '',
    proxy_user: user = '',
    proxy_pass: pass = '',
  } = other ?? {}
  if (host.trim() === '') return undefined
  const who = user === '' ? '' : `${encodeURIComponent(user)}:${encodeURIComponent(pass)}@`
  return `http://${who}${host.trim()}${port.trim() === '' ? '' : `:${port.trim()}`}`
}

/** The aliases as values of one attribute, the normalized ones in lower case. */
function aliasesOf(ldap: Ldap, parsed: Parsed<unknown>, section: string): readonly AttributeSpec[] {
  const columns = { alias1: ldap.attr_alias1, alias2: ldap.attr_alias2, alias3: ldap.attr_alias3 }
  const normalized = ldap.normalize_alias
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '')
  for (const name of normalized)
    if (!Object.hasOwn(columns, name))
      parsed.fail([section, 'normalize_alias'], 'names no alias', 'Name alias1, alias2 or alias3.')
  return Object.entries(columns).flatMap(([name, column]): AttributeSpec[] =>
    column === undefined
      ? []
      : [{ column, syntax: 'directoryString', ...(normalized.includes(name) && { case: 'lower' as const }) }],
  )
}

function remarksOn(
  data: Readonly<Record<string, Readonly<Record<string, string>>>>,
  section: string,
  ldap: Ldap,
  target: string | undefined,
): Remark[] {
  const remarks: Remark[] = []
  const proxies = ['proxy_host', 'proxy_port', 'proxy_user', 'proxy_pass']
  for (const [name, properties] of Object.entries(data)) {
    const prefix = `${name}.`
    if (name === section) remarks.push(...leftOver(properties, prefix, Object.keys(ldapSchema.shape), {}))
    else remarks.push(...leftOver(properties, prefix, target === undefined ? [] : proxies, reasons))
  }
  if (ldap.attr_alias1 ?? ldap.attr_alias2 ?? ldap.attr_alias3)
    remarks.push({
      key: 'attr_alias',
      kind: 'differs',
      text: `all aliases are values of ${ALIAS}`,
    })
  if (target !== undefined && (ldap.attr_alias1 ?? ldap.attr_alias2 ?? ldap.attr_alias3))
    remarks.push({
      key: 'attr_alias',
      kind: 'do',
      text: `SCIM has no aliases: they are pushed as ${ALIASES}; write in its place, in people.yaml, what the service calls them in its /Schemas, where they are not, they are not sent`,
    })
  if (target !== undefined)
    remarks.push({
      key: 'the command line',
      kind: 'do',
      text: 'its options are keys of targets: --sync-mode is mode, --max-remove-limit maxRemoveLimit, --default-email defaultEmail, --default-name defaultName, --local-validation strict; give the token of the service in the environment as TARGET_TOKEN',
    })
  if (ldap.normalize_alias.trim() !== '')
    remarks.push({
      key: 'normalize_alias',
      kind: 'differs',
      text: 'these aliases are shown in lower case; nothing else is changed',
    })
  return remarks
}
