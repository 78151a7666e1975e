/** Kopano ad-connect: its adc.yaml, made into a gateway. */
import { z } from 'zod'
import { formatFilter, type LdapFilter, parseFilter } from '../ldap/index.js'
import { attributesOf, domainOf, looksLikeActiveDirectory, serverUrl } from './attributes.js'
import { importedFrom } from './directory.js'
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

const ldapSchema = z.looseObject({
  addr: text,
  bind_dn: text.prefault(''),
  bind_password: text.prefault(''),
  base_dn: text,
  scope: z.enum(['base', 'one', 'sub']).prefault('sub'),
  sync: z.looseObject({ page_size: count.optional(), filter: text.prefault('') }).prefault({}),
  authentication: z
    .looseObject({
      username_attribute: text.optional(),
      username_filter_template: text.optional(),
      timeout: count.optional(),
    })
    .prefault({}),
})

const adcSchema = z.looseObject({
  settings: z.record(z.string(), truth).prefault({}),
  backend: z.looseObject({ ldap: ldapSchema }),
})

type Adc = z.output<typeof adcSchema>
type Ldap = z.output<typeof ldapSchema>

/** What each setting is called of a target. */
const settingNames = {
  'no-update': 'noUpdate',
  'no-create': 'noCreate',
  'no-delete': 'noDelete',
  'delete-disables': 'deleteDisables',
  'no-update-provider-mismatch': 'noUpdateProviderMismatch',
  'create-as-disabled': 'createAsDisabled',
} as const

/** People as directories keep them: it does not say which attributes it reads. */
const PEOPLE: readonly string[] = [
  ...['cn', 'sn', 'givenName', 'displayName', 'initials', 'mail', 'telephoneNumber', 'mobile'],
  ...['facsimileTelephoneNumber', 'title', 'l', 'description', 'manager'],
]

/** @throws ConfigError */
export function importAdConnect(input: Input, { target }: ImportSettings = {}): Imported {
  const parsed = parseInput(input, adcSchema)
  const { settings, backend } = parsed.data
  const { ldap } = backend
  const at = ['backend', 'ldap']
  const base = parsed.dn([...at, 'base_dn'])
  const filter = parsed.filter([...at, 'sync', 'filter'])
  const filters = filter === undefined ? [] : [filter]
  const { username_attribute: userName, username_filter_template: template } = ldap.authentication
  const isActiveDirectory = looksLikeActiveDirectory([...filters, userName ?? '', template ?? ''])
  const columns = [...PEOPLE, ...(isActiveDirectory ? ['department', 'company'] : ['o', 'ou'])]
  const shown = new Map([
    ['uid', [isActiveDirectory ? 'sAMAccountName' : 'uid']],
    ...columns.map((name): [string, string[]] => [name, [name]]),
  ])
  if (ldap.bind_dn.trim() !== '' && ldap.bind_password === '')
    parsed.fail([...at, 'bind_password'], 'is missing for bind_dn', 'Give it, or remove bind_dn.')
  const login = loginOf(userName, shown)
  const remarks: Remark[] = [
    ...leftOver(parsed.data, '', Object.keys(adcSchema.shape), {}),
    ...leftOver(backend, 'backend.', ['ldap'], {}),
    ...leftOver(ldap, 'backend.ldap.', Object.keys(ldapSchema.shape), {}),
    ...remarksOnSettings(settings, target),
    ...remarksOn(ldap),
    ...remarksOnTemplate(parsed, at, filter),
  ]
  return importedFrom({
    product: 'Kopano ad-connect',
    suffix: domainOf(base),
    sources: [
      {
        name: 'ldap',
        urls: [serverUrl(ldap.addr, false)],
        ...(ldap.bind_dn.trim() !== '' && { bindDn: ldap.bind_dn.trim(), password: ldap.bind_password }),
        bases: [base],
        ...(ldap.sync.page_size !== undefined && { pageSize: ldap.sync.page_size }),
        ...(ldap.authentication.timeout !== undefined && { timeout: ldap.authentication.timeout }),
      },
    ],
    isActiveDirectory,
    scope: ldap.scope,
    filters,
    attributes: (view) => attributesOf(shown, view),
    rdn: 'uid',
    same: ['uid'],
    ...(isActiveDirectory && { ownClass: 'user' }),
    ...(login !== undefined && login !== 'uid' && { userName: login }),
    ...(target !== undefined && { target: { url: target, ...targetOf(settings) } }),
    remarks,
  })
}

/** Its service mirrors the directory, as far as its settings let it; a dry run does nothing there. */
function targetOf(settings: Adc['settings']) {
  const flags = Object.entries(settingNames).flatMap(([name, own]) =>
    settings[name] === undefined ? [] : [[own, settings[name]] as const],
  )
  const isDry = settings['dry-run'] === true
  return {
    mode: 'delete' as const,
    ...Object.fromEntries(flags),
    ...(isDry && { noCreate: true, noUpdate: true, noDelete: true }),
  }
}

function remarksOnSettings(settings: Adc['settings'], target: string | undefined): readonly Remark[] {
  return Object.entries(settings).flatMap(([name, isSet]): Remark[] => {
    const key = `settings.${name}`
    const own = Object.hasOwn(settingNames, name)
      ? settingNames[name as keyof typeof settingNames]
      : undefined
    if (target === undefined) {
      const what = own === undefined ? '' : ` as ${own}`
      return [
        { key, kind: 'none', text: `about the service that was written to, which --target names${what}` },
      ]
    }
    if (name === 'dry-run') {
      const text =
        'nothing is done there: look at vitrine sync --dry-run, then correct noCreate, noUpdate and noDelete'
      return isSet ? [{ key, kind: 'do', text }] : []
    }
    return own === undefined ? [{ key, kind: 'none', text: 'not known to this importer' }] : []
  })
}

/** The attribute in which user names are looked up, under the name that it is shown by. */
function loginOf(column: string | undefined, shown: Map<string, string[]>): string | undefined {
  if (column === undefined || column.trim() === '') return undefined
  const is = (name: string) => name.toLowerCase() === column.trim().toLowerCase()
  const known = [...shown].find(([, columns]) => columns.some(is))?.[0]
  if (known === undefined) shown.set(column.trim(), [column.trim()])
  return known ?? column.trim()
}

function remarksOn({ addr, bind_dn, authentication }: Ldap): readonly Remark[] {
  const remarks: Remark[] = [
    {
      key: 'backend.ldap',
      kind: 'differs',
      text: 'it does not say which attributes are read: the usual ones of people are shown; correct people.yaml',
    },
  ]
  if (!/^ldaps:/i.test(addr))
    remarks.push({
      key: 'backend.ldap.addr',
      kind: 'do',
      text: 'passwords go to the directory in clear: write ldaps:// or startTls: true under sources',
    })
  if (bind_dn.trim() === '')
    remarks.push({ key: 'backend.ldap.bind_dn', kind: 'differs', text: 'the directory is read anonymously' })
  if (authentication.username_attribute !== undefined)
    remarks.push({
      key: 'backend.ldap.authentication.username_attribute',
      kind: 'differs',
      text: "it is SCIM's userName, and names users of SASL; over LDAP clients search for it, then bind as what they found",
    })
  return remarks
}

/** Whoever is shown may bind, so that a template that selects fewer is told. */
function remarksOnTemplate(
  parsed: Parsed<Adc>,
  at: readonly string[],
  filter: string | undefined,
): readonly Remark[] {
  const path = [...at, 'authentication', 'username_filter_template']
  const template = parsed.data.backend.ldap.authentication.username_filter_template?.trim() ?? ''
  if (template === '') return []
  const whole = parsed.filterOf(path, template.replaceAll('%s', 'x'))
  const selected = new Set(filter === undefined ? [] : conditions(parseFilter(filter)))
  const named = (condition: string) => /^\([^=]+=x\)$/.test(condition)
  const further = conditions(parseFilter(whole)).filter((one) => !selected.has(one) && !named(one))
  if (further.length === 0) return []
  const text = `whoever is shown may bind: who shall not, needs enabled in people.yaml; ${further.join('')} is asked of nobody`
  return [{ key: path.join('.'), kind: 'do', text }]
}

function conditions(filter: LdapFilter): readonly string[] {
  return filter.tag === 'and' ? filter.filters.flatMap(conditions) : [formatFilter(filter)]
}
